/**
 * Work between operations: sealing and packing, removing what was deleted, live updates, the lost rule. Each task works in
 * slices of a few milliseconds. A task that fails rests for `retryMs` and is tried again.
 */

const retryMs = 5_000

export type BackgroundTask = {
  name: string
  /** Runs by itself so often; absent = only when asked for by `request`. */
  everyMs?: number
  /** At least so long between a request and the run, so that requests gather. */
  delayMs: number
  /** While operations wait, it rests so many times as long as it has worked; absent: it goes on in the next turn. */
  restFactor?: number
  /** One slice. True when more is waiting; `later` when it should come again after `delayMs`. */
  run(): Promise<boolean | 'later'>
}

export type BackgroundOptions = {
  tasks: readonly BackgroundTask[]
  /** Monotonic milliseconds. */
  clock: () => number
  fail(task: string, error: unknown): void
}

export class Background {
  readonly #options: BackgroundOptions
  readonly #dueAt = new Map<string, number>()
  /** Where the next look begins, so that no task starves another. */
  #turn = 0

  constructor(options: BackgroundOptions) {
    this.#options = options
    for (const task of options.tasks) {
      if (task.everyMs !== undefined) this.#dueAt.set(task.name, options.clock() + task.everyMs)
    }
  }

  /** Something is to do for `name`. */
  request(name: string): void {
    const task = this.#options.tasks.find((one) => one.name === name)
    if (!task) return
    const at = this.#options.clock() + task.delayMs
    this.#dueAt.set(name, Math.min(this.#dueAt.get(name) ?? Infinity, at))
  }

  /** Runs at most one slice of one task that is due; `isBusy`: operations wait. True when another should follow at once. */
  async runSlice({ isBusy }: { isBusy: boolean } = { isBusy: false }): Promise<boolean> {
    const { clock } = this.#options
    const task = this.#takeDue()
    if (!task) return false
    try {
      const startedAt = clock()
      const more = await task.run()
      const restMs = isBusy ? (clock() - startedAt) * (task.restFactor ?? 0) : 0
      if (more === 'later') this.request(task.name)
      else if (more) this.#dueAt.set(task.name, clock() + restMs)
    } catch (error) {
      this.#dueAt.set(task.name, this.#options.clock() + retryMs)
      this.#options.fail(task.name, error)
    }
    return this.nextInMs() === 0
  }

  /** Milliseconds until something is due; undefined when nothing will be. */
  nextInMs(): number | undefined {
    if (this.#dueAt.size === 0) return undefined
    return Math.max(0, Math.ceil(Math.min(...this.#dueAt.values()) - this.#options.clock()))
  }

  #takeDue(): BackgroundTask | undefined {
    const { tasks, clock } = this.#options
    const now = clock()
    for (let step = 0; step < tasks.length; step += 1) {
      const task = tasks[(this.#turn + step) % tasks.length]
      if (!task || (this.#dueAt.get(task.name) ?? Infinity) > now) continue
      this.#turn = (this.#turn + step + 1) % tasks.length
      this.#schedule(task, now)
      return task
    }
    return undefined
  }

  #schedule(task: BackgroundTask, now: number): void {
    if (task.everyMs === undefined) this.#dueAt.delete(task.name)
    else this.#dueAt.set(task.name, now + task.everyMs)
  }
}
