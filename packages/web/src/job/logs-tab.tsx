import { useEffect, useState } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { useServices } from '../app/services.ts'
import { LogFeed } from '../logs/log-feed.ts'
import { describeEmptyLog, LogPanel } from './docked-log.tsx'
import { readLine } from './job-search.ts'

const route = getRouteApi('/frame/job/$uid')

/** The whole height for the log: that of the newest attempt, or of an earlier one. */
export function LogsTab({ job, feed }: { job: Job; feed: LogFeed }) {
  const search = route.useSearch()
  const line = readLine(search.line)
  const wanted = readLine(search.attempt)
  const earlier = job.attempts.some(({ number }) => number === wanted) && wanted !== job.attempt ? wanted : undefined
  const earlierFeed = useEarlierLog(job.uid, earlier)
  const attempt = earlier ?? job.attempt
  const shown = earlier === undefined ? feed : earlierFeed
  return (
    <div className="min-h-80 flex-1">
      {shown ? (
        <LogPanel
          key={attempt}
          line={line === undefined ? undefined : line - 1}
          feed={shown}
          job={{ ...job, attempt }}
          emptyWords={earlier === undefined ? describeEmptyLog(job) : `Attempt ${attempt} printed nothing.`}
        >
          {job.attempts.length > 1 ? <AttemptChoice job={job} attempt={attempt} /> : null}
        </LogPanel>
      ) : null}
    </div>
  )
}

/** The log of an attempt that is over, for as long as somebody looks at it. */
function useEarlierLog(uid: string, attempt: number | undefined): LogFeed | undefined {
  const services = useServices()
  const [feed, setFeed] = useState<LogFeed>()
  useEffect(() => {
    if (attempt === undefined) return undefined
    const made = new LogFeed({ ...services, uid, attempt })
    setFeed(made)
    return () => {
      made.close()
      setFeed(undefined)
    }
  }, [services, uid, attempt])
  return feed
}

function AttemptChoice({ job, attempt }: { job: Job; attempt: number }) {
  const navigate = useNavigate({ from: '/job/$uid' })
  const choose = (number: string): void => {
    const search = number === String(job.attempt) ? {} : { attempt: number }
    void navigate({ search: ({ attempt: _, line: __, ...rest }) => ({ ...rest, ...search }), replace: true })
  }
  return (
    <select
      aria-label="Attempt"
      value={attempt}
      onChange={(event) => choose(event.target.value)}
      className="h-7 rounded-md border border-line bg-surface px-1.5 pointer-coarse:h-11"
    >
      {job.attempts.map(({ number, state }) => (
        <option key={number} value={number}>
          attempt {number}, {state}
        </option>
      ))}
    </select>
  )
}
