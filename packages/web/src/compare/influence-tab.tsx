import { useMemo } from 'react'
import type { ComparedJob } from '@pilothouse/contract'
import {
  compareRecords,
  formatValue,
  jobsForCorrelationMin,
  rankParameters,
  type Influence,
  listMetricKeys,
  readResult,
} from '@pilothouse/signals'
import type { CompareSearch } from './compare-search.ts'
import { ParallelPlot } from './parallel-plot.tsx'
import { ScatterPlot } from './scatter-plot.tsx'

/** Settings with a row in the table. */
const rowsMax = 100

type InfluenceProps = {
  jobs: readonly ComparedJob[]
  search: CompareSearch
  change: (next: Partial<CompareSearch>) => void
}

/** Which settings go with a good result, over the jobs that are compared. */
export function InfluenceTab({ jobs, search, change }: InfluenceProps) {
  const { metric } = search
  const keys = useMemo(() => listMetricKeys(jobs), [jobs])
  const key = metric !== undefined && keys.includes(metric) ? metric : keys[0]
  const parameters = useMemo(
    () => compareRecords(jobs.map(({ config }) => config)).filter(({ differs }) => differs),
    [jobs],
  )
  const values = useMemo(
    () => jobs.map((job) => (key === undefined ? null : readResult(job, key, 'best'))),
    [jobs, key],
  )
  const ranked = useMemo(() => rankParameters(parameters, values), [parameters, values])
  if (key === undefined) return <p className="py-6 text-muted">These jobs have logged no metric yet.</p>
  if (parameters.length === 0)
    return (
      <p className="py-6 text-muted">These jobs have the same settings, so nothing can be held against a metric.</p>
    )
  const axes = ranked.slice(0, 6).flatMap(({ name }) => parameters.filter((one) => one.name === name))
  const first = axes[0]
  return (
    <div className="flex flex-col gap-3">
      <label className="flex w-fit items-center gap-2">
        <span className="text-muted">Result</span>
        <select
          value={key}
          onChange={({ target }) => change({ metric: target.value })}
          className="h-8 max-w-72 rounded-md border border-line bg-surface px-2 pointer-coarse:h-11 max-sm:text-16"
        >
          {keys.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <ParallelPlot
        jobs={jobs}
        axes={[...axes, { name: key, values: values.map((value) => value ?? undefined) }]}
        search={search}
        change={change}
      />
      <div className="grid gap-3 lg:grid-cols-2">
        {first ? <ScatterPlot jobs={jobs} x={first} y={{ name: key, values }} /> : null}
        <Influences ranked={ranked} metric={key} />
      </div>
    </div>
  )
}

const absences: Readonly<Record<NonNullable<Influence['absence']>, string>> = {
  tooFew: `fewer than ${jobsForCorrelationMin} jobs have both`,
  constantParameter: 'always the same where the metric is known',
  constantMetric: 'the metric is always the same',
  allDifferent: 'each job has another word',
}

function Influences({ ranked, metric }: { ranked: readonly Influence[]; metric: string }) {
  return (
    <section
      aria-label={`What goes with ${metric}`}
      className="overflow-hidden rounded-lg border border-line bg-surface"
    >
      <h2 className="px-3 pt-2.5 font-medium">What goes with {metric}</h2>
      <p className="px-3 pb-2 text-12 text-muted">
        Each setting looked at alone. What goes together need not be the cause; p is how often chance gives as much.
      </p>
      <div tabIndex={0} role="region" aria-label="Influence, table" className="overflow-x-auto border-t border-line">
        <table className="w-full border-collapse">
          <thead className="text-12 text-muted">
            <tr>
              <th scope="col" className="px-3 py-1.5 text-left font-normal">
                Setting
              </th>
              {['explains', 'r', 'ρ', 'η²', 'p', 'jobs'].map((head) => (
                <th key={head} scope="col" className="px-3 py-1.5 text-right font-normal">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {ranked.slice(0, rowsMax).map((one) => (
              <InfluenceRow key={one.name} one={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function InfluenceRow({ one }: { one: Influence }) {
  const { name, importance, pearson, spearman, ratio, p, n, absence } = one
  const cells = [pearson?.value, spearman?.value, ratio?.value, p]
  return (
    <tr className="border-t border-line">
      <th scope="row" title={name} className="max-w-56 truncate px-3 py-1 text-left font-medium">
        {name}
      </th>
      {absence === null ? (
        <>
          <td className="px-3 py-1 text-right whitespace-nowrap">{Math.round((importance ?? 0) * 100)} %</td>
          {cells.map((value, at) => (
            <td key={at} className="px-3 py-1 text-right whitespace-nowrap text-muted">
              {value === null || value === undefined ? '–' : formatValue(Number(value.toPrecision(2)))}
            </td>
          ))}
        </>
      ) : (
        <td colSpan={5} className="px-3 py-1 text-right text-muted">
          {absences[absence]}
        </td>
      )}
      <td className="px-3 py-1 text-right text-muted">{n}</td>
    </tr>
  )
}
