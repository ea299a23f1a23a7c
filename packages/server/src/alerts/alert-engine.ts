/**
 * What memory knows of alert rules and of what they look at. It lives in the storage thread: points are looked at in the
 * transaction that stores them, so an alert is there if, and only if, the points are. What a transaction finds out stands
 * in a draft until it has committed.
 *
 * After a start open alerts are read from the database; a condition that has held for a while, and what is smoothed,
 * begins anew.
 */
import type { AnomalyWatch, EpochWatch, SeriesWatch } from '@pilothouse/signals'
import { isInScope, matchesPattern, quietWatch, raisedWatch, resumeAnomalies } from '@pilothouse/signals'
import type { Kysely, Selectable } from 'kysely'
import type { AlertTable, Tables } from '../storage/tables.ts'
import { type ActiveRule, readActiveRules } from './alert-rules.ts'
import { type WatchName, formatName, nameOf } from './watch-name.ts'

type Kind = ActiveRule['condition']['kind']
export type RuleOf<Name extends Kind> = ActiveRule & { condition: Extract<ActiveRule['condition'], { kind: Name }> }
export type SeriesRule = RuleOf<'threshold' | 'change' | 'non-finite' | 'diverging'>
export type WatchedJob = { id: number; uid: string; project: string }
/** Keys of a source whose rules are remembered; beyond, rules are matched at each report. */
const plannedKeysMax = 5_000
const seriesKinds: readonly Kind[] = ['threshold', 'change', 'non-finite', 'diverging']

/** A rule that looks at a series, and what this watch is called: made once, for it is looked up at each report. */
export type SeriesPlan = { rule: SeriesRule; name: WatchName; id: string }

type SeriesOfJob = { job: WatchedJob; source: string; key: string }

type SourceMemory = {
  byKey: Map<string, readonly SeriesPlan[]>
  /** The keys that were asked for last, and what looks at each: reports bring the same ones again and again. */
  keys: readonly string[]
  plans: readonly (readonly SeriesPlan[])[]
}

type JobMemory = {
  sources: Map<string, SourceMemory>
  watches: Map<string, SeriesWatch>
  epochs: Map<number, EpochWatch>
  /** By rule. */
  anomalies: Map<number, JobAnomalies>
}

/** What one rule knows of a job. `arrivedMs`: when points of the job itself arrived last, by our clock; 0: not yet. */
export type JobAnomalies = {
  watch: AnomalyWatch
  arrivedMs: number
  /** When each was raised last, by the name of its watch. */
  raisedMs: Readonly<Record<string, number>>
}

type Open = { id: number; sinceMs: number }

export class AlertEngine {
  #rules: readonly ActiveRule[] | undefined
  /** The rules that the watches are of. */
  #known: readonly ActiveRule[] = []
  #series: readonly SeriesRule[] = []
  #byKind = new Map<Kind, ActiveRule[]>()
  readonly #jobs = new Map<number, JobMemory>()
  /** Ids of open alerts by the name of their watch, and since when they are. */
  readonly #open = new Map<string, Open & { name: WatchName }>()
  #isOpenKnown = false

  /** Reads what is not known yet. */
  async prepare(db: Kysely<Tables>): Promise<void> {
    if (this.#rules === undefined) this.#takeRules(await readActiveRules(db))
    if (!this.#isOpenKnown) await this.#readOpen(db)
  }

  rulesOf<Name extends Kind>(kind: Name): readonly RuleOf<Name>[] {
    return (this.#byKind.get(kind) ?? []) as unknown as readonly RuleOf<Name>[] // grouped by this very kind
  }

  hasSeriesRules(): boolean {
    return this.#series.length > 0
  }

  /** What looks at each of these keys of a source of a job. */
  plansOf(
    job: WatchedJob,
    { source, keys }: { source: string; keys: readonly string[] },
  ): readonly (readonly SeriesPlan[])[] {
    const { sources } = this.#memoryOf(job.id)
    const known = sources.get(source)
    if (known && isSame(known.keys, keys)) return known.plans
    const byKey = known?.byKey ?? new Map<string, readonly SeriesPlan[]>()
    const plans = keys.map((key) => byKey.get(key) ?? this.#plan(byKey, { job, source, key }))
    sources.set(source, { byKey, keys, plans })
    return plans
  }

  #plan(byKey: Map<string, readonly SeriesPlan[]>, { job, source, key }: SeriesOfJob): readonly SeriesPlan[] {
    const rules = this.#series.filter(
      ({ scope, condition }) =>
        isInScope(scope, job) && matchesPattern(condition.source, source) && matchesPattern(condition.key, key),
    )
    const made = rules.map((rule) => {
      const name = { ruleId: rule.id, jobId: job.id, source, key }
      return { rule, name, id: formatName(name) }
    })
    if (byKey.size < plannedKeysMax) byKey.set(key, made)
    return made
  }

  /** What is known of a series; undefined when nothing worth keeping is. */
  watchOf({ name, id }: Pick<SeriesPlan, 'name' | 'id'>): SeriesWatch | undefined {
    const known = this.#jobs.get(name.jobId)?.watches.get(id)
    if (known) return known
    const open = this.#open.get(id)
    return open && raisedWatch(open.sinceMs)
  }

  epochOf(name: WatchName): EpochWatch {
    return this.#jobs.get(name.jobId)?.epochs.get(name.ruleId) ?? null
  }

  /** What a rule knows of what is unusual of a job; after a start, what is open. */
  anomaliesOf(ruleId: number, jobId: number): JobAnomalies {
    const known = this.#jobs.get(jobId)?.anomalies.get(ruleId)
    if (known) return known
    const open = [...this.#open.values()].flatMap(({ name }) =>
      name.ruleId === ruleId && name.jobId === jobId && name.anomaly ? [{ ...name, kind: name.anomaly }] : [],
    )
    return { watch: resumeAnomalies(open), arrivedMs: 0, raisedMs: {} }
  }

  /** Jobs that have logged nothing for `waitMs`, by what the rules that look for a stall know. */
  quietJobs(now: number, waitMs: number): number[] {
    return [...this.#jobs].flatMap(([id, { anomalies }]) =>
      [...anomalies.values()].some(({ arrivedMs }) => arrivedMs > 0 && now - arrivedMs >= waitMs) ? [id] : [],
    )
  }

  keepAnomalies({ ruleId, jobId }: Pick<WatchName, 'ruleId' | 'jobId'>, anomalies: JobAnomalies): void {
    this.#memoryOf(jobId).anomalies.set(ruleId, anomalies)
  }

  openOf(name: WatchName): number | undefined {
    return this.#open.get(formatName(name))?.id
  }

  /** Job ids with an open alert of a rule. */
  jobsWithOpen(ruleId: number): number[] {
    return [...this.#open.keys()].flatMap((name) => {
      const [rule, job] = name.split('|', 2)
      return Number(rule) === ruleId ? [Number(job)] : []
    })
  }

  keepWatch({ name, id }: Pick<SeriesPlan, 'name' | 'id'>, watch: SeriesWatch): void {
    const { watches } = this.#memoryOf(name.jobId)
    if (isForgettable(watch)) watches.delete(id)
    else watches.set(id, watch)
  }

  keepEpoch({ jobId, ruleId }: WatchName, watch: EpochWatch): void {
    this.#memoryOf(jobId).epochs.set(ruleId, watch)
  }

  keepOpen(name: WatchName, open: Open | undefined): void {
    if (open) this.#open.set(formatName(name), { ...open, name })
    else this.#open.delete(formatName(name))
  }

  /** Somebody has changed the status of alerts. */
  takeEdits(rows: readonly Selectable<AlertTable>[]): void {
    for (const row of rows) {
      if (row.rule_id === null) continue
      const name = nameOf(row)
      const watches = this.#memoryOf(row.job_id).watches
      if (row.status === 'resolved') {
        this.#open.delete(formatName(name))
        if (name.anomaly) continue
        // Quiet, with the cooldown from now on: it does not come again with the next point.
        const { trigger, fold } = watches.get(formatName(name)) ?? quietWatch
        const quiet = { ...trigger, phase: 'quiet' as const, sinceMs: null, raisedMs: row.changed_ms }
        watches.set(formatName(name), { trigger: quiet, fold })
      } else if (!this.#open.has(formatName(name))) {
        this.#open.set(formatName(name), { id: row.id, sinceMs: row.time_ms, name })
        if (!name.anomaly) watches.set(formatName(name), raisedWatch(row.changed_ms))
      }
    }
  }

  /** The rules have changed. */
  forgetRules(): void {
    this.#rules = undefined
    this.#isOpenKnown = false
  }

  /** A job that has ended sends no points: what was remembered of it goes. */
  forgetJob(id: number): void {
    this.#jobs.delete(id)
  }

  /** Nothing that memory has can be relied on. */
  clear(): void {
    this.forgetRules()
    this.#jobs.clear()
  }

  #memoryOf(jobId: number): JobMemory {
    const known = this.#jobs.get(jobId)
    if (known) return known
    const fresh: JobMemory = { sources: new Map(), watches: new Map(), epochs: new Map(), anomalies: new Map() }
    this.#jobs.set(jobId, fresh)
    return fresh
  }

  /** Watches of rules that look at something else by now go; those of the others stay. */
  #takeRules(rules: readonly ActiveRule[]): void {
    const kept = new Set(rules.map(({ id, sinceMs }) => `${id}@${sinceMs}`))
    const before = new Map(this.#known.map(({ id, sinceMs }) => [id, `${id}@${sinceMs}`]))
    const isKept = (id: number) => kept.has(before.get(id) ?? '')
    for (const memory of this.#jobs.values()) {
      memory.sources.clear()
      for (const name of memory.watches.keys()) {
        if (!isKept(Number(name.split('|', 1)[0]))) memory.watches.delete(name)
      }
      for (const id of memory.anomalies.keys()) if (!isKept(id)) memory.anomalies.delete(id)
    }
    this.#rules = rules
    this.#known = rules
    this.#series = rules.filter(isSeriesRule)
    this.#byKind = Map.groupBy(rules, ({ condition }) => condition.kind)
  }

  async #readOpen(db: Kysely<Tables>): Promise<void> {
    this.#open.clear()
    const rows = await db
      .selectFrom('alert')
      .selectAll()
      .where('status', '!=', 'resolved')
      .where('rule_id', 'is not', null)
      .execute()
    for (const row of rows) {
      const name = nameOf(row)
      this.#open.set(formatName(name), { id: row.id, sinceMs: row.time_ms, name })
    }
    await this.#readEpochs(db)
    this.#isOpenKnown = true
  }

  /** The epochs that were told last. */
  async #readEpochs(db: Kysely<Tables>): Promise<void> {
    const ids = this.rulesOf('epoch').map(({ id }) => id)
    if (ids.length === 0) return
    const rows = await db
      .selectFrom('alert')
      .innerJoin('job', 'job.id', 'alert.job_id')
      .select(({ fn }) => ['alert.rule_id', 'alert.job_id', fn.max('alert.value').as('value')])
      .where('alert.rule_id', 'in', ids)
      .where('job.ended_ms', 'is', null)
      .groupBy(['alert.rule_id', 'alert.job_id'])
      .execute()
    for (const { rule_id, job_id, value } of rows) {
      const { epochs } = this.#memoryOf(job_id)
      if (rule_id !== null && !epochs.has(rule_id)) epochs.set(rule_id, value)
    }
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, at) => key === other[at])
}

/** Rules of series look at points; all others at the job. */
function isSeriesRule(rule: ActiveRule): rule is SeriesRule {
  return seriesKinds.includes(rule.condition.kind)
}

/** As one of which nothing is known yet. */
function isForgettable({ trigger, fold }: SeriesWatch): boolean {
  return (
    trigger.phase === 'quiet' &&
    trigger.raisedMs === -Infinity &&
    fold.count === 0 &&
    fold.parts.length === 0 &&
    Number.isNaN(fold.base)
  )
}
