/**
 * The keys that the hosts on the way to a machine show, beside those that are known. The client itself is asked, without logging in:
 * it goes by the user's configuration (ProxyJump, port, HostKeyAlias), and writes the key down under the name that it looks up.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findKnownKeys, type HostKey, type KnownHostKey, parseHostKey } from './known-hosts.ts'
import { readSshTarget } from './read-ssh-target.ts'
import { runSsh } from './run-ssh.ts'
import { prepareConfig } from './ssh-config.ts'
import { explainMissing, explainSshFailure, SshError } from './ssh-error.ts'
import { type SshLinkOptions, sshLinkLimits } from './ssh-link.ts'

export type HostKeyReport = {
  /** `unknown`: nothing is known of this host. `changed`: another key was known, or this one is revoked. */
  state: 'trusted' | 'unknown' | 'changed'
  /** The host, as in the configuration: the machine itself, or the first on the way whose key is not trusted. */
  host: string
  /** It is on the way to the machine. */
  isJump: boolean
  /** The name that the client looks up. */
  lookup: string
  /** What it shows, the client's favourite first. */
  keys: HostKey[]
  known: KnownHostKey[]
}

export type HostKeyOptions = Pick<SshLinkOptions, 'host' | 'configPath' | 'knownHostsPath' | 'signal'>

/** Kinds of keys, each asked for by itself: in one connection a host shows one. */
const algorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521',
  'rsa-sha2-512,rsa-sha2-256',
]
const hopsMax = 8

/** A host on the way, and by way of which others it is reached. */
type Hop = { host: string; shown: string; jump?: string | undefined; isJump: boolean }

/**
 * Looks at the keys of the hosts on the way, the nearest first, as far as they are trusted.
 * @throws SshError when one cannot be reached, or does not let us through
 */
export async function readHostKeys(options: HostKeyOptions): Promise<HostKeyReport> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-ssh-'))
  try {
    const config = await prepareConfig(options, folder)
    const keysOf = new HopReader(options, folder, config)
    return await keysOf.walk({ host: options.host, shown: options.host, isJump: false }, hopsMax)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class HopReader {
  readonly #options: HostKeyOptions
  readonly #folder: string
  readonly #config: readonly string[]

  constructor(options: HostKeyOptions, folder: string, config: readonly string[]) {
    this.#options = options
    this.#folder = folder
    this.#config = config
  }

  async walk(hop: Hop, hopsLeft: number): Promise<HostKeyReport> {
    const { host, jump } = hop
    const { configPath, knownHostsPath } = this.#options
    const target = await readSshTarget({ host, configPath, jump })
    if (target.jump !== null) {
      if (hopsLeft === 0)
        throw new SshError('usage', `The way to ${hop.shown} has no end.`, 'See ProxyJump in your ~/.ssh/config.')
      const before = await this.walk(lastHop(target.jump), hopsLeft - 1)
      if (before.state !== 'trusted') return before
    }
    const { lookup, keys } = await this.#ask(hop)
    const files = [...target.knownHosts.user, ...target.knownHosts.global, ...(knownHostsPath ? [knownHostsPath] : [])]
    const known = (await Promise.all([...new Set(files)].map((file) => findKnownKeys(file, lookup)))).flat()
    const { shown, isJump } = hop
    return { state: judge(keys, known), host: shown, isJump, lookup, keys, known }
  }

  async #ask(hop: Hop): Promise<Pick<HostKeyReport, 'lookup' | 'keys'>> {
    const asked = await Promise.all(algorithms.map((names) => this.#askFor(hop, names)))
    const found = asked.flatMap(({ line }) => (line === null ? [] : [line]))
    const lookup = found[0]?.lookup
    if (lookup !== undefined) return { lookup, keys: found.map(({ key }) => key) }
    const said = asked.map(({ stderr }) => stderr)
    throw explainSshFailure(
      hop.shown,
      said.find((text) => !text.includes('no matching host key type')) ?? said[0] ?? '',
    )
  }

  async #askFor({ host, jump }: Hop, names: string) {
    const file = join(await mkdtemp(join(this.#folder, 'key-')), 'known')
    const settings = {
      UserKnownHostsFile: `"${file}"`,
      GlobalKnownHostsFile: '/dev/null',
      KnownHostsCommand: 'none',
      // Into a file of its own, which nobody trusts.
      StrictHostKeyChecking: 'accept-new',
      HostKeyAlgorithms: names,
      VerifyHostKeyDNS: 'no',
      CheckHostIP: 'no',
      HashKnownHosts: 'no',
      UpdateHostKeys: 'no',
      PreferredAuthentications: 'none',
      BatchMode: 'yes',
      ControlMaster: 'no',
      ControlPath: 'none',
      ConnectTimeout: sshLinkLimits.connectSeconds,
      ClearAllForwardings: 'yes',
      PermitLocalCommand: 'no',
      RemoteCommand: 'none',
      LogLevel: 'INFO',
    }
    const over = jump === undefined ? [] : ['-J', jump]
    const set = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    const run = await runSsh([...this.#config, ...over, ...set, '-T', '--', host, 'exit'], {
      input: '',
      timeoutMs: sshLinkLimits.openMs,
      stdoutBytesMax: 64 * 1024,
      signal: this.#options.signal,
    }).catch((cause: unknown) => {
      throw explainMissing(cause)
    })
    const text = await readFile(file, 'utf8').catch(() => '') // it showed none
    return { line: readLine(text), stderr: run.stopped === 'time' ? 'Connection timed out' : run.stderr }
  }
}

function readLine(text: string): { lookup: string; key: HostKey } | null {
  const [lookup, algorithm, key] = text.split(/\s+/)
  return lookup && algorithm && key ? { lookup, key: parseHostKey(algorithm, key) } : null
}

/** The last of several hosts on a way is reached by way of those before it. */
function lastHop(way: string): Hop {
  const at = way.lastIndexOf(',')
  const shown = way.slice(at + 1)
  // Behind ssh a port stands in an address only.
  const host = shown.startsWith('ssh://') ? shown : `ssh://${shown}`
  return { host, shown, isJump: true, jump: at < 0 ? undefined : way.slice(0, at) }
}

/** As the client judges: one that fits is enough, unless another of its kind was expected or it is revoked. */
function judge(keys: readonly HostKey[], known: readonly KnownHostKey[]): HostKeyReport['state'] {
  if (known.some(({ mark, words }) => mark === 'revoked' && keys.some((key) => key.words === words))) return 'changed'
  const plain = known.filter(({ mark }) => mark === null)
  // Which of its keys an authority signs shows when the client connects.
  if (plain.length === 0) return known.some(({ mark }) => mark === 'authority') ? 'trusted' : 'unknown'
  const fits = plain.filter(({ words }) => keys.some((key) => key.words === words)).map(({ type }) => type)
  const differs = plain.some(({ type }) => !fits.includes(type) && keys.some((key) => key.type === type))
  return fits.length > 0 && !differs ? 'trusted' : 'changed'
}
