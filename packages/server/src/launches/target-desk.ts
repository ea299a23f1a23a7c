/** All launched jobs of one target: sent there, looked at together, told what people want of them, until each is over. */
import { setTimeout as wait } from 'node:timers/promises'
import { isEnded, PilothouseError, type StateEvent } from '@pilothouse/contract'
import { RunError, type RunStanding, type Target, type TargetRun } from '@pilothouse/fleet'
import type { CommandBell } from '../commands/command-bell.ts'
import { Turns } from '../projects/turns.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { CodeTidier } from './code-tidier.ts'
import { calmTimes, type DeskTimes } from './desk-times.ts'
import { describeStanding } from './describe-standing.ts'
import { describeEarlier, judgeStanding } from './judge-standing.ts'
import type { OutputReport } from './format-output-report.ts'
import type { LaunchPatch } from './launch-operations.ts'
import type { KeptLaunch } from './launch-rows.ts'
import { obey } from './obey-order.ts'
import { describeFault, isPassing, Preparation, type PrepareParts, toArrayRun, toRun } from './prepare-launch.ts'
import { OutputFold } from './read-output.ts'
import { RunOutput, type Told } from './run-output.ts'
import { Sleeper } from './sleeper.ts'
import type { OpenTarget } from './target-book.ts'

/** Launches that are prepared at a time. */
const preparedAtOnce = 4

export type DeskParts = {
  name: string
  storage: Pick<StorageClient, 'call'>
  bell: CommandBell
  now: () => number
  open: () => Promise<OpenTarget>
  note: (error: unknown, what: string) => void
  preparing: PrepareParts
  times?: Partial<DeskTimes> | undefined
}

type Held = Told & {
  /** What was written of it last: a look every second is no news. */
  told: string | null
  preparation: AbortController | null
  /** The attempt of which it is stored when it began. */
  startOf: number | null
}

export class TargetDesk {
  readonly #parts: DeskParts
  readonly #times: DeskTimes
  readonly #held = new Map<string, Held>()
  readonly #closing = new AbortController()
  readonly #turns = new Turns(preparedAtOnce)
  readonly #preparing = new Set<Promise<void>>()
  #opening: Promise<OpenTarget> | null = null
  #running: Promise<void> | null = null
  readonly #output: RunOutput
  #round: Promise<void> | null = null
  readonly #sleeper = new Sleeper()
  #dueAt = 0
  #isAsked = false
  #failures = 0
  readonly #tidier: CodeTidier

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#times = { ...calmTimes, ...parts.times }
    const { storage, bell, now, note } = parts
    this.#tidier = new CodeTidier({ note, tidyMs: this.#times.tidyMs })
    this.#output = new RunOutput({
      storage,
      bell,
      now,
      retryMs: this.#times.retryMs,
      told: () => this.#held.values(),
      findOwner: (uid) => this.#held.get(uid)?.launch.memberId,
      signal: this.#closing.signal,
    })
  }

  /** Takes launches up, or what is wanted of them. Elements of an array that is not submitted yet come together. */
  take(launches: readonly KeptLaunch[]): void {
    if (this.#closing.signal.aborted) return
    for (const launch of launches) if (launch.state !== 'over' && launch.state !== 'failed') this.#hold(launch)
    for (const held of this.#held.values()) if (isPreparing(held)) this.#prepare(held)
    this.#lookSoon()
    this.#begin()
  }

  #hold(launch: KeptLaunch): void {
    const held = this.#held.get(launch.uid)
    if (held) held.launch.wanted = launch.wanted
    else
      this.#held.set(launch.uid, {
        launch,
        fold: new OutputFold(),
        open: null,
        told: null,
        preparation: null,
        startOf: null,
        isOver: false,
      })
    const preparation = held?.preparation
    if (launch.wanted !== 'cancel' || !preparation) return
    const together = [...this.#held.values()].filter((one) => one.preparation === preparation)
    if (together.every((one) => one.launch.wanted === 'cancel')) preparation.abort(cancelled)
  }

  /** Looks now; resolves when the target has answered. */
  async look(): Promise<void> {
    await this.#round
    this.#isAsked = true
    await this.#go()
  }

  /**
   * Fetches what its jobs have not sent.
   * @throws PilothouseError `conflict` when the target cannot be reached, or something is left there
   */
  async collect(): Promise<void> {
    const following = [...this.#held.values()].filter(({ launch }) => launch.state === 'following')
    try {
      const { target } = await this.#open()
      for (const held of following) await this.#output.drain(target, held)
    } catch (cause) {
      throw new PilothouseError('conflict', `Reports of jobs on «${this.#parts.name}» could not be fetched.`, {
        field: 'force',
        hint: `${describeFault(cause).words} Try again, or force it: what they have not sent is lost then.`,
        cause,
      })
    }
  }

  /** Removes the folder of a launch that is over. @throws what the target throws */
  async clean(launch: KeptLaunch): Promise<void> {
    const run = toRun(launch)
    if (run) await (await this.#open()).target.remove(run)
    await this.#parts.storage.call('launches.note', { launch, patch: { is_kept: 0 } })
    const whole = toArrayRun(launch)
    if (!launch.array || !whole) return
    const { kept } = await this.#parts.storage.call('launches.count-array', { array: launch.array.uid })
    if (kept === 0) await (await this.#open()).target.remove(whole, { isForced: true })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const { preparation } of this.#held.values()) preparation?.abort(this.#closing.signal.reason)
    await Promise.allSettled(this.#preparing)
    await this.#running
    await this.#leave()
  }

  /** What comes while the connection of an idle desk is being closed begins it anew. */
  #begin(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
      if (this.#held.size > 0 && !this.#closing.signal.aborted) this.#begin()
    })
  }

  async #run(): Promise<void> {
    const { idleMs, logMs } = this.#times
    let idleAt: number | null = null
    while (!this.#closing.signal.aborted) {
      if (this.#held.size > 0) {
        idleAt = null
        await this.#go().catch((error: unknown) => this.#parts.note(error, 'launches could not be followed'))
      } else idleAt ??= performance.now()
      if (idleAt !== null && performance.now() - idleAt > idleMs) return this.#leave()
      await this.#sleeper.sleep(this.#held.size > 0 ? logMs : Math.min(logMs, idleMs), this.#closing.signal)
    }
  }

  /** One round at a time. */
  #go(): Promise<void> {
    return (this.#round ??= this.#doRound().finally(() => (this.#round = null)))
  }

  async #doRound(): Promise<void> {
    const following = [...this.#held.values()].filter(({ launch, isOver }) => launch.state === 'following' && !isOver)
    if (following.length === 0) return
    const place = await this.#open().catch(async (error: unknown) => {
      await this.#tellUnknown(following, error)
      return null
    })
    if (place === null) return
    const { target } = place
    this.#output.collect(target)
    for (const held of following) if (held.launch.wanted !== null) await this.#carryOut(target, held)
    if (this.#isAsked || performance.now() >= this.#dueAt) {
      this.#isAsked = false
      await this.#reread()
      await this.#lookAtAll(target, following)
    }
    await this.#output.readSome(target, following)
    for (const held of following) if (held.isOver) this.#held.delete(held.launch.uid)
    if (following.some(({ isOver }) => isOver)) {
      const inUse = [...this.#held.values()].flatMap(({ launch }) => launch.folder ?? [])
      this.#tidier.begin(place, inUse, this.#closing.signal)
    }
  }

  /** A target is opened once; what it needs of the network is its own. */
  #open(): Promise<OpenTarget> {
    this.#opening ??= this.#parts.open().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  /** What is launched meanwhile opens the target anew. */
  async #leave(): Promise<void> {
    const opening = this.#opening
    this.#opening = null
    await this.#output.leave()
    await this.#tidier.done
    const place = await opening?.catch(() => null) // it never opened
    await place?.target.close()
  }

  /** A look that is under way may not know of why. */
  #lookSoon(): void {
    this.#isAsked = true
    this.#sleeper.wake()
  }

  // What is launched is prepared beside the looks; a job that cannot be sent holds up no other.

  #prepare(held: Held): void {
    if (held.preparation !== null) return
    const array = held.launch.array?.uid
    const others = [...this.#held.values()].filter(
      (one) => one !== held && array !== undefined && one.launch.array?.uid === array && isPreparing(one),
    )
    const together: [Held, ...Held[]] = [held, ...others]
    const stop = new AbortController()
    for (const one of together) one.preparation = stop
    if (together.every(({ launch }) => launch.wanted === 'cancel')) stop.abort(cancelled)
    const work = this.#turns
      .run(this.#closing.signal, () => this.#prepareTogether(together, stop.signal))
      .catch((error: unknown) => this.#parts.note(error, 'a launch could not be prepared'))
      .finally(() => this.#preparing.delete(work))
    this.#preparing.add(work)
  }

  /** One launch, or the elements of one array. */
  async #prepareTogether(together: [Held, ...Held[]], signal: AbortSignal): Promise<void> {
    const [first, ...others] = together
    const launches = [first.launch, ...others.map(({ launch }) => launch)] as const
    for (let failures = 0; ; failures += 1) {
      try {
        signal.throwIfAborted()
        const place = await this.#open()
        await new Preparation(this.#parts.preparing, { launches, place, signal }).run()
        break
      } catch (error) {
        if (this.#closing.signal.aborted) return
        if (signal.aborted) return this.#giveUp(together, wasCancelled)
        if (!isPassing(error)) {
          const { words, hint } = describeFault(error)
          const fault = { type: 'LaunchError', message: `${words} ${hint}`.trim() }
          return this.#giveUp(together, { state: 'failed', error: fault })
        }
        await this.#tellUnknown(together, error)
        await this.#pauseAfter(failures, AbortSignal.any([signal, this.#closing.signal]))
      }
    }
    const left = together.filter(isPreparing)
    for (const held of together) if (!left.includes(held)) held.preparation = null
    this.#lookSoon()
    await this.#giveUp(left, wasCancelled)
  }

  /** Nothing half-made stays: what may have been submitted is cancelled, and its folder goes. */
  async #giveUp(together: readonly Held[], state: Pick<StateEvent, 'state' | 'error'>): Promise<void> {
    const [first] = together
    if (!first || !(await this.#undoArray(first))) return
    for (const held of together) {
      const { launch } = held
      const run = toRun(launch)
      if (run && !(await this.#undoUntilDone(held, run))) return
      const patch: LaunchPatch = { state: 'failed', wanted: null, is_kept: 0, unknown_ms: null, trouble: null }
      const end = launch.wanted === 'cancel' ? wasCancelled : state
      await this.#report(held, { ...noOutput, state: { ...end, at: this.#parts.now() } }, patch)
      this.#held.delete(launch.uid)
    }
  }

  /** Of an element: what its scheduler may have of the array, though nobody has heard so. What it is known to have goes on. */
  async #undoArray(held: Held): Promise<boolean> {
    const { array } = held.launch
    const whole = toArrayRun(held.launch)
    if (array === null || whole === undefined) return true
    const { sent } = await this.#parts.storage.call('launches.count-array', { array: array.uid })
    return sent > 0 || this.#undoUntilDone(held, whole)
  }

  /** False when the server stops before: the next start goes on with it. */
  async #undoUntilDone(held: Held, run: TargetRun): Promise<boolean> {
    for (let failures = 0; !(await this.#undo(held, run)); failures += 1) {
      await this.#pauseAfter(failures, this.#closing.signal)
      if (this.#closing.signal.aborted) return false
    }
    return true
  }

  /** False while its target cannot be reached: what may run there must not be forgotten. */
  async #undo(held: Held, run: TargetRun): Promise<boolean> {
    try {
      const { target } = await this.#open()
      await target.cancel(run)
      await target.remove(run, { isForced: true })
    } catch (error) {
      if (isPassing(error)) {
        await this.#tellUnknown([held], error)
        return false
      }
      if (error instanceof RunError && error.kind === 'gone') return true // it was never made
      this.#parts.note(error, 'what a launch had made could not be removed')
    }
    return true
  }

  async #pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
    const { retryMs, retryMaxMs } = this.#times
    const ms = Math.min(retryMaxMs, retryMs * 2 ** Math.min(failures, 10))
    await wait(ms, undefined, { signal }).catch(() => undefined) // aborted: the caller looks at the signal
  }

  async #carryOut(target: Target, held: Held): Promise<void> {
    const { launch } = held
    const run = toRun(launch)
    const order = launch.wanted
    if (!run || order === null) return
    try {
      await obey(target, run, order)
    } catch (error) {
      if (isPassing(error)) return this.#tellUnknown([held], error)
      const { words, hint } = describeFault(error)
      launch.wanted = null
      held.told = null
      await this.#note(held, { wanted: null, trouble: JSON.stringify({ message: words, hint }) })
      return
    }
    launch.wanted = null
    this.#isAsked = true
    held.told = null
    await this.#note(held, { wanted: null, trouble: null })
  }

  /** Their jobs may have moved: by what they report themselves, or because somebody has deleted them. */
  async #reread(): Promise<void> {
    const rows = await this.#parts.storage.call('launches.open', { target: this.#parts.name })
    for (const { uid, jobState, wanted } of rows) {
      const launch = this.#held.get(uid)?.launch
      if (!launch) continue
      launch.jobState = jobState
      // What nobody can see any more is not to go on.
      launch.wanted = jobState === null ? 'cancel' : (wanted ?? launch.wanted)
    }
  }

  async #lookAtAll(target: Target, following: readonly Held[]): Promise<void> {
    const runs = following.flatMap((held) => {
      const run = toRun(held.launch)
      return run ? [{ held, run }] : []
    })
    const standings = await target.look(
      runs.map(({ run }) => run),
      { signal: this.#closing.signal },
    )
    const failed = standings.some(({ state }) => state === 'unknown')
    this.#failures = failed ? this.#failures + 1 : 0
    const { slurmMs, shellMs, retryMaxMs } = this.#times
    const usual = target.kind === 'slurm' ? slurmMs : shellMs
    this.#dueAt = performance.now() + Math.min(Math.max(usual, retryMaxMs), usual * 2 ** Math.min(this.#failures, 10))
    for (const [at, { held }] of runs.entries()) {
      const standing = standings[at]
      if (!standing) continue
      await this.#settle(target, held, standing).catch(async (error: unknown) => {
        if (!isPassing(error)) this.#parts.note(error, 'what became of a job could not be taken')
        await this.#tellUnknown([held], error)
      })
    }
  }

  async #settle(target: Target, held: Held, standing: RunStanding): Promise<void> {
    const { launch } = held
    const judged = judgeStanding(launch, standing)
    if (judged.kind === 'unknown') return this.#tellUnknown([held], standing.error)
    const patch = describeStanding(launch, standing, this.#parts.now())
    if (standing.slurmId !== null) launch.slurmId = standing.slurmId
    switch (judged.kind) {
      case 'pending':
      case 'running': {
        if (judged.isNew) await this.#noteState(held, { standing, state: judged.kind, patch })
        if (judged.kind === 'running') await this.#noteStart(held, standing)
        launch.isUnknown = false
        if (judged.kind === 'running') return judged.isNew ? undefined : this.#noteChanged(held, patch, null)
        return this.#noteChanged(held, patch, judged.reason)
      }
      case 'ended': {
        const isForgotten = launch.jobState === null
        // It has begun anew and ended while nobody looked.
        if (standing.restarts > launch.restarts) await this.#noteState(held, { standing, state: 'running', patch })
        await this.#noteStart(held, standing)
        await this.#output.drain(target, held)
        await this.#output.read(target, held, true)
        await this.#report(
          held,
          { ...noOutput, state: { ...judged.state, at: judged.at ?? this.#parts.now() } },
          { ...patch, state: 'over', wanted: null },
        )
        held.isOver = true
        if (isForgotten) await this.clean(launch)
        return
      }
      case 'lost':
        await this.#noteStart(held, standing)
        if (standing.state !== 'gone') {
          await this.#output.drain(target, held)
          await this.#output.read(target, held, true)
        }
        await this.#parts.storage.call('launches.lose', {
          launch,
          reason: judged.reason,
          patch: { ...patch, state: 'over', wanted: null },
        })
        held.isOver = true
        return
      default:
        return judged satisfies never
    }
  }

  async #noteState(
    held: Held,
    { standing, state, patch }: { standing: RunStanding; state: 'pending' | 'running'; patch: LaunchPatch },
  ): Promise<void> {
    const { restarts, earlier } = standing
    const attempt = restarts + 1
    const noted = { launch: { ...held.launch, attempt }, patch, earlier: earlier && describeEarlier(earlier) }
    await this.#parts.storage.call('launches.note-state', { launches: [noted], state })
    if (restarts > held.launch.restarts) held.fold = new OutputFold()
    Object.assign(held.launch, { restarts, attempt, ...(held.launch.jobState === null ? {} : { jobState: state }) })
  }

  /** Once for each attempt: when it is looked at says nothing of when it began. */
  async #noteStart(held: Held, { startedAt }: RunStanding): Promise<void> {
    const { launch } = held
    if (startedAt === null || held.startOf === launch.attempt) return
    await this.#parts.storage.call('launches.note-start', { launch, startedAt })
    held.startOf = launch.attempt
  }

  async #noteChanged(held: Held, patch: LaunchPatch, reason: string | null): Promise<void> {
    const { looked_ms: _, ...rest } = patch
    const told = JSON.stringify([rest, reason])
    if (told === held.told) return
    held.told = told
    await this.#parts.storage.call('launches.note', { launch: held.launch, patch, reason })
  }

  async #tellUnknown(held: readonly Held[], error: unknown): Promise<void> {
    const { words, hint } = describeFault(error)
    const trouble = JSON.stringify({ message: words, hint })
    for (const one of held) {
      const { launch } = one
      const since = launch.isUnknown ? {} : { unknown_ms: this.#parts.now() }
      launch.isUnknown = true
      if (one.told === trouble) continue
      one.told = trouble
      await this.#note(one, { ...since, trouble })
    }
  }

  async #note({ launch }: Held, patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.note', { launch, patch })
  }

  async #report({ launch }: Held, report: OutputReport, patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.report', { launch, report, patch })
    if (report.state && isEnded(report.state.state)) launch.jobState = report.state.state
  }
}

const cancelled = new Error('It was cancelled.')
const wasCancelled = { state: 'cancelled' } as const
const noOutput = { lines: [], open: null, points: [], stages: [], totals: {} }

function isPreparing({ launch }: Held): boolean {
  return launch.state === 'preparing'
}
