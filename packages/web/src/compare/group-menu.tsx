import type { ComparedJob } from '@pilothouse/contract'
import { listGroupings } from '@pilothouse/signals'
import type { Band } from '../charts/average-jobs.ts'
import { bands, type CompareSearch } from './compare-search.ts'

const bandNames: Readonly<Record<Band, string>> = { range: 'lowest to highest', sd: '± 1 standard deviation' }

type GroupMenuProps = {
  jobs: readonly ComparedJob[]
  by: string | undefined
  /** Absent where no curves are drawn. */
  band?: Band
  change: (next: Pick<CompareSearch, 'by' | 'band'> | { by?: undefined; band?: undefined }) => void
}

/** By what the jobs are put together, and how far apart those of a group are shown to be. */
export function GroupMenu({ jobs, by, band, change }: GroupMenuProps) {
  const groupings = listGroupings(jobs)
  const isKnown = by === undefined || groupings.some((one) => one.by === by)
  if (groupings.length === 0 && by === undefined) return null
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-2">
      <label className="flex min-w-0 items-center gap-1.5">
        <span className="text-faint">group by</span>
        <select
          value={by ?? ''}
          onChange={({ target }) => change({ by: target.value === '' ? undefined : target.value })}
          className={selectClass}
        >
          <option value="">nothing</option>
          {isKnown ? null : <option value={by}>{by}</option>}
          {groupings.map((one) => (
            <option key={one.by} value={one.by}>
              {one.label} ({one.groups})
            </option>
          ))}
        </select>
      </label>
      {by === undefined || band === undefined ? null : (
        <label className="flex items-center gap-1.5">
          <span className="text-faint">band</span>
          <select
            value={band}
            onChange={({ target }) => change({ band: target.value === 'sd' ? 'sd' : undefined })}
            className={selectClass}
          >
            {bands.map((one) => (
              <option key={one} value={one}>
                {bandNames[one]}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  )
}

const selectClass =
  'h-7 max-w-48 min-w-0 rounded-md border border-line bg-surface px-2 pointer-coarse:h-11 max-sm:text-16'
