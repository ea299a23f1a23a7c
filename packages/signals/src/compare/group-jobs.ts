/** Jobs of a comparison put together by what they have in common: the same rate, the same model. */
import type { ComparedJob, ConfigValue } from '@pilothouse/contract'
import { formatExact, formatValue } from '../format.ts'
import { listMetricKeys, readResult, type TableRow } from './compared-rows.ts'
import { compareRecords } from './compare-records.ts'

type Jobs = readonly ComparedJob[]

/** Facts of a job, beside its settings, that jobs are grouped by. */
const facts = ['model', 'modelType', 'dataset', 'target', 'project', 'group', 'jobType', 'owner', 'state'] as const
type Fact = (typeof facts)[number]
const configFront = 'config.'

/** Something to group by, as an address names it: `config.lr`, `model`. */
type Grouping = { by: string; label: string; groups: number }

export type JobGroup = {
  /** Tells it from the others of the same grouping. */
  id: string
  /** Undefined for jobs that have none. */
  value: ConfigValue | undefined
  /** `lr = 3e-4 (5 jobs)`. */
  name: string
  /** Places of its jobs in the comparison. */
  members: readonly number[]
}

/** What the jobs differ in. First what brings jobs together, and of that what makes fewer groups. */
export function listGroupings(jobs: Jobs): Grouping[] {
  const settings = compareRecords(jobs.map(({ config }) => config)).map(({ name, values }) => ({
    by: configFront + name,
    label: name,
    groups: new Set(values.map(idOf)).size,
  }))
  const others = facts.map((fact) => ({ by: fact, label: nameOf(fact), groups: countFacts(jobs, fact) }))
  return [...settings, ...others]
    .filter(({ groups }) => groups > 1)
    .sort((a, b) => Number(a.groups === jobs.length) - Number(b.groups === jobs.length))
}

function countFacts(jobs: Jobs, fact: Fact): number {
  return new Set(jobs.map((job) => idOf(readFact(job, fact)))).size
}

/** Pure. Numbers by size, then words in their order; last who has no value. Null for what no job has. */
export function groupJobs(jobs: Jobs, by: string): JobGroup[] | null {
  const values = jobs.map((job) => readValue(job, by))
  if (values.every((value) => value === undefined)) return null
  const places = Map.groupBy(jobs.keys(), (at) => idOf(values[at]))
  const label = labelOf(by)
  return [...places]
    .map(([id, members]) => ({ id, members, value: values[members[0] ?? 0] }))
    .sort((a, b) => compareValues(a.value, b.value))
    .map(({ id, members, value }) => ({ id, value, members, name: nameGroup(label, value, members.length) }))
}

function labelOf(by: string): string {
  if (by.startsWith(configFront)) return by.slice(configFront.length)
  const fact = facts.find((one) => one === by)
  return fact ? nameOf(fact) : by
}

function nameOf(fact: Fact): string {
  return fact === 'modelType' ? 'model type' : fact === 'jobType' ? 'job type' : fact
}

function readValue(job: ComparedJob, by: string): ConfigValue | undefined {
  // A setting that is null was set to it.
  if (by.startsWith(configFront)) return new Map(Object.entries(job.config)).get(by.slice(configFront.length))
  const fact = facts.find((one) => one === by)
  return fact && readFact(job, fact)
}

function readFact(job: ComparedJob, fact: Fact): string | undefined {
  return (fact === 'owner' ? job.owner?.name : job[fact]) ?? undefined
}

/** A number is not the word that looks like it. */
function idOf(value: ConfigValue | undefined): string {
  return value === undefined ? 'none' : `${typeof value}:${String(value)}`
}

function nameGroup(label: string, value: ConfigValue | undefined, count: number): string {
  const jobs = `(${count} ${count === 1 ? 'job' : 'jobs'})`
  if (value === undefined) return `${label} not set ${jobs}`
  return `${label} = ${typeof value === 'number' ? formatExact(value) : String(value)} ${jobs}`
}

function compareValues(a: ConfigValue | undefined, b: ConfigValue | undefined): number {
  const rank = (value: ConfigValue | undefined): number => (value === undefined ? 2 : typeof value === 'number' ? 0 : 1)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return rank(a) - rank(b) || (String(a) < String(b) ? -1 : 1)
}

type Spread = { n: number; mean: number; sd: number }

/** Mean and standard deviation of a sample; 0 for a single value, null without any that is finite. */
export function summariseSpread(values: readonly (number | null | undefined)[]): Spread | null {
  const known = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  const n = known.length
  if (n === 0) return null
  const mean = known.reduce((sum, value) => sum + value / n, 0)
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { n, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : 0 }
}

/** Newest and best value of each metric over each group; the best mean stands out where somebody says what is better. */
export function listGroupedResults(jobs: Jobs, groups: readonly JobGroup[]): TableRow[] {
  return listMetricKeys(jobs).flatMap((key) => {
    const goal = jobs.flatMap(({ metrics }) => metrics).find((one) => one.key === key && one.goal !== null)?.goal
    const kinds = goal ? (['last', 'best'] as const) : (['last'] as const)
    return kinds.map((kind) => {
      const spreads = groups.map(({ members }) =>
        summariseSpread(members.map((at) => (jobs[at] ? readResult(jobs[at], key, kind) : null))),
      )
      const means = spreads.flatMap((spread) => (spread ? [spread.mean] : []))
      const top = goal === 'minimize' ? Math.min(...means) : Math.max(...means)
      const isOpen = goal !== undefined && means.some((mean) => mean !== top)
      return {
        name: kind === 'best' ? `${key}, best` : key,
        note: kind === 'best' ? (goal === 'minimize' ? 'lowest' : 'highest') : undefined,
        cells: spreads.map((spread) => (spread ? formatSpread(spread) : undefined)),
        marked: spreads.map((spread) => isOpen && spread?.mean === top),
      }
    })
  })
}

function formatSpread({ n, mean, sd }: Spread): string {
  return n === 1
    ? `${formatValue(mean)}, n 1`
    : `${formatValue(mean)} ± ${formatValue(Number(sd.toPrecision(2)))}, n ${n}`
}
