/** All launched jobs of one target: sent there, looked at together, told what people want of them, until each is over. */
import { setTimeout as wait } from 'node:timers/promises'
import type { LaunchOrder, StateEvent } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract'
import type { RunStanding, Target, TargetRun } from '@pilothouse/fleet'
import type { CommandBell } from '../commands/command-bell.ts'
import { Turns } from '../projects/turns.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { judgeStanding } from './judge-standing.ts'
import type { LaunchPatch, LaunchReport } from './launch-operations.ts'
import { type KeptLaunch, noStanding } from './launch-rows.ts'
import { describeFault, isPassing, Preparation, type PrepareParts, toRun } from './prepare-launch.ts'
import { OutputFold } from './read-output.ts'
import { RunOutput, type Told } from './run-output.ts'
import type { OpenTarget } from './target-book.ts'

export type DeskTimes = {
  /** Between two looks: where a process says how it stands, and where a scheduler is asked. */
  shellMs: number
  slurmMs: number
  /** Between two looks at what running jobs print. */
  logMs: number
  /** Before a step is tried again, at first and at most. */
  retryMs: number
  retryMaxMs: number
  /** Without jobs so long, and its connection is closed. */
  idleMs: number
}

const calmTimes: DeskTimes = {
  shellMs: 1_000,
  slurmMs: 10_000,
  logMs: 1_000,
  retryMs: 2_000,
  retryMaxMs: 60_000,
  idleMs: 60_000,
}

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
  #wake: (() => void) | null = null
  #dueAt = 0
  #failures = 0

  constructor(parts: DeskParts) {
    this.#parts = parts
    this.#times = { ...calmTimes, ...parts.times }
    const { storage, bell, now } = parts
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

  /** Takes a launch up, or what is wanted of it. */
  take(launch: KeptLaunch): void {
    if (this.#closing.signal.aborted || launch.state === 'over' || launch.state === 'failed') return
    const held = this.#held.get(launch.uid)
    if (held) held.launch.wanted = launch.wanted
    else
      this.#held.set(launch.uid, {
        launch,
        fold: new OutputFold(),
        open: null,
        told: null,
        preparation: null,
        isOver: false,
      })
    if (launch.wanted === 'cancel') held?.preparation?.abort(cancelled)
    this.#dueAt = 0
    this.#wake?.()
    this.#begin()
  }

  /** Looks now; resolves when the target has answered. */
  async look(): Promise<void> {
    await this.#round
    this.#dueAt = 0
    this.#wake?.()
    await this.#go()
  }

  /** Removes the folder of a launch that is over. @throws what the target throws */
  async clean(launch: KeptLaunch): Promise<void> {
    const run = toRun(launch)
    if (run) {
      const { target } = await this.#open()
      await target.remove(run)
    }
    await this.#parts.storage.call('launches.note', { launch, patch: { is_kept: 0 } })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake?.()
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
      await this.#pause(this.#held.size > 0 ? logMs : Math.min(logMs, idleMs))
    }
  }

  /** One round at a time. */
  #go(): Promise<void> {
    return (this.#round ??= this.#doRound().finally(() => (this.#round = null)))
  }

  async #doRound(): Promise<void> {
    for (const held of this.#held.values()) if (held.launch.state === 'preparing') this.#prepare(held)
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
    if (performance.now() >= this.#dueAt) {
      await this.#reread()
      await this.#lookAtAll(target, following)
    }
    await this.#output.readSome(target, following)
    for (const held of following) if (held.isOver) this.#held.delete(held.launch.uid)
  }

  /** A target is opened once; what it needs of the network is its own. */
  #open(): Promise<OpenTarget> {
    this.#opening ??= this.#parts.open().catch((error: unknown) => {
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #leave(): Promise<void> {
    await this.#output.leave()
    const opening = this.#opening
    this.#opening = null
    const place = await opening?.catch(() => null) // it never opened
    await place?.target.close()
  }

  async #pause(ms: number): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await wait(ms, undefined, { signal: AbortSignal.any([woken.signal, this.#closing.signal]) }).catch(() => undefined) // woken
    this.#wake = null
  }

  // What is launched is prepared beside the looks; a job that cannot be sent holds up no other.

  #prepare(held: Held): void {
    if (held.preparation !== null) return
    const stop = new AbortController()
    held.preparation = stop
    if (held.launch.wanted === 'cancel') stop.abort(cancelled)
    const work = this.#turns
      .run(this.#closing.signal, () => this.#prepareOne(held, stop.signal))
      .catch((error: unknown) => this.#parts.note(error, 'a launch could not be prepared'))
      .finally(() => this.#preparing.delete(work))
    this.#preparing.add(work)
  }

  async #prepareOne(held: Held, signal: AbortSignal): Promise<void> {
    const { launch } = held
    for (let failures = 0; ; failures += 1) {
      try {
        signal.throwIfAborted()
        const place = await this.#open()
        await new Preparation(this.#parts.preparing, { launch, place, signal }).run()
        held.preparation = null
        this.#dueAt = 0
        this.#wake?.()
        return
      } catch (error) {
        if (this.#closing.signal.aborted) return
        if (signal.aborted) return this.#giveUp(held, { state: 'cancelled' })
        if (!isPassing(error)) {
          const { words, hint } = describeFault(error)
          return this.#giveUp(held, {
            state: 'failed',
            error: { type: 'LaunchError', message: `${words} ${hint}`.trim() },
          })
        }
        await this.#tellUnknown([held], error)
        await this.#pauseAfter(failures, AbortSignal.any([signal, this.#closing.signal]))
      }
    }
  }

  /** Nothing half-made stays: what may have been submitted is cancelled, and its folder goes. */
  async #giveUp(held: Held, state: Pick<StateEvent, 'state' | 'error'>): Promise<void> {
    const { launch } = held
    for (let failures = 0; !(await this.#undo(held)); failures += 1) {
      await this.#pauseAfter(failures, this.#closing.signal)
      if (this.#closing.signal.aborted) return // the next start goes on with it
    }
    const patch: LaunchPatch = { state: 'failed', wanted: null, is_kept: 0, unknown_ms: null, trouble: null }
    await this.#report(held, { ...noOutput, state: { ...state, at: this.#parts.now() } }, patch)
    this.#held.delete(launch.uid)
  }

  /** False while its target cannot be reached: what may run there must not be forgotten. */
  async #undo(held: Held): Promise<boolean> {
    const run = toRun(held.launch)
    if (!run) return true
    try {
      const { target } = await this.#open()
      await target.cancel(run)
      await target.remove(run, { isForced: true })
    } catch (error) {
      if (isPassing(error)) {
        await this.#tellUnknown([held], error)
        return false
      }
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
    this.#dueAt = 0
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
    const patch = this.#describe(launch, standing)
    if (standing.slurmId !== null) launch.slurmId = standing.slurmId
    switch (judged.kind) {
      case 'pending':
      case 'running': {
        const isNewAttempt = standing.restarts > launch.restarts
        Object.assign(launch, { restarts: standing.restarts, attempt: standing.restarts + 1, isUnknown: false })
        if (judged.isNew) {
          if (isNewAttempt) held.fold = new OutputFold()
          await this.#parts.storage.call('launches.note-state', { launch, state: judged.kind, patch })
          launch.jobState = judged.kind
        }
        if (judged.kind === 'running') return judged.isNew ? undefined : this.#noteChanged(held, patch, null)
        return this.#noteChanged(held, patch, judged.reason)
      }
      case 'ended': {
        const isForgotten = launch.jobState === null
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

  #describe(
    launch: KeptLaunch,
    { nodes, reason, position, expectedStartAt, restarts, state, slurmId }: RunStanding,
  ): LaunchPatch {
    const isHeld = state === 'held'
    return {
      standing: JSON.stringify({ ...noStanding, nodes, reason, position, expectedStartAt, isHeld }),
      restarts,
      attempt: restarts + 1,
      unknown_ms: null,
      trouble: null,
      looked_ms: this.#parts.now(),
      ...(slurmId === null ? {} : { slurm_id: slurmId }),
      steps: JSON.stringify(this.#finishSteps(launch, { state, nodes, reason })),
    }
  }

  #finishSteps(
    launch: KeptLaunch,
    { state, nodes, reason }: Pick<RunStanding, 'state' | 'nodes' | 'reason'>,
  ): KeptLaunch['steps'] {
    const now = this.#parts.now()
    const isWaiting = state === 'pending' || state === 'held' || state === 'waiting'
    launch.steps = launch.steps.map((one) => {
      if (one.step !== 'start' || one.state === 'done') return one
      const startedAt = one.startedAt ?? now
      if (isWaiting) return { ...one, state: 'active', words: reason, startedAt }
      return {
        ...one,
        state: 'done',
        words: nodes.length > 0 ? `on ${nodes.join(', ')}` : null,
        startedAt,
        endedAt: now,
      }
    })
    return launch.steps
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

  async #report({ launch }: Held, report: LaunchReport, patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.report', { launch, report, patch })
    if (report.state && isEnded(report.state.state)) launch.jobState = report.state.state
  }
}

const cancelled = new Error('It was cancelled.')
const noOutput = { lines: [], open: null, points: [], stages: [], totals: {} }

async function obey(target: Target, run: TargetRun, order: LaunchOrder): Promise<void> {
  switch (order) {
    case 'cancel':
      await target.cancel(run)
      return
    case 'hold':
      await target.hold(run)
      return
    case 'release':
      await target.release(run)
      return
    case 'requeue':
      await target.requeue(run)
      return
    default:
      return order satisfies never
  }
}
