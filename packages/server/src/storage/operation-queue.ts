/**
 * The order of work in the storage thread. Work goes in turns; between two turns the event loop takes in what arrived:
 *
 *   1. ordinary operations that wait, one after another, for at most `callsMsMax`
 *   2. one group of reports, bounded by `groupBytesMax` and `groupReportsMax`, in one commit
 *   3. operations again: those that came meanwhile
 *   4. one slice of background work, when it is due or when nobody waits
 *
 * So a flood of reports delays a query by one group or one slice, and a flood of queries does not starve the reports.
 */
import type { AppendInput } from '../telemetry/append-reports.ts'
import type { Background } from './background.ts'
import type { Answer, Call } from './messages.ts'
import { reads } from './operations.ts'

const callsMsMax = 10
/** About 65,000 points as frames or 30,000 as JSON, or so many small reports: 10–20 ms of work; larger groups gain little. */
const groupBytesMax = 512 * 1024
const groupReportsMax = 64

export type QueueWork = {
  runCall(call: Call): Promise<Answer>
  /** Answers in any order, one for each. */
  runGroup(group: readonly AppendCall[]): Promise<Answer[]>
  background: Background
  /** Answers of operations that only read. */
  post(answers: Answer[]): void
  /** Answers that acknowledge a change. */
  postKept(answers: Answer[]): void
  /** Monotonic milliseconds. */
  clock: () => number
}

export type AppendCall = { id: number; input: AppendInput }

export class OperationQueue {
  readonly #work: QueueWork
  #calls: Call[] = []
  #appends: AppendCall[] = []
  #running = false
  #timer: NodeJS.Timeout | undefined
  #closed = false
  #whenIdle: (() => void)[] = []

  constructor(work: QueueWork) {
    this.#work = work
  }

  push(call: Call): void {
    if (call.name === 'telemetry.append') this.#appends.push({ id: call.id, input: call.input as AppendInput }) // matched by `StorageClient.call`
    else this.#calls.push(call)
    this.wake()
  }

  /** Starts a turn soon, if none is under way. */
  wake(): void {
    if (this.#running || this.#closed) return
    this.#running = true
    clearTimeout(this.#timer)
    setImmediate(() => void this.#turn())
  }

  /** Resolves when all that waits is done; nothing starts afterwards. */
  async close(): Promise<void> {
    if (this.#running) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.#closed = true
    clearTimeout(this.#timer)
  }

  async #turn(): Promise<void> {
    await this.#runCalls()
    if (this.#appends.length > 0) {
      await this.#runAppends()
      await takeIn()
      await this.#runCalls()
    }
    const busy = this.#calls.length + this.#appends.length > 0
    const more = this.#whenIdle.length > 0 ? false : await this.#work.background.runSlice({ isBusy: busy })
    if (busy || more || this.#calls.length + this.#appends.length > 0) setImmediate(() => void this.#turn())
    else this.#rest()
  }

  #rest(): void {
    this.#running = false
    for (const resolve of this.#whenIdle.splice(0)) resolve()
    if (this.#closed) return
    const waitMs = this.#work.background.nextInMs()
    if (waitMs !== undefined) this.#timer = setTimeout(() => this.wake(), waitMs)
  }

  async #runCalls(): Promise<void> {
    if (this.#calls.length === 0) return
    const waiting = this.#calls
    const until = this.#work.clock() + callsMsMax
    const read: Answer[] = []
    const changed: Answer[] = []
    let taken = 0
    while (taken < waiting.length && (taken === 0 || this.#work.clock() < until)) {
      const call = waiting[taken]
      taken += 1
      if (call) (reads.has(call.name) ? read : changed).push(await this.#work.runCall(call))
    }
    this.#calls = waiting.slice(taken)
    if (read.length > 0) this.#work.post(read)
    if (changed.length > 0) this.#work.postKept(changed)
  }

  async #runAppends(): Promise<void> {
    const count = countGroup(this.#appends)
    const group = this.#appends.slice(0, count)
    this.#appends = this.#appends.slice(count)
    this.#work.postKept(await this.#work.runGroup(group))
  }
}

/** Lets the event loop hand over what has arrived. */
function takeIn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** How many of the waiting reports go into the next commit: at least one. */
export function countGroup(waiting: readonly AppendCall[]): number {
  let bytes = 0
  let count = 0
  while (count < waiting.length && count < groupReportsMax) {
    bytes += waiting[count]?.input.bytes.byteLength ?? 0
    if (count > 0 && bytes > groupBytesMax) break
    count += 1
  }
  return count
}
