/**
 * Brings what waits in mailboxes to the server. One look after the other: what was decided since the last is settled in the
 * same round trip; then the reports of each run are sent in order, several runs at a time; a file goes away only after its
 * report is stored. Two collectors, or a script that sends its own files, do no harm: the server knows each report by its
 * number.
 *
 * A look every `activeMs` while something comes, more and more rarely up to `idleMs` otherwise. While the server is away
 * nothing is looked at; while a run is refused it is left out, the others go on.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { mailboxLimits, type Look, type MailboxPlace, type RunFiles, type Settlement } from './mailbox-place.ts'
import { MailboxRun, type RunProgress, type RunTrouble, type SendOptions } from './mailbox-run.ts'
import type { MailboxServer } from './mailbox-server.ts'

export const collectorTimes = {
  activeMs: 400,
  idleMs: 2_000,
  /** However long the way is. */
  leastMs: 50,
  /** After the last report, so long a place counts as active. */
  activeForMs: 30_000,
  /** A run that is watched is answered at least this often. */
  ackMs: 10_000,
  /** A run that has said nothing for so long is forgotten; when it writes again, it is known again. */
  forgetMs: 3_600_000,
  retryFirstMs: 500,
  retryMaxMs: 10_000,
  /** At the end, for what was decided to be done. */
  farewellMs: 5_000,
} as const

export type CollectorEvent =
  | { kind: 'job'; run: MailboxRun }
  | { kind: 'stored'; run: MailboxRun; count: number }
  | { kind: 'refused'; run: MailboxRun; stem: string; error: unknown }
  | { kind: 'trouble'; run: MailboxRun; error: unknown }
  | { kind: 'over'; run: MailboxRun }
  /** The server takes nothing now; told once until it is back. */
  | { kind: 'away'; error: unknown }
  | { kind: 'back' }

export type CollectorClock = {
  /** Milliseconds since 1970. */
  now(): number
  /** Milliseconds that never jump. */
  monotonic(): number
  /** 0 … 1. */
  random(): number
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export type CollectorOptions = {
  server: MailboxServer
  tell?: (event: CollectorEvent) => void
  clock?: CollectorClock
}

const ownClock: CollectorClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  wait: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined), // aborted: the caller looks at the signal
}

/** What a look came to. */
type Round = { hasMore: boolean; moved: boolean; isAway: boolean; wayMs: number }
/** Until it is told to stop, or until nothing more can be sent now. */
type Mode = 'watch' | 'drain'

export class MailboxCollector {
  readonly #server: MailboxServer
  readonly #tell: (event: CollectorEvent) => void
  readonly #clock: CollectorClock
  /** The least recently seen first. */
  readonly #runs = new Map<string, MailboxRun>()
  readonly #settlements = new Map<string, Settlement>()
  #after: string | null = null
  #activeUntil = 0
  #idleMs: number = collectorTimes.activeMs
  #awayFailures = 0
  #awayTrouble: RunTrouble | null = null

  constructor({ server, tell = () => undefined, clock = ownClock }: CollectorOptions) {
    this.#server = server
    this.#tell = tell
    this.#clock = clock
  }

  /** Runs that are remembered. */
  get runs(): readonly MailboxRun[] {
    return [...this.#runs.values()]
  }

  /**
   * Collects until it is told to stop.
   * @throws what the place throws; called again, with the same place or another way to it, it goes on where it was.
   */
  async watch(place: MailboxPlace, signal: AbortSignal): Promise<void> {
    for (const run of this.#runs.values()) run.listen(this.#server, this.#clock.monotonic)
    try {
      while (!signal.aborted) {
        const round = await this.#look(place, { signal, mode: 'watch' })
        await this.#clock.wait(this.#choosePause(round), signal)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
    for (const run of this.#runs.values()) run.close()
    // What is stored need not be sent again. Where it cannot be settled any more, it is found to be stored the next time.
    if (this.#settlements.size > 0) {
      await this.#exchange(place, AbortSignal.timeout(collectorTimes.farewellMs)).catch(() => undefined)
    }
  }

  /**
   * Collects all that is there, and ends. A run that cannot be sent now is left, with its trouble. Folders of runs of which
   * everything arrived go.
   * @throws what the place throws.
   */
  async drain(place: MailboxPlace, signal: AbortSignal): Promise<void> {
    for (let round: Round = { hasMore: true, moved: true, isAway: false, wayMs: 0 }; round.moved || round.hasMore;) {
      signal.throwIfAborted()
      round = await this.#look(place, { signal, mode: 'drain' })
    }
    for (const run of this.#runs.values()) {
      if (run.trouble === null) this.#settlements.set(run.folder, run.settle(nothingNew, true))
    }
    await this.#exchange(place, signal)
  }

  async #look(place: MailboxPlace, { signal, mode }: { signal: AbortSignal; mode: Mode }): Promise<Round> {
    if (mode === 'watch') this.#addDueAcks()
    const look = await this.#exchange(place, signal)
    const lookedAt = this.#clock.monotonic()
    const began = look.clockMs ?? this.#clock.now()
    const reporterClock = (): number => began + this.#clock.monotonic() - lookedAt
    this.#after = look.runs.at(-1)?.folder ?? null
    const waiting = [...look.runs]
    const round: Round = { hasMore: false, moved: false, isAway: false, wayMs: look.wayMs }
    const send = async (): Promise<void> => {
      for (let files = waiting.shift(); files !== undefined && !signal.aborted; files = waiting.shift()) {
        const run = this.#remember(files.folder, mode)
        if (round.isAway) this.#leave(run, mode)
        else
          addProgress(round, await this.#sendRun({ run, files, mode }, { server: this.#server, signal, reporterClock }))
      }
    }
    await Promise.all(Array.from({ length: mailboxLimits.sendersMax }, send))
    this.#awayFailures = round.isAway ? this.#awayFailures + 1 : 0
    return round
  }

  async #exchange(place: MailboxPlace, signal: AbortSignal): Promise<Look> {
    const settlements = [...this.#settlements.values()]
    const now = this.#clock.monotonic()
    const look = await place.exchange(
      {
        settlements,
        known: this.runs.filter((run) => run.isKnown).map(({ folder }) => folder),
        skipped: this.runs.filter((run) => run.retryAt > now).map(({ folder }) => folder),
        after: this.#after,
      },
      signal,
    )
    // Only now is it known that they were done.
    for (const { folder } of settlements) this.#settlements.delete(folder)
    return look
  }

  async #sendRun(
    { run, files, mode }: { run: MailboxRun; files: RunFiles; mode: Mode },
    options: SendOptions,
  ): Promise<RunProgress> {
    const wasKnown = run.isKnown
    const progress = await run.send(files, options)
    if (!wasKnown && run.isKnown) this.#tell({ kind: 'job', run })
    const moved = this.#noteProgress(run, progress)
    if (!options.signal.aborted) this.#noteTrouble(run, progress, mode)
    const isOver = run.hasEnded && !progress.hasMore && progress.trouble === null
    if (moved || wasKnown !== run.isKnown) {
      this.#settlements.set(run.folder, run.settle(progress, isOver))
      run.ackedAt = this.#clock.monotonic()
    }
    if (isOver && mode === 'watch') {
      this.#tell({ kind: 'over', run })
      this.#forget(run)
    } else if (mode === 'watch') run.listen(this.#server, this.#clock.monotonic)
    return progress
  }

  /** The server is away: nothing is tried. */
  #leave(run: MailboxRun, mode: Mode): void {
    run.trouble = this.#awayTrouble
    if (mode === 'drain') run.retryAt = Infinity
  }

  #noteProgress(run: MailboxRun, { stored, refused }: RunProgress): boolean {
    const moved = stored.length + refused.length > 0
    run.seenAt = this.#clock.monotonic()
    if (moved) this.#activeUntil = run.seenAt + collectorTimes.activeForMs
    if (stored.length > 0) this.#tell({ kind: 'stored', run, count: stored.length })
    for (const { stem, error } of refused) this.#tell({ kind: 'refused', run, stem, error })
    return moved
  }

  #noteTrouble(run: MailboxRun, { trouble, stored }: RunProgress, mode: Mode): void {
    if (trouble?.kind !== 'later' || stored.length > 0) this.#noteBack()
    if (trouble === null) {
      run.retryAt = 0
      return
    }
    if (trouble.kind !== 'later') {
      if (run.failures === 1) this.#tell({ kind: 'trouble', run, error: trouble.error })
      run.retryAt = this.#clock.monotonic() + this.#pauseAfter(run.failures)
    } else if (this.#awayTrouble === null) {
      this.#awayTrouble = trouble
      this.#tell({ kind: 'away', error: trouble.error })
    }
    if (mode === 'drain') run.retryAt = Infinity
  }

  #noteBack(): void {
    if (this.#awayTrouble !== null) this.#tell({ kind: 'back' })
    this.#awayTrouble = null
  }

  #addDueAcks(): void {
    const now = this.#clock.monotonic()
    for (const run of this.#runs.values()) {
      if (now - run.seenAt > collectorTimes.forgetMs) this.#forget(run)
      else if (run.isKnown && run.hasNews) this.#bringOrders(run, now)
      else if (run.isKnown && !this.#settlements.has(run.folder) && now - run.ackedAt >= collectorTimes.ackMs) {
        this.#settlements.set(run.folder, run.settle(nothingNew, false))
        run.ackedAt = now
      }
    }
  }

  /** The run of a folder, moved to the end of those remembered; the one seen longest ago makes room. */
  #remember(folder: string, mode: Mode): MailboxRun {
    const run = this.#runs.get(folder) ?? new MailboxRun(folder)
    this.#runs.delete(folder)
    this.#runs.set(folder, run)
    const [oldest] = this.#runs.values()
    if (mode === 'watch' && this.#runs.size > mailboxLimits.runsMax && oldest) this.#forget(oldest)
    return run
  }

  #forget(run: MailboxRun): void {
    run.close()
    this.#runs.delete(run.folder)
  }

  /** With what has been decided of the run already. What came of it is to be seen soon. */
  #bringOrders(run: MailboxRun, now: number): void {
    const fresh = run.settle(nothingNew, false)
    const decided = this.#settlements.get(run.folder)
    this.#settlements.set(run.folder, decided ? { ...decided, ack: fresh.ack } : fresh)
    run.ackedAt = now
    this.#activeUntil = now + collectorTimes.activeForMs
  }

  /** On a long line the way there and back, and the half of the next on which a report comes, are part of its waiting. */
  #choosePause({ hasMore, moved, isAway, wayMs }: Round): number {
    const { activeMs, idleMs } = collectorTimes
    if (isAway) return this.#pauseAfter(this.#awayFailures)
    if (hasMore && moved) return 0
    if (this.#clock.monotonic() < this.#activeUntil || hasMore) this.#idleMs = activeMs
    else this.#idleMs = Math.min(idleMs, this.#idleMs * 1.2)
    return Math.max(collectorTimes.leastMs, this.#idleMs - 1.5 * wayMs)
  }

  #pauseAfter(failures: number): number {
    const { retryFirstMs, retryMaxMs } = collectorTimes
    const full = Math.min(retryMaxMs, retryFirstMs * 2 ** Math.min(failures - 1, 10))
    return full * (0.5 + this.#clock.random() / 2)
  }
}

const nothingNew: RunProgress = { stored: [], refused: [], trouble: null, hasMore: false }

function addProgress(round: Round, { stored, refused, trouble, hasMore }: RunProgress): void {
  round.moved ||= stored.length + refused.length > 0
  round.hasMore ||= hasMore && trouble === null
  round.isAway ||= trouble?.kind === 'later'
}
