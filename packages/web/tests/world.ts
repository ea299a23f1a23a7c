/** What the page's tests stand on: a real server that serves the built page, real reports over HTTP, a real browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { createServer, readConfig, type RunningServer, type ServerConfig } from '@pilothouse/server'
import type { JobCreate, PointBlock, Report } from '@pilothouse/contract'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { chromium, type Browser } from 'playwright-core'
import { chromiumArgs, findChromium } from '../../../lab/find-chromium.ts'

export type World = {
  server: RunningServer
  url: string
  /** Comes back on the same port with the same data, after the server was closed. */
  startAgain: (port: number) => Promise<void>
  close: () => Promise<void>
}

/** Starts a server in a folder of its own. */
export async function startWorld(settings: Partial<ServerConfig> = {}): Promise<World> {
  const webFolder = fileURLToPath(new URL('../dist/', import.meta.url))
  if (!existsSync(join(webFolder, 'index.html')))
    throw new Error('The page is not built: run «npm run build -w packages/web».')
  const dataFolder = await mkdtemp(join(tmpdir(), 'pilothouse-web-'))
  const start = async (port: number): Promise<RunningServer> =>
    createServer({
      ...readConfig({ PILOTHOUSE_DATA: dataFolder, PILOTHOUSE_LOG_LEVEL: 'error' }, '0.0.0'),
      port,
      portTries: 0,
      webFolder,
      sdkFolder: fileURLToPath(new URL('../../../python', import.meta.url)),
      allowPrivateChannels: true,
      ...settings,
    })
  const world: World = {
    server: await start(0),
    url: '',
    startAgain: async (port) => {
      world.server = await start(port)
    },
    close: async () => {
      await world.server.close()
      await rm(dataFolder, { recursive: true, force: true })
    },
  }
  world.url = world.server.url
  return world
}

export async function readAdminToken({ server }: World): Promise<string> {
  return (await readFile(join(server.dataFolder, 'admin.token'), 'utf8')).trim()
}

/** A second member, and a token of theirs with all rights. No route makes members: the server is away meanwhile. */
export async function addMember(world: World, name: string): Promise<string> {
  const headers = { authorization: `Bearer ${await readAdminToken(world)}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ name, role: 'admin' })
  const answer = await fetch(`${world.url}/api/access/tokens`, { method: 'POST', headers, body })
  const { id, secret } = (await answer.json()) as { id: number; secret: string } // what this route answers with
  await world.server.close()
  const database = new DatabaseSync(join(world.server.dataFolder, 'pilothouse.db'))
  const made = database.prepare("insert into member (name, role, created_ms) values (?, 'member', ?)")
  const { lastInsertRowid } = made.run(name, Date.now())
  database.prepare('update token set member_id = ? where id = ?').run(lastInsertRowid, id)
  database.close()
  await world.startAgain(Number(new URL(world.url).port))
  return secret
}

/** @param options.hasWindows one that shows notifications */
export async function launchBrowser(options: { hasWindows?: boolean } = {}): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(options), args: chromiumArgs })
}

/** A job that reports as the SDK does: over HTTP, numbered, in binary frames. */
export class Reporter {
  readonly uid: string
  readonly #url: string
  readonly #token: string
  #number = 0
  #attempt = 1

  constructor(world: World, token: string, uid: string) {
    this.#url = `${world.url}/api/jobs/${uid}`
    this.#token = token
    this.uid = uid
  }

  /** Opens the job. */
  static async start(world: World, uid: string, body: Partial<JobCreate> = {}): Promise<Reporter> {
    const token = (await readFile(join(world.server.dataFolder, 'report.token'), 'utf8')).trim()
    const reporter = new Reporter(world, token, uid)
    const answer = await reporter.#send(
      'PUT',
      '',
      JSON.stringify({ name: uid, project: 'tests', ...body }),
      'application/json',
    )
    reporter.#attempt = ((await answer.json()) as { attempt: number }).attempt // the server's own answer
    return reporter
  }

  /** Sends one report; resolves when it is durable. */
  async report(parts: Partial<Report>): Promise<void> {
    this.#number += 1
    const report = {
      attempt: this.#attempt,
      writer: 'test',
      number: this.#number,
      role: 'sdk' as const,
      sentAt: Date.now(),
      ...parts,
    }
    await this.#send('POST', '/reports', encodeReport(report), frameContentType)
  }

  async points(values: Record<string, readonly number[]>, from: number, more: Partial<PointBlock> = {}): Promise<void> {
    await this.report({ points: [makeBlock(values, from, more)] })
  }

  async lines(lines: readonly string[], open?: string): Promise<void> {
    const times = lines.map(() => Date.now())
    await this.report({
      logs: [{ stream: 'stdout', times, lines: [...lines], ...(open === undefined ? {} : { open }) }],
    })
  }

  async finish(
    state: 'completed' | 'failed' | 'cancelled' = 'completed',
    error?: { type: string; message: string; traceback?: string },
  ): Promise<void> {
    await this.report({ state: { state, at: Date.now(), ...(error ? { error } : {}) } })
  }

  /** What a route below the job answers with. */
  async ask(path: string): Promise<unknown> {
    const answer = await fetch(this.#url + path, { headers: { authorization: `Bearer ${this.#token}` } })
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  async #send(method: string, path: string, body: string | Uint8Array<ArrayBuffer>, type: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': type }
    const answer = await fetch(this.#url + path, { method, headers, body })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}

/** Rows from step `from` on, one a tenth of a second up to now. */
export function makeBlock(
  values: Record<string, readonly number[]>,
  from: number,
  more: Partial<PointBlock> = {},
): PointBlock {
  const columns = Object.values(values)
  const rows = columns[0]?.length ?? 0
  const now = Date.now()
  return {
    source: 'job',
    keys: Object.keys(values),
    steps: Array.from({ length: rows }, (_, at) => from + at),
    times: Array.from({ length: rows }, (_, at) => now - (rows - at) * 100),
    values: columns.map((column) => [...column]),
    ...more,
  }
}
