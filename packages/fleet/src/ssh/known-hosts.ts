/** Files of known hosts: what they say of a host, and one that is kept here. */
import { createHash, randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { runFed } from './run-ssh.ts'
import { explainMissing } from './ssh-error.ts'

export type HostKey = {
  /** As the client names it: `ED25519`, `ECDSA`, `RSA`. */
  type: string
  /** As the client prints it: `SHA256:…`. */
  fingerprint: string
  /** Algorithm and key, as they stand in a file. */
  words: string
}

export type KnownHostKey = HostKey & {
  file: string
  /** Counted from 1. */
  line: number
  /** `authority`: signs keys of hosts. `revoked`: must never be accepted. */
  mark: 'authority' | 'revoked' | null
}

/** Reads a key as it stands in a file: its algorithm, then the key in base64. */
export function parseHostKey(algorithm: string, key: string): HostKey {
  const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')
  return { type: nameType(algorithm), fingerprint: `SHA256:${digest}`, words: `${algorithm} ${key}` }
}

/**
 * What a file says of a host; names in it may be hashed or patterns. Nothing when there is no such file.
 * @param lookup the name as the client looks it up: `host`, `[host]:port`, an alias
 */
export async function findKnownKeys(file: string, lookup: string): Promise<KnownHostKey[]> {
  const run = await runFed('ssh-keygen', ['-F', lookup, '-f', file], {
    input: '',
    timeoutMs: 10_000,
    stdoutBytesMax: 1024 * 1024,
  }).catch((cause: unknown) => {
    throw explainMissing(cause)
  })
  const found: KnownHostKey[] = []
  let line = 0
  for (const text of run.stdout.toString().split('\n')) {
    line = Number(/^# Host .* found: line (\d+)/.exec(text)?.[1] ?? line)
    const [, mark, algorithm, key] = /^(?:@(\S+)\s+)?[^#@\s]\S*\s+(\S+)\s+([A-Za-z0-9+/=]+)/.exec(text) ?? []
    if (algorithm === undefined || key === undefined) continue
    found.push({ ...parseHostKey(algorithm, key), file, line, mark: readMark(mark) })
  }
  return found
}

/** Adds a key for a name that the client looks up; the file is made for this user alone. */
export async function addKnownKey(file: string, lookup: string, { words }: HostKey): Promise<void> {
  const text = await readOrNothing(file)
  await replaceFile(file, `${text === '' || text.endsWith('\n') ? text : `${text}\n`}${lookup} ${words}\n`)
}

/** Takes keys of a host out again: those with this fingerprint, in the lines that `findKnownKeys` finds. */
export async function removeKnownKey(file: string, lookup: string, fingerprint: string): Promise<boolean> {
  const found = await findKnownKeys(file, lookup)
  const gone = new Set(found.filter((one) => one.fingerprint === fingerprint).map(({ line }) => line))
  if (gone.size === 0) return false
  const lines = (await readOrNothing(file)).split('\n')
  await replaceFile(file, lines.filter((_, at) => !gone.has(at + 1)).join('\n'))
  return true
}

function nameType(algorithm: string): string {
  if (algorithm.startsWith('ecdsa-')) return 'ECDSA'
  return algorithm.replace(/^ssh-/, '').toUpperCase()
}

function readMark(mark: string | undefined): KnownHostKey['mark'] {
  return mark === 'cert-authority' ? 'authority' : mark === 'revoked' ? 'revoked' : null
}

async function readOrNothing(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}

/** Whole or not at all: clients read it meanwhile. */
async function replaceFile(file: string, text: string): Promise<void> {
  const next = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(next, text, { mode: 0o600 })
  await rename(next, file)
}
