/** A control room that can be killed and started again: the real command on one port and one data folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))

/** A database that was killed recovers first, and the server tries to connect anew every 5 s at the latest. */
const wellMsMax = 60_000

export type ControlRoomOptions = {
  dataFolder: string
  /** PostgreSQL instead of the SQLite file of the data folder. */
  databaseUrl?: string | undefined
  /** Besides that of this process. */
  environment?: Readonly<Record<string, string>>
}

export class ControlRoom {
  readonly url: string
  readonly #options: ControlRoomOptions
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(options: ControlRoomOptions, port: number) {
    this.#options = options
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  /** Starts one and waits until it accepts requests. */
  static async open(options: ControlRoomOptions): Promise<ControlRoom> {
    const room = new ControlRoom(options, await findFreePort())
    await room.start()
    return room
  }

  async start(): Promise<void> {
    const { dataFolder, databaseUrl, environment } = this.#options
    const database = databaseUrl === undefined ? {} : { PILOTHOUSE_DATABASE: databaseUrl }
    const child = spawn(launcher, ['serve', '--port', String(this.#port), '--data', dataFolder], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...database, ...environment },
    })
    this.#process = child
    await waitUntilReady(child)
  }

  /** Ends it without a warning, as the system does when memory is short. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async close(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Waits until it serves with its database. Returns how long that took, ms. @throws Error when it does not come to. */
  async waitUntilWell(): Promise<number> {
    const startedAt = performance.now()
    let told = ''
    while (performance.now() - startedAt < wellMsMax) {
      told = await this.ask('/health')
      if (told.includes('"status":"ok"')) return performance.now() - startedAt
      await pause(50)
    }
    throw new Error(`It is not well after ${wellMsMax} ms: ${told}`)
  }

  /** Asks as the administrator; what has a body is posted. @throws Error when the answer is not 200. */
  async ask(path: string, body?: object): Promise<string> {
    const json = { method: 'POST', body: JSON.stringify(body) }
    return this.#fetch(path, body === undefined ? {} : json, body && { 'content-type': 'application/json' })
  }

  /** Posts a form. @throws Error as `ask`. */
  async send(path: string, body: FormData): Promise<string> {
    return this.#fetch(path, { method: 'POST', body })
  }

  async #fetch(path: string, order: RequestInit, headers?: Record<string, string>): Promise<string> {
    const token = readFileSync(join(this.#options.dataFolder, 'admin.token'), 'utf8').trim()
    const answer = await fetch(`${this.url}${path}`, {
      ...order,
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${text}`)
    return text
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
}

/** @throws Error with what it said when it ends instead. */
function waitUntilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (bytes: Buffer) => {
      said += bytes.toString()
      if (said.includes('pilothouse ready ')) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code, signal) => reject(new Error(`The server ended (${code ?? signal ?? '?'}): ${said}`)))
  })
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.')
  return address.port
}
