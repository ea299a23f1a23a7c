import { getRouteApi } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import type { LogFeed } from '../logs/log-feed.ts'
import { describeEmptyLog, LogPanel } from './docked-log.tsx'
import { readLine } from './job-search.ts'

const route = getRouteApi('/frame/job/$uid')

/** The whole height for the log. */
export function LogsTab({ job, feed }: { job: Job; feed: LogFeed }) {
  const line = readLine(route.useSearch().line)
  return (
    <div className="min-h-80 flex-1">
      <LogPanel
        line={line === undefined ? undefined : line - 1}
        feed={feed}
        job={job}
        emptyWords={describeEmptyLog(job)}
      />
    </div>
  )
}
