/** What launched jobs of one target say: their logs, and what lies in their mailboxes. */
import { setTimeout as wait } from 'node:timers/promises'
import { MailboxCollector, type Target } from '@pilothouse/fleet'
import type { CommandBell } from '../commands/command-bell.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { KeptLaunch } from './launch-rows.ts'
import { makeIntake } from './mailbox-intake.ts'
import { toRun } from './prepare-launch.ts'
import type { OutputFold } from './read-output.ts'

/** Of a log at a time. */
const logBytesMax = 256 * 1024
/** Logs that are read at a time. */
const readAtOnce = 4

/** A job that is listened to. */
export type Told = {
  launch: KeptLaunch
  fold: OutputFold
  /** The line under way that is shown. */
  open: string | null
  isOver: boolean
}

type Parts = {
  storage: Pick<StorageClient, 'call'>
  bell: CommandBell
  now: () => number
  retryMs: number
  /** All that is to be listened to. */
  told: () => Iterable<Told>
  /** Who launched a job here. */
  findOwner: (uid: string) => number | undefined
  signal: AbortSignal
}

export class RunOutput {
  readonly #parts: Parts
  /** Jobs whose SDK has been heard. */
  readonly #heard = new Set<string>()
  #collecting: { stop: AbortController; done: Promise<void> } | null = null

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Ends what `collect` began. */
  async leave(): Promise<void> {
    this.#collecting?.stop.abort()
    await this.#collecting?.done
    this.#collecting = null
  }

  /** What those have printed that run. */
  async readSome(target: Target, following: readonly Told[]): Promise<void> {
    const waiting = following.filter(({ launch, isOver }) => !isOver && isAlive(launch))
    const read = async (): Promise<void> => {
      for (let held = waiting.shift(); held; held = waiting.shift()) await this.read(target, held, false)
    }
    await Promise.all(Array.from({ length: readAtOnce }, read))
  }

  /** @param isWhole nothing is added any more: all of it is read */
  async read(target: Target, held: Told, isWhole: boolean): Promise<void> {
    const { launch } = held
    const run = toRun(launch)
    if (!run) return
    for (;;) {
      const bytes = await target
        .readLog(run, { from: launch.logFrom, bytesMax: logBytesMax, signal: this.#parts.signal })
        .catch((error: unknown) => {
          if (isWhole) throw error
          return null // the next look says why
        })
      if (bytes === null) return
      const isFull = bytes.length === logBytesMax
      const before = held.fold.state
      const word = this.#heard.has(launch.uid) ? 'init' : 'none'
      const { bytes: taken, ...report } = held.fold.read(bytes, {
        isWhole: isWhole && !isFull,
        isFull,
        word,
        now: this.#parts.now(),
      })
      const isNothing = report.lines.length + report.points.length + report.stages.length === 0
      if (isNothing && report.open === held.open) break
      try {
        const patch = { log_from: launch.logFrom + taken }
        await this.#parts.storage.call('launches.report', { launch, report: { ...report, state: null }, patch })
      } catch (error) {
        held.fold.state = before
        throw error
      }
      launch.logFrom += taken
      held.open = report.open
      if (taken === 0 || (!isFull && taken === bytes.length)) break
    }
    if (isWhole) this.#heard.delete(launch.uid)
  }

  /** Reports that wait over there, one last time. @throws what keeps them from being taken now */
  async drain(target: Target, { launch }: Told): Promise<void> {
    const run = toRun(launch)
    if (!run) return
    const collector = new MailboxCollector({ server: this.#intake() })
    await collector.drain(
      target.watchMailboxes(() => [run.folder]),
      this.#parts.signal,
    )
    // The storage takes nothing now: they are asked for again. What it will never take stays in the folder.
    const left = collector.runs.find(({ trouble }) => trouble?.kind === 'later')
    if (left?.trouble) throw left.trouble.error
  }

  /** Begins to, unless it has. */
  collect(target: Target): void {
    if (this.#collecting !== null) return
    const stop = new AbortController()
    const signal = AbortSignal.any([stop.signal, this.#parts.signal])
    const collector = new MailboxCollector({ server: this.#intake() })
    const place = target.watchMailboxes(() =>
      [...this.#parts.told()].flatMap(({ launch }) =>
        launch.folder !== null && isAlive(launch) ? [launch.folder] : [],
      ),
    )
    const collect = async (): Promise<void> => {
      while (!signal.aborted) {
        // A way that breaks is the looks' to tell of.
        await collector.watch(place, signal).catch(() => undefined)
        await wait(this.#parts.retryMs, undefined, { signal }).catch(() => undefined) // stopped
      }
    }
    this.#collecting = { stop, done: collect() }
  }

  #intake() {
    const { storage, bell } = this.#parts
    return makeIntake({
      storage,
      bell,
      findOwner: (uid) => this.#parts.findOwner(uid),
      onHeard: (uid) => this.#heard.add(uid),
    })
  }
}

/** Where something may come of it: also of one that is thought to wait, until the next look. */
function isAlive({ state, jobState }: KeptLaunch): boolean {
  return state === 'following' && jobState !== 'pending'
}
