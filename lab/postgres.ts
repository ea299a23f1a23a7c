/**
 * A real PostgreSQL on a free port of this machine, in a folder of its own, for tests and for trying things out.
 *
 *   npm run postgres            until Ctrl-C; prints the address for --database
 *   npm run postgres -- --durable --folder DIR --port N
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'

export type PostgresOptions = {
  /** Kept when it stops, and taken up again when it is there; without one, all goes. */
  folder?: string | undefined
  port?: number | undefined
  /** Waits for the disk, as it does for users; tests that cut no power do without. */
  durable?: boolean | undefined
  /** Words before a command that runs it elsewhere: on a machine of the lab's network, beside a disk of its own. */
  enter?: readonly string[] | undefined
  /** Where it listens; with a port of one's own there. */
  host?: string | undefined
}

const user = 'pilothouse'
const loopback = '127.0.0.1'
/** After a kill the processes of its sessions need a moment to notice that they are alone. */
const startTriesMax = 50

export class Postgres {
  readonly url: string
  readonly #options: PostgresOptions
  readonly #folder: string
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(options: PostgresOptions, place: { folder: string; port: number; password: string }) {
    this.#options = options
    this.#folder = place.folder
    this.#port = place.port
    this.url = `postgres://${user}:${place.password}@${options.host ?? loopback}:${place.port}/${user}`
  }

  /** Resolves once it takes connections. */
  static async open(options: PostgresOptions = {}): Promise<Postgres> {
    const folder = resolve(options.folder ?? mkdtempSync(join(tmpdir(), 'pilothouse-postgres-')))
    const port = options.port ?? (await findFreePort())
    const passwordFile = join(folder, 'password')
    // Elsewhere the data may stand on a disk that only is there.
    const made = options.enter === undefined ? join(folder, 'data') : passwordFile
    if (!existsSync(made)) makeCluster(folder, passwordFile, options)
    const postgres = new Postgres(options, { folder, port, password: readFileSync(passwordFile, 'utf8') })
    await postgres.start()
    return postgres
  }

  /** Takes up again what a kill left. */
  async start(): Promise<void> {
    for (let left = startTriesMax; this.#process === undefined; left -= 1) {
      const server = this.#spawn()
      const trouble = await waitUntilReady(server)
      if (trouble === undefined) this.#process = server
      else if (left === 0 || !trouble.includes('shared memory'))
        throw new Error(`PostgreSQL did not start:\n${trouble}`)
      else await pause(100)
    }
  }

  /** Ends it without a warning; what it had committed must be there after the next start. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Ends its sessions, and it. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
    if (this.#options.folder === undefined) rmSync(this.#folder, { recursive: true, force: true })
  }

  #spawn(): ChildProcess {
    const { host = loopback, enter } = this.#options
    const flags = [`listen_addresses=${host}`, `unix_socket_directories=${this.#folder}`, 'max_connections=60']
    if (this.#options.durable !== true) flags.push('fsync=off', 'full_page_writes=off')
    const args = ['-D', join(this.#folder, 'data'), '-p', String(this.#port), ...flags.flatMap((flag) => ['-c', flag])]
    const { command, prefix, place } = findProgram('postgres', this.#folder, enter)
    return spawn(command, [...prefix, ...args], { ...place, stdio: ['ignore', 'ignore', 'pipe'] })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const server = this.#process
    this.#process = undefined
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }
}

type Account = { uid?: number; gid?: number }

function makeCluster(folder: string, passwordFile: string, { enter, host }: PostgresOptions): void {
  const data = join(folder, 'data')
  mkdirSync(folder, { recursive: true })
  writeFileSync(passwordFile, randomBytes(12).toString('hex'), { mode: 0o600 })
  chmodSync(folder, 0o700)
  const { uid, gid } = findAccount()
  if (uid !== undefined && gid !== undefined) {
    for (const path of [folder, passwordFile]) chownSync(path, uid, gid)
    const [first, ...rest] = enter ?? []
    // A disk of its own, which has another owner there than the folder has here.
    if (first !== undefined && existsSync(data)) execFileSync(first, [...rest, 'chown', `${uid}:${gid}`, data])
  }
  const run = (name: string, args: readonly string[], input = ''): void => {
    const { command, prefix, place } = findProgram(name, folder, enter)
    execFileSync(command, [...prefix, ...args], { ...place, input, stdio: ['pipe', 'ignore', 'pipe'] })
  }
  // Its own order of text is a dictionary's, so that a query which relies on the database's order is found out.
  const order = ['--locale=C', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US']
  const access = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, `--username=${user}`]
  run('initdb', ['-D', data, '--no-sync', ...order, ...access])
  // By the single-user mode, before anybody can connect.
  run('postgres', ['--single', '-D', data, 'template1'], `create database ${user}\n`)
  if (host !== undefined) appendFileSync(join(data, 'pg_hba.conf'), 'host all all all scram-sha-256\n')
}

/** PostgreSQL refuses to run as root: then it gets the account of its Debian package, or nobody's. */
function findAccount(): Account {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    try {
      const ask = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: ask('-u'), gid: ask('-g') }
    } catch {
      continue // no such account
    }
  }
  throw new Error('PostgreSQL must not run as root, and there is no account «postgres» or «nobody» to run it as.')
}

type Program = { command: string; prefix: readonly string[]; place: Account & { cwd: string } }

/** How a program of PostgreSQL is run: under an account that it accepts, elsewhere if need be. */
function findProgram(name: string, cwd: string, enter: readonly string[] = []): Program {
  const path = findPath(name)
  const [first, ...rest] = enter
  const account = findAccount()
  if (first === undefined) return { command: path, prefix: [], place: { ...account, cwd } }
  // Only root may enter, of the machine or of the user namespace, and PostgreSQL takes neither for its own.
  const leave =
    account.uid === undefined
      ? ['unshare', '-U', '--map-user=1000', '--map-group=1000']
      : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid ?? account.uid}`, '--clear-groups']
  return { command: first, prefix: [...rest, ...leave, path], place: { cwd } }
}

/** Debian keeps the programs of each version in a folder of their own. */
function findPath(name: string): string {
  const version = (path: string) => Number(/postgresql[@/](\d+)/.exec(path)?.[1])
  const places = [
    '/usr/lib/postgresql/*/bin/',
    '/opt/homebrew/opt/postgresql@*/bin/',
    '/usr/local/opt/postgresql@*/bin/',
  ]
  const found = globSync(places.map((place) => `${place}${name}`)).toSorted(
    (one, other) => version(other) - version(one),
  )
  return found[0] ?? name
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Undefined once it takes connections, else what it said before it ended. */
function waitUntilReady(server: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.once('error', reject)
    server.once('exit', () => resolve(text || 'It said nothing.'))
    server.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4_000)
      if (text.includes('ready to accept connections')) resolve(undefined)
    })
  })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { folder: { type: 'string' }, port: { type: 'string' }, durable: { type: 'boolean' } },
  })
  const { folder, durable } = values
  const postgres = await Postgres.open({
    folder,
    durable,
    port: values.port === undefined ? undefined : Number(values.port),
  })
  console.log(postgres.url)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void postgres.stop())
}

if (import.meta.main) await main()
