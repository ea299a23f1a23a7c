import { useState } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { InfluenceAnswer } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { usePageName } from '../app/crumbs.tsx'
import { useServices } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { Influences } from './influence-table.tsx'

const route = getRouteApi('/frame/compare')
/** Worked out anew after so long; it reads a value of every job and setting. */
const freshMs = 30_000

type SearchProps = { text: string; metric: string | undefined }

/** Which settings go with a good result, over all jobs that match a search. */
export function InfluenceSearch({ text, metric }: SearchProps) {
  const { client } = useServices()
  const navigate = route.useNavigate()
  usePageName('What matters', 'What matters over many jobs')
  const query = { ...(text === '' ? {} : { search: text }), ...(metric === undefined ? {} : { metric }) }
  const found = useQuery({
    queryKey: ['influence', text, metric],
    queryFn: async ({ signal }) => client.call('compare.influence', { query, signal }),
    placeholderData: keepPreviousData,
    staleTime: freshMs,
  })
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1000px] flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
        <SearchLine
          key={text}
          text={text}
          onSearch={(search) => void navigate({ search: { search }, replace: true })}
        />
        {found.error && !found.isFetching ? (
          <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
        ) : found.data ? (
          <Answer
            answer={found.data}
            metric={metric}
            onMetric={(next) => void navigate({ search: { search: text, metric: next }, replace: true })}
          />
        ) : (
          <div
            className="waits h-72 rounded-lg border border-line bg-surface"
            aria-busy="true"
            aria-label="It is worked out"
          />
        )}
      </div>
    </div>
  )
}

/** Searched when it is sent: each letter would read thousands of jobs. */
function SearchLine({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [draft, setDraft] = useState(text)
  return (
    <form
      role="search"
      className="flex flex-wrap items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(draft.trim())
      }}
    >
      <SearchField label="Jobs that match" text={draft} onText={setDraft} className="min-w-48 flex-1" />
      <Button type="submit">Search</Button>
      <Link to="/" search={text === '' ? {} : { q: text }} className={buttonClass()}>
        Show these jobs
      </Link>
    </form>
  )
}

type AnswerProps = { answer: InfluenceAnswer; metric: string | undefined; onMetric: (key: string) => void }

function Answer({ answer, metric, onMetric }: AnswerProps) {
  const { total, jobs, metrics, settings, withMetric, goal, same, leftOut } = answer
  if (total === 0)
    return (
      <Notice title="No job matches">
        <p>Search for fewer words, or for another project.</p>
      </Notice>
    )
  if (metrics.length === 0)
    return <p className="py-6 text-muted">None of these {formatCount(jobs)} jobs has logged a metric yet.</p>
  const key = answer.metric
  const value = goal === null ? 'newest' : goal === 'minimize' ? 'lowest' : 'highest'
  const chosen = key ?? metric ?? ''
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="flex items-center gap-2">
          <span className="text-muted">Result</span>
          <select
            value={chosen}
            onChange={({ target }) => onMetric(target.value)}
            className="h-8 max-w-72 rounded-md border border-line bg-surface px-2 pointer-coarse:h-11 max-sm:text-16"
          >
            {metrics.includes(chosen) ? null : <option>{chosen}</option>}
            {metrics.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <p role="status" className="text-muted">
          {total > jobs ? `The newest ${formatCount(jobs)} of ${formatCount(total)} jobs` : `${formatCount(jobs)} jobs`}{' '}
          match; {formatCount(withMetric)} have a {value} value of it.
        </p>
      </div>
      {key === null ? (
        <p className="py-6 text-muted">None of these jobs has logged «{chosen}».</p>
      ) : settings.length === 0 ? (
        <p className="py-6 text-muted">These jobs have the same settings, so nothing can be held against a metric.</p>
      ) : (
        <Influences ranked={settings} metric={key} />
      )}
      <p className="text-12 text-muted">
        {same > 0 ? `${same} ${same === 1 ? 'setting is' : 'settings are'} the same in all jobs that have them. ` : ''}
        {leftOut > 0 ? `${leftOut} more settings or metrics are left out. ` : ''}
        Values of jobs that report are at most about 20 seconds old.
      </p>
    </>
  )
}
