/**
 * A job that is told to the control room while it runs. The control room may be away at the start, for a while, or for
 * good: the job runs all the same, and what is reported waits.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, makeReportSend, Reporter } from '@pilothouse/client'
import type { JobCreate } from '@pilothouse/contract'
import type { FoundServer } from './find-server.ts'
import { readSdkWord } from './parser-hold.ts'
import type { SdkWord } from '@pilothouse/signals'

export type ReportedJobOptions = {
  server: FoundServer
  uid: string
  /** Of a launcher that has made it already; else the first. */
  attempt: number
  body: JobCreate
  warn: (message: string) => void
}

/** The first answer is waited for so long before the job starts without it. */
const firstAnswerMs = 2_000

export class ReportedJob {
  readonly reporter: Reporter
  readonly #options: ReportedJobOptions
  #made: Promise<void> | undefined
  /** Of this run alone, readable by this user alone. */
  #folder: string | undefined

  constructor(options: ReportedJobOptions) {
    this.#options = options
    const { server, uid, attempt, warn } = options
    const send = makeReportSend({ url: server.url, uid, token: server.token })
    this.reporter = new Reporter({
      attempt,
      writer: randomBytes(9).toString('base64url'),
      role: 'exit',
      warn,
      send: async (bytes, signal) => {
        await this.#ensureMade()
        return send(bytes, signal)
      },
    })
  }

  /** True when the control room knows the job by now; false when it does not answer. It is told later, then. */
  async begin(): Promise<boolean> {
    const made = this.#ensureMade().then(
      () => true,
      () => false, // the reporter tries again, and says why it cannot
    )
    return Promise.race([
      made,
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), firstAnswerMs).unref()),
    ])
  }

  get uid(): string {
    return this.#options.uid
  }

  /** The job's page. */
  get page(): string {
    return `${this.#options.server.url}/job/${this.#options.uid}`
  }

  /** What the SDK inside the command needs to speak for the same job. */
  describe(): Record<string, string> {
    const { server, uid, attempt } = this.#options
    return {
      PILOTHOUSE_URL: server.url,
      PILOTHOUSE_JOB: uid,
      PILOTHOUSE_ATTEMPT: String(attempt),
      PILOTHOUSE_TOKEN_FILE: server.tokenPath ?? this.#writeToken(),
      PILOTHOUSE_OUTPUT: 'wrapper',
      PILOTHOUSE_WRAPPER_FILE: this.#wordPath(),
    }
  }

  /** Sends what waits, for at most so long; how many lines and values the control room did not take. */
  async end(deadlineMs: number): Promise<number> {
    const { linesWaiting, pointsWaiting } = await this.reporter.close(deadlineMs)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    return linesWaiting + pointsWaiting
  }

  #ensureMade(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined
      throw error
    })
    return this.#made
  }

  async #make(): Promise<void> {
    const { server, uid, attempt, body } = this.#options
    const client = createClient({ baseUrl: server.url, token: server.token })
    const place = { number: attempt, host: hostname(), pid: process.pid }
    await client.call('jobs.put', { params: { uid }, body: { ...body, attempt: { ...body.attempt, ...place } } })
  }

  /** Whether the SDK inside the command is there, and whether it sends numbers. */
  listen(): SdkWord {
    return readSdkWord(this.#wordPath())
  }

  #wordPath(): string {
    return join(this.#ownFolder(), 'sdk')
  }

  /** A token that came by option or variable goes into a file that only this user reads: environments are seen by others. */
  #writeToken(): string {
    const path = join(this.#ownFolder(), 'token')
    writeFileSync(path, `${this.#options.server.token}\n`, { mode: 0o600 })
    return path
  }

  #ownFolder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'pilothouse-run-'))
    return this.#folder
  }
}
