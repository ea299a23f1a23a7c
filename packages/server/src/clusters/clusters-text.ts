/**
 * `clusters.yaml` as the text that somebody edits. It is replaced whole: what is new is put on disk aside and renamed, behind
 * symbolic links where they lead, with mode and owner as they were. What it replaces is kept, the last one only.
 */
import { createHash, randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  type ClustersText,
  type ClustersTextChange,
  type ClustersTextCheck,
  limits,
  PilothouseError,
} from '@pilothouse/contract'
import { syncFolder } from '../storage/sync-folder.ts'
import { isDiskFull } from '../storage/wire-error.ts'
import { readClusters } from './read-clusters.ts'

export type TextPlaces = {
  path: string
  /** Where the text is kept that was replaced last. */
  beforePath: string
}

/** The file behind `path`, as it is now. */
type Found = Pick<ClustersText, 'text' | 'revision' | 'obstacle'> & { target: string; stats: Stats | null }

const bytesMax = limits.clustersFileBytesMax

/** The file as it is now, with what can be told of it. Never throws for what is wrong with it. */
export async function readClustersText({ path, beforePath }: TextPlaces): Promise<ClustersText> {
  const { text, revision, obstacle } = await look(path)
  const check = text === null ? { faults: [], names: [] } : checkClustersText(text)
  return { path, text, revision, obstacle, ...check, before: await readBefore(beforePath) }
}

/** What is wrong in a text, with lines; nothing is asked of any cluster. */
export function checkClustersText(text: string): ClustersTextCheck {
  const bytes = Buffer.byteLength(text)
  if (bytes > bytesMax) return { names: [], faults: [{ line: 1, column: 1, message: explainTooLarge(bytes) }] }
  const { clusters, hosts, faults } = readClusters(text)
  return { faults, names: [...clusters, ...hosts].map(({ name }) => name) }
}

/**
 * Puts `text` in the place of the file. Calls must follow one another.
 * @throws PilothouseError `invalid` or `tooLarge` for the text; `conflict` when the file is another than was seen, or cannot be
 *   changed from here; `diskFull`
 */
export async function writeClustersText(places: TextPlaces, { text, seen }: ClustersTextChange): Promise<void> {
  refuseFaults(text)
  const found = await look(places.path)
  refuseOther(found, seen)
  if (found.text === text) return
  const draft = nameAside(found.target)
  try {
    await putAside(draft, text, found.stats)
    if (found.text !== null) await keepBefore(places.beforePath, found.text)
    // Others write it without asking us: what is replaced is what was seen, but for the last moment.
    refuseOther(await look(places.path), seen)
    await rename(draft, found.target)
    await syncFolder(dirname(found.target))
  } catch (error) {
    await rm(draft, { force: true })
    throw explainUnwritten(error, found.target)
  }
}

function refuseFaults(text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes > bytesMax) throw new PilothouseError('tooLarge', explainTooLarge(bytes))
  const [first, ...others] = checkClustersText(text).faults
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` There is more: ${others.length + 1} mistakes.`
  throw new PilothouseError('invalid', `Line ${first.line}, column ${first.column}: ${first.message}${more}`, {
    field: 'text',
    hint: 'Nothing was written. Correct the text and save it again.',
  })
}

function refuseOther({ obstacle, revision }: Found, seen: string | null): void {
  if (obstacle !== null)
    throw new PilothouseError('conflict', obstacle, { hint: 'Nothing was written. Change the file on its machine.' })
  if (revision === seen) return
  const what = revision === null ? 'is not there any more' : seen === null ? 'is there by now' : 'has been changed'
  throw new PilothouseError('conflict', `clusters.yaml ${what} since it was read.`, {
    hint: 'Nothing was written. Read it again, and decide which text is to stay.',
  })
}

async function look(path: string): Promise<Found> {
  let target = path
  try {
    target = await followLinks(path)
    const stats = await stat(target)
    return { target, stats, ...(await readText(target, stats)) }
  } catch (error) {
    const none = { target, stats: null, text: null, revision: null }
    if (codeOf(error) !== 'ENOENT')
      return { ...none, obstacle: `The file cannot be read (${codeOf(error)}) by the user that the server runs as.` }
    return { ...none, obstacle: await findObstacle(target, null) }
  }
}

async function readText(target: string, stats: Stats): Promise<Pick<Found, 'text' | 'revision' | 'obstacle'>> {
  const none = { text: null, revision: null }
  if (!stats.isFile()) return { ...none, obstacle: `${target} is not a file.` }
  if (stats.size > bytesMax) return { ...none, obstacle: explainTooLarge(stats.size) }
  const bytes = await readFile(target)
  const revision = createHash('sha256').update(bytes).digest('hex')
  const text = decode(bytes)
  if (text !== undefined) return { text, revision, obstacle: await findObstacle(target, stats) }
  const obstacle = `Line ${findForeignLine(bytes)} is not UTF-8, so the file cannot be shown as it is: convert it first, as by iconv.`
  return { text: null, revision, obstacle }
}

/** With its byte order mark, if there is one: what was not touched stays. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // what it throws says no more than that
  }
}

function findForeignLine(bytes: Buffer): number {
  let line = 1
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf('\n', from)
    const next = end < 0 ? bytes.length : end + 1
    if (decode(bytes.subarray(from, next)) === undefined) return line
    from = next
  }
  return line
}

/** Where links lead, also when nothing is there yet. @throws as `realpath` does, but for what is missing at the end */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    const next = await readlink(path).catch(() => undefined) // no link: it is missing itself
    return next === undefined ? path : followLinks(resolve(dirname(path), next))
  }
}

/** What keeps a file from being replaced; rights that root has anyway count by the mode of the file. */
async function findObstacle(target: string, stats: Stats | null): Promise<string | null> {
  const folder = dirname(target)
  if (stats !== null && ((stats.mode & 0o222) === 0 || !(await mayWrite(target))))
    return 'The file is read-only: the user that the server runs as may not write it.'
  if (await mayWrite(folder)) return null
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  if (!isThere) return `The folder ${folder} is not there: make it first.`
  return `The folder ${folder} is read-only: the user that the server runs as must be able to write there, to replace the file at once.`
}

function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  )
}

async function putAside(draft: string, text: string, like: Stats | null): Promise<void> {
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    if (like !== null) {
      const { uid, gid } = await file.stat()
      if (uid !== like.uid || gid !== like.gid) await file.chown(like.uid, like.gid)
      await file.chmod(like.mode & 0o7777)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

async function keepBefore(path: string, text: string): Promise<void> {
  const draft = nameAside(path)
  try {
    await putAside(draft, text, null)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function readBefore(path: string): Promise<ClustersText['before']> {
  try {
    const { mtimeMs } = await stat(path)
    return { text: await readFile(path, 'utf8'), at: Math.round(mtimeMs) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

function nameAside(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`
}

function explainTooLarge(bytes: number): string {
  return `The file has ${bytes} bytes; more than ${bytesMax} are not read.`
}

function explainUnwritten(error: unknown, target: string): unknown {
  if (error instanceof PilothouseError) return error
  if (isDiskFull(error))
    return new PilothouseError('diskFull', 'There is no space left to write clusters.yaml; it is as it was.', {
      hint: 'Free disk space where it lies and in the data folder, and save again.',
      cause: error,
    })
  return new PilothouseError('conflict', `${target} cannot be replaced (${codeOf(error)}); it is as it was.`, {
    hint: 'The user that the server runs as must be able to make files in its folder, and to give them the owner of the old one.',
    cause: error,
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
