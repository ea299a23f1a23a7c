/** What one transaction finds out about alerts: kept by the engine once it has committed, gone with it otherwise. */
import type { AlertMove, EpochWatch, SeriesWatch } from '@pilothouse/signals'
import { quietWatch, watchEpochs, watchPoints } from '@pilothouse/signals'
import { type PointBlock, type WatchedState, jobSource } from '@pilothouse/contract'
import { isInScope } from '@pilothouse/signals'
import type { ActiveRule } from './alert-rules.ts'
import {
  type AlertEngine,
  type SeriesPlan,
  type SeriesRule,
  type WatchName,
  type WatchedJob,
  formatName,
} from './alert-engine.ts'

export type RuleMove = {
  rule: ActiveRule
  name: WatchName
  /** The state of the job that it tells of. */
  state: WatchedState | null
  move: AlertMove
  /** Tells of a moment: there is nothing that could be over. */
  isMoment: boolean
}

export type Reported = { block: PointBlock; clockOffsetMs: number }
type Open = { id: number; sinceMs: number }

export class AlertDraft {
  readonly #engine: AlertEngine
  readonly #watches = new Map<string, { plan: SeriesPlan; watch: SeriesWatch }>()
  readonly #epochs = new Map<string, { name: WatchName; watch: EpochWatch }>()
  readonly #open = new Map<string, { name: WatchName; open: Open | undefined }>()

  constructor(engine: AlertEngine) {
    this.#engine = engine
  }

  /** What the rules say to new points of a job. */
  takePoints(job: WatchedJob, reported: Reported): RuleMove[] {
    const { block } = reported
    if (!this.#engine.hasSeriesRules() && this.#engine.rulesOf('epoch').length === 0) return []
    const times = toServerTimes(reported)
    const moves: RuleMove[] = []
    if (this.#engine.hasSeriesRules()) {
      const lastAt = times[times.length - 1] ?? 0
      for (const [at, plans] of this.#engine.plansOf(job, block).entries()) {
        for (const plan of plans) if (lastAt >= plan.rule.sinceMs) this.#takeSeries(plan, { block, times, at }, moves)
      }
    }
    if (block.epochs && block.source === jobSource) moves.push(...this.#takeEpochs(job, block, times))
    return moves
  }

  openOf(name: WatchName): number | undefined {
    const drafted = this.#open.get(formatName(name))
    return drafted ? drafted.open?.id : this.#engine.openOf(name)
  }

  setOpen(name: WatchName, open: Open | undefined): void {
    this.#open.set(formatName(name), { name, open })
  }

  /** The transaction has committed. */
  keep(): void {
    for (const { plan, watch } of this.#watches.values()) this.#engine.keepWatch(plan, watch)
    for (const { name, watch } of this.#epochs.values()) this.#engine.keepEpoch(name, watch)
    for (const { name, open } of this.#open.values()) this.#engine.keepOpen(name, open)
  }

  #takeSeries(plan: SeriesPlan, { block, times, at }: SeriesPoints, moves: RuleMove[]): void {
    const { rule, name, id } = plan
    const values = block.values[at] ?? []
    const known = this.#watches.get(id)?.watch ?? this.#engine.watchOf(plan)
    if (known === undefined && isUneventful(rule, values)) return
    const points = { key: name.key, steps: block.steps, times, values, bases: basesOf(rule, block) }
    const { watch, moves: found } = watchPoints(rule, known ?? quietWatch, points)
    this.#watches.set(id, { plan, watch })
    for (const move of found) moves.push({ rule, name, state: null, move, isMoment: false })
  }

  #takeEpochs(job: WatchedJob, block: PointBlock, times: Float64Array): RuleMove[] {
    return this.#engine.rulesOf('epoch').flatMap((rule) => {
      if (!isInScope(rule.scope, job)) return []
      const name = { ruleId: rule.id, jobId: job.id, source: '', key: '' }
      const known = this.#epochs.get(formatName(name))
      const before = known ? known.watch : this.#engine.epochOf(name)
      const { watch, moves } = watchEpochs(rule, before, { steps: block.steps, times, epochs: block.epochs ?? [] })
      this.#epochs.set(formatName(name), { name, watch })
      return moves.map((move) => ({ rule, name, state: null, move, isMoment: true }))
    })
  }
}

type SeriesPoints = { block: PointBlock; times: Float64Array; at: number }

/** Times by our clock. */
function toServerTimes({ block, clockOffsetMs }: Reported): Float64Array {
  // `from` with a function costs ten times as much, for each report.
  const times = new Float64Array(block.times.length)
  for (let row = 0; row < times.length; row += 1) times[row] = (block.times[row] ?? 0) - clockOffsetMs
  return times
}

/** The column that a percentage is of, where the same block has it. */
function basesOf({ condition }: SeriesRule, { keys, values }: PointBlock): ArrayLike<number> | undefined {
  if (condition.kind !== 'threshold' || condition.of === null) return undefined
  return values[keys.indexOf(condition.of)]
}

/** Nearly all points: nothing is known of the series, and nothing in them is worth a memory. */
function isUneventful({ condition }: SeriesRule, values: ArrayLike<number>): boolean {
  switch (condition.kind) {
    case 'non-finite':
      for (let row = 0; row < values.length; row += 1) if (!Number.isFinite(values[row])) return false
      return true
    case 'threshold': {
      const { is, value: bound, of } = condition
      if (of !== null) return false
      for (let row = 0; row < values.length; row += 1) {
        const value = values[row] ?? 0
        if (is === 'above' ? value > bound : value < bound) return false
      }
      return true
    }
    case 'change':
    case 'diverging':
      return false
    default:
      return condition satisfies never
  }
}
