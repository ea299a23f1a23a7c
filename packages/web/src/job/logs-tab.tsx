import type { Job } from '@pilothouse/contract'
import type { LogFeed } from '../logs/log-feed.ts'
import { LogPanel } from '../logs/log-panel.tsx'
import { describeEmptyLog } from './docked-log.tsx'

/** The whole height for the log. */
export function LogsTab({ job, feed }: { job: Job; feed: LogFeed }) {
  return (
    <div className="min-h-80 flex-1">
      <LogPanel feed={feed} uid={job.uid} attempt={job.attempt} emptyWords={describeEmptyLog(job)} />
    </div>
  )
}
