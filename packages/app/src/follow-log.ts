import { type Client, openEventStream } from '@pilothouse/client'
import type { LogLine, LogsEvent } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract'

export type FollowOptions = {
  uid: string
  attempt: number
  /** Number of the first line that has not been printed. */
  next: number
  print: (lines: readonly LogLine[]) => void
  /** Ends the following; the promise then resolves. */
  signal: AbortSignal
}

const pageLines = 1000

/**
 * Prints what a job prints, each line once and in order, until the job ends or `signal` says so. Events bring lines as
 * they come; where they leave a gap (another attempt, a lost connection, a reader too slow) the store fills it.
 */
export async function followLog(client: Client, options: FollowOptions): Promise<void> {
  const reader = new LogReader(client, options)
  const { uid, signal } = options
  const end = Promise.withResolvers<undefined>()
  let work = Promise.resolve()
  /** One step at a time: two pages read at once would print twice. */
  const enqueue = (step: () => Promise<void>): void => {
    work = work.then(step).catch(end.reject)
  }
  const checkEnd = async (): Promise<void> => {
    const job = await client.call('jobs.get', { params: { uid } })
    if (!isEnded(job.state)) return
    await reader.catchUp()
    end.resolve(undefined)
  }
  const undoLogs = openEventStream(client, {
    topic: `logs:${uid}`,
    onEvent: (event) => enqueue(() => reader.takeEvent(event)),
    onReset: () => enqueue(() => reader.catchUp()),
    onError: end.reject,
  })
  const undoJob = openEventStream(client, {
    topic: `job:${uid}`,
    onEvent: (job) => isEnded(job.state) && enqueue(checkEnd),
    onReset: () => enqueue(checkEnd),
    onError: end.reject,
  })
  signal.addEventListener('abort', () => end.resolve(undefined), { once: true })
  await end.promise.finally(() => {
    undoLogs()
    undoJob()
  })
}

class LogReader {
  readonly #client: Client
  readonly #options: FollowOptions
  #attempt: number
  #next: number

  constructor(client: Client, options: FollowOptions) {
    this.#client = client
    this.#options = options
    this.#attempt = options.attempt
    this.#next = options.next
  }

  /** Prints what the store has beyond the last printed line. */
  async catchUp(): Promise<void> {
    for (;;) {
      const query = { attempt: this.#attempt, from: this.#next, count: pageLines }
      const { lines } = await this.#client.call('logs.page', { params: { uid: this.#options.uid }, query })
      this.#take(lines)
      if (lines.length < pageLines) return
    }
  }

  async takeEvent(event: LogsEvent): Promise<void> {
    const first = event.lines[0]?.n ?? this.#next
    if (event.attempt === this.#attempt && first <= this.#next) return this.#take(event.lines)
    await this.catchUp()
    if (event.attempt <= this.#attempt) return
    this.#attempt = event.attempt
    this.#next = 0
    await this.catchUp()
  }

  #take(lines: readonly LogLine[]): void {
    const fresh = lines.filter(({ n }) => n >= this.#next)
    const last = fresh.at(-1)
    if (last === undefined) return
    this.#options.print(fresh)
    this.#next = last.n + 1
  }
}
