/**
 * A real PostgreSQL on a free port of this machine, in a folder of its own, for tests and for trying things out.
 *
 *   npm run postgres            until Ctrl-C; prints the address for --database
 *   npm run postgres -- --durable --folder DIR --port N
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

export type PostgresOptions = {
  /** Kept when it stops, and taken up again when it is there; without one, all goes. */
  folder?: string | undefined
  port?: number | undefined
  /** Waits for the disk, as it does for users; tests that cut no power do without. */
  durable?: boolean | undefined
  /** The password of an earlier start on the same folder. */
  password?: string | undefined
}

export type Postgres = {
  url: string
  port: number
  password: string
  /** The process to pause or kill. */
  process: ChildProcess
  /** Ends sessions and stops. */
  stop(): Promise<void>
}

const user = 'pilothouse'

/** Resolves once it takes connections. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'pilothouse-postgres-'))
  const password = options.password ?? randomBytes(12).toString('hex')
  const port = options.port ?? (await findFreePort())
  const account = findAccount()
  const data = join(folder, 'data')
  if (!existsSync(data)) makeCluster({ folder, data, password, account })
  const flags = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=60']
  if (options.durable !== true) flags.push('fsync=off', 'full_page_writes=off')
  const args = ['-D', data, '-p', String(port), ...flags.flatMap((flag) => ['-c', flag])]
  const server = spawn(findProgram('postgres'), args, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  await waitUntilReady(server)
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/${user}`,
    port,
    password,
    process: server,
    stop: async () => {
      await stopProcess(server)
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Account = { uid?: number; gid?: number }
type Cluster = { folder: string; data: string; password: string; account: Account }

function makeCluster({ folder, data, password, account }: Cluster): void {
  mkdirSync(folder, { recursive: true })
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  chmodSync(folder, 0o700)
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid)
  }
  // Its own order of text is a dictionary's, so that a query which relies on the database's order is found out.
  const order = ['--locale=C', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US']
  const access = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, `--username=${user}`]
  const place = { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] as const }
  execFileSync(findProgram('initdb'), ['-D', data, '--no-sync', ...order, ...access], {
    ...place,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  makeDatabase(data, place)
}

/** By the single-user mode, before anybody can connect. */
function makeDatabase(data: string, place: Account & { cwd: string }): void {
  const { uid, gid, cwd } = place
  execFileSync(findProgram('postgres'), ['--single', '-D', data, 'template1'], {
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    cwd,
    input: `create database ${user}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
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

/** Debian keeps the programs of each version in a folder of their own. */
function findProgram(name: string): string {
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

function waitUntilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${text}`)))
    server.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4_000)
      if (text.includes('ready to accept connections')) resolve()
    })
  })
}

/** SIGINT is its fast shutdown: sessions are ended, not waited for. */
function stopProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    server.once('exit', () => resolve())
    server.kill('SIGINT')
  })
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { folder: { type: 'string' }, port: { type: 'string' }, durable: { type: 'boolean' } },
  })
  const { folder, durable } = values
  const postgres = await startPostgres({
    folder,
    durable,
    port: values.port === undefined ? undefined : Number(values.port),
  })
  console.log(postgres.url)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void postgres.stop())
}

if (import.meta.main) await main()
