/** What the tables of a comparison hold, from what the server told of each job. */
import type { ComparedJob, ComparedMetric, ConfigValue } from '@pilothouse/contract'
import { gpuResourceKeys, hostResourceKeys } from '@pilothouse/contract/wire'
import { type ChartUnit, formatUnit } from '../charts/chart-scale.ts'
import { formatMoney } from '../cost/format-money.ts'
import { formatDuration, formatExact, formatValue } from '../format.ts'
import { compareRecords } from './compare-records.ts'

type Jobs = readonly ComparedJob[]

export type TableRow = {
  name: string
  /** Said of the row, behind its name. */
  note?: string | undefined
  cells: readonly (string | undefined)[]
  /** Cells that stand out: the odd one of many, or the best. */
  marked?: readonly boolean[] | undefined
}

/** Settings, or only those in which the jobs differ. */
export function listSettings(jobs: Jobs, all: boolean): TableRow[] {
  return listRecords(
    jobs.map(({ config }) => config),
    all,
  )
}

/** Versions of packages, of Python, commit, machines. */
export function listEnvironment(jobs: Jobs, all: boolean): TableRow[] {
  const records = jobs.map(({ recipe, hardware, model, dataset, target }): Record<string, ConfigValue> => ({
    ...given('model', model),
    ...given('dataset', dataset),
    ...given('target', target),
    ...given('commit', recipe?.git && `${recipe.git.commit}${recipe.git.dirty ? ' (with changes)' : ''}`),
    ...given('branch', recipe?.git?.branch),
    ...given('python', recipe?.python),
    ...given('command', recipe?.command?.join(' ')),
    ...given('hosts', hardware.map(({ host }) => host).join(', ') || undefined),
    ...given('GPUs', hardware.flatMap(({ gpus }) => gpus.map(({ name }) => name)).join(', ') || undefined),
    ...Object.fromEntries(
      Object.entries(recipe?.packages ?? {}).map(([name, version]) => [`package ${name}`, version]),
    ),
    ...Object.fromEntries(Object.entries(recipe?.environment ?? {}).map(([name, value]) => [`$${name}`, value])),
  }))
  return listRecords(records, all)
}

function given(name: string, value: string | null | undefined): Record<string, string> {
  return value === null || value === undefined ? {} : { [name]: value }
}

function listRecords(records: readonly Record<string, ConfigValue>[], all: boolean): TableRow[] {
  return compareRecords(records)
    .filter(({ differs }) => all || differs)
    .map(({ name, values, odd }) => ({ name, cells: values.map(formatSetting), marked: odd }))
}

function formatSetting(value: ConfigValue | undefined): string | undefined {
  if (value === undefined) return undefined
  return typeof value === 'number' ? formatExact(value) : String(value)
}

export type ResultKind = 'best' | 'last'

/** One number of a metric: its best where somebody says what is best, else its newest. */
export function readResult(job: ComparedJob, key: string, kind: ResultKind): number | null {
  return readMetric(
    job.metrics.find((one) => one.key === key),
    kind,
  )
}

function readMetric(metric: ComparedMetric | undefined, kind: ResultKind): number | null {
  if (!metric) return null
  if (kind === 'last' || metric.goal === null) return metric.last
  return metric.goal === 'minimize' ? metric.min : metric.max
}

/** All metrics of all jobs, the most looked-for first. */
export function listMetricKeys(jobs: Jobs): string[] {
  return [...new Set(jobs.flatMap(({ metrics }) => metrics.map(({ key }) => key)))]
}

/** Newest and best value of each metric; the best job stands out where somebody says what is better. */
export function listResultRows(jobs: Jobs): TableRow[] {
  const tables = jobs.map(({ metrics }) => new Map(metrics.map((metric) => [metric.key, metric])))
  return listMetricKeys(jobs).flatMap((key) => {
    const metrics = tables.map((table) => table.get(key))
    const goal = metrics.find((metric) => metric && metric.goal !== null)?.goal ?? null
    const last = makeResultRow(key, metrics, { kind: 'last', goal })
    return goal === null ? [last] : [last, makeResultRow(key, metrics, { kind: 'best', goal })]
  })
}

type Metrics = readonly (ComparedMetric | undefined)[]
type RowKind = { kind: ResultKind; goal: ComparedMetric['goal'] }

function makeResultRow(key: string, metrics: Metrics, { kind, goal }: RowKind): TableRow {
  const values = metrics.map((metric) => readMetric(metric, kind))
  const known = values.filter((value) => value !== null)
  const top = goal === 'minimize' ? Math.min(...known) : Math.max(...known)
  const isOpen = goal !== null && known.some((value) => value !== top)
  return {
    name: kind === 'best' ? `${key}, best` : key,
    note: kind === 'best' ? (goal === 'minimize' ? 'lowest' : 'highest') : undefined,
    cells: values.map((value) => (value === null ? undefined : formatValue(value))),
    marked: values.map((value) => isOpen && value === top),
  }
}

/** How long the jobs and their stages took, and what they used. */
export function listTimeRows(jobs: Jobs): TableRow[] {
  const stages = [...new Set(jobs.flatMap((job) => job.stages.map(({ name }) => name)))]
  const resources = [...new Set(jobs.flatMap((job) => job.resources.map(({ key }) => key)))].filter(
    (key) => !key.endsWith('.total'),
  )
  return [
    { name: 'state', cells: jobs.map(({ state }) => state) },
    { name: 'time under way', cells: jobs.map(({ activeMs }) => duration(activeMs)) },
    {
      name: 'GPU-hours',
      cells: jobs.map(({ activeMs, gpus }) =>
        activeMs === null || gpus === 0 ? undefined : formatValue((activeMs / 3_600_000) * gpus),
      ),
    },
    { name: 'cost', cells: jobs.map(({ cost }) => (cost ? formatMoney(cost.amount, cost.currency) : undefined)) },
    ...stages.map((name) => ({
      name: `stage ${name}`,
      cells: jobs.map((job) => {
        const stage = job.stages.find((one) => one.name === name)
        return stage?.startedAt && stage.endedAt ? duration(stage.endedAt - stage.startedAt) : undefined
      }),
    })),
    ...resources.map((key) => ({
      name: key,
      note: 'mean, peak',
      cells: jobs.map((job) => {
        const found = job.resources.find((one) => one.key === key)
        if (!found || found.mean === null) return undefined
        const unit = unitOf(key)
        return `${formatUnit(found.mean, unit)}, ${found.peak === null ? '–' : formatUnit(found.peak, unit)}`
      }),
    })),
  ].filter(({ cells }) => cells.some((text) => text !== undefined))
}

const units: Readonly<Record<string, ChartUnit>> = { ...hostResourceKeys, ...gpuResourceKeys }

function unitOf(key: string): ChartUnit {
  return units[key] ?? 'value'
}

function duration(ms: number | null): string | undefined {
  return ms === null ? undefined : formatDuration(ms)
}
