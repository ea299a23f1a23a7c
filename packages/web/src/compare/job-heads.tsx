import { Link } from '@tanstack/react-router'
import type { ComparedJob } from '@pilothouse/contract'
import { styleOfPlace, type JobGroup } from '@pilothouse/signals'

/** The line of a job, as charts and tables know it. */
export function JobSwatch({ place }: { place: number }) {
  const { hue, dash } = styleOfPlace(place, 'train')
  return (
    <span
      aria-hidden
      className={`chart-swatch shrink-0 ${dash.length > 0 ? 'chart-swatch-dashed' : ''}`}
      style={{ color: `var(--series-${hue + 1})` }}
    />
  )
}

/** Heads of the columns of a table: one group of jobs each. */
export function GroupHeads({ groups }: { groups: readonly JobGroup[] }) {
  return groups.map(({ id, name }, place) => (
    <th key={id} scope="col" className="max-w-56 min-w-28 px-3 py-1.5 text-left font-medium">
      <span className="flex items-center gap-1.5" title={name}>
        <JobSwatch place={place} />
        <span className="min-w-0 truncate">{name}</span>
      </span>
    </th>
  ))
}

/** Heads of the columns of a table: one job each. */
export function JobHeads({ jobs }: { jobs: readonly ComparedJob[] }) {
  return jobs.map(({ uid, name }, place) => (
    <th key={uid} scope="col" className="max-w-56 min-w-28 px-3 py-1.5 text-left font-medium">
      <span className="flex items-center gap-1.5">
        <JobSwatch place={place} />
        <Link to="/job/$uid" params={{ uid }} title={name} className="min-w-0 truncate hover:underline">
          {name}
        </Link>
      </span>
    </th>
  ))
}
