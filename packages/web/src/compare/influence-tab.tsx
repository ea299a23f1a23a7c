import { useMemo } from 'react'
import type { ComparedJob } from '@pilothouse/contract'
import { compareRecords, rankParameters, listMetricKeys, readResult } from '@pilothouse/signals'
import type { CompareSearch } from './compare-search.ts'
import { Influences } from './influence-table.tsx'
import { ParallelPlot } from './parallel-plot.tsx'
import { ScatterPlot } from './scatter-plot.tsx'

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
