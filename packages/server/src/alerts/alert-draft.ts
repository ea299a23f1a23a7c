/** What one transaction finds out about alerts: kept by the engine once it has committed, gone with it otherwise. */
import type { AlertMove, Anomaly, EpochWatch, SeriesWatch } from '@pilothouse/signals'
import { describeAnomaly, quietWatch, watchAnomalies, watchEpochs, watchPoints, watchStall } from '@pilothouse/signals'
import { type PointBlock, type WatchedState, jobSource } from '@pilothouse/contract'
import { isInScope } from '@pilothouse/signals'
import type { ActiveRule } from './alert-rules.ts'
import type { AlertEngine, JobAnomalies, RuleOf, SeriesPlan, SeriesRule, WatchedJob } from './alert-engine.ts'
import { type WatchName, formatName } from './watch-name.ts'

export type RuleMove = {
  rule: ActiveRule
  name: WatchName
  /** The state of the job that it tells of. */
  state: WatchedState | null
  move: AlertMove
  /** Tells of a moment: there is nothing that could be over. */
  isMoment: boolean
}

export type Reported = {
  block: PointBlock
  clockOffsetMs: number
  /** The job stands still because somebody wants that. */
  isPaused: boolean
  now: number
}
type Open = { id: number; sinceMs: number }

export class AlertDraft {
  readonly #engine: AlertEngine
  readonly #watches = new Map<string, { plan: SeriesPlan; watch: SeriesWatch }>()
  readonly #epochs = new Map<string, { name: WatchName; watch: EpochWatch }>()
  readonly #anomalies = new Map<string, { ruleId: number; jobId: number; known: JobAnomalies }>()
  readonly #open = new Map<string, { name: WatchName; open: Open | undefined }>()

  constructor(engine: AlertEngine) {
    this.#engine = engine
  }

  /** What the rules say to new points of a job. */
  takePoints(job: WatchedJob, reported: Reported): RuleMove[] {
    const { block } = reported
    const others = this.#engine.rulesOf('epoch').length + this.#engine.rulesOf('anomaly').length
    if (!this.#engine.hasSeriesRules() && others === 0) return []
    const times = toServerTimes(reported)
    const moves: RuleMove[] = []
    if (this.#engine.hasSeriesRules()) {
      const lastAt = times[times.length - 1] ?? 0
      for (const [at, plans] of this.#engine.plansOf(job, block).entries()) {
        for (const plan of plans) if (lastAt >= plan.rule.sinceMs) this.#takeSeries(plan, { block, times, at }, moves)
      }
    }
    if (block.epochs && block.source === jobSource) moves.push(...this.#takeEpochs(job, block, times))
    for (const rule of this.#engine.rulesOf('anomaly'))
      if (isInScope(rule.scope, job)) moves.push(...this.#takeAnomalies(job, rule, { ...reported, times }))
    return moves
  }

  /** What a rule says of a job that is alive at `now`, and of which it has heard nothing new. */
  checkStall(job: WatchedJob, rule: RuleOf<'anomaly'>, now: number): RuleMove[] {
    const known = this.#anomaliesOf(job, rule)
    const { state, anomalies } = watchStall(known.watch, { now, excused: false })
    return this.#tellAnomalies(job, rule, { known: { ...known, watch: state }, anomalies })
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
    for (const { known, ...name } of this.#anomalies.values()) this.#engine.keepAnomalies(name, known)
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

  #takeAnomalies(
    job: WatchedJob,
    rule: RuleOf<'anomaly'>,
    { block, times, isPaused, now }: Reported & { times: Float64Array },
  ): RuleMove[] {
    const lastAt = times[times.length - 1] ?? 0
    if (lastAt < rule.sinceMs) return []
    const known = this.#anomaliesOf(job, rule)
    const { state, anomalies } = isPaused
      ? watchStall(known.watch, { now: lastAt, excused: true })
      : watchAnomalies(known.watch, { ...block, times }, rule.condition)
    // What waited for a connection arrives late: as long as it does, the job is no quiet one.
    const isOwn = block.source === jobSource || isPaused
    const arrivedMs = isOwn ? now : known.arrivedMs
    return this.#tellAnomalies(job, rule, { known: { ...known, watch: state, arrivedMs }, anomalies })
  }

  #anomaliesOf(job: WatchedJob, rule: RuleOf<'anomaly'>): JobAnomalies {
    return this.#anomalies.get(`${rule.id}|${job.id}`)?.known ?? this.#engine.anomaliesOf(rule.id, job.id)
  }

  /** Keeps what is known, and tells what is new: the same of a job and series not again before the cooldown is over. */
  #tellAnomalies(
    job: WatchedJob,
    rule: RuleOf<'anomaly'>,
    { known, anomalies }: { known: JobAnomalies; anomalies: readonly Anomaly[] },
  ): RuleMove[] {
    const raisedMs = { ...known.raisedMs }
    const moves = anomalies.flatMap((anomaly): RuleMove[] => {
      const { kind, phase, source, key, at, step, value } = anomaly
      const name = { ruleId: rule.id, jobId: job.id, source, key, anomaly: kind }
      const id = formatName(name)
      if (phase === 'raised' && at - (raisedMs[id] ?? -Infinity) < rule.cooldownMs) return []
      if (phase === 'raised') raisedMs[id] = at
      const move = { kind: phase, at, step, value, text: describeAnomaly(anomaly) }
      return [{ rule, name, state: null, move, isMoment: false }]
    })
    const kept = anomalies.length > 0 ? { ...known, raisedMs } : known
    this.#anomalies.set(`${rule.id}|${job.id}`, { ruleId: rule.id, jobId: job.id, known: kept })
    return moves
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
