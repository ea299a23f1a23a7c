import { useQuery } from '@tanstack/react-query'
import type { SystemStatus } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'
import { usePageName } from '../app/crumbs.tsx'
import { formatClockTime } from '../app/format-clock-time.ts'
import { useServices, useSession } from '../app/services.ts'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { ApprovalPanel } from './approval-panel.tsx'
import { JobsByState } from './jobs-by-state.tsx'
import { listWarnings } from './list-warnings.ts'
import { RatesPanel } from './rates-panel.tsx'
import { SystemCards } from './system-cards.tsx'
import { SystemFigures } from './system-figures.tsx'
import { Troubles } from './troubles.tsx'
import { UsageTable } from './usage-table.tsx'

/** Figures of the server itself are asked for anew so often, ms. */
const askEveryMs = 3_000

/** How the server is: for those who keep it. */
export function SystemPage() {
  const { permissions } = useSession()
  usePageName(undefined, 'System')
  return (
    <div className="h-full overflow-y-auto">
      {permissions.includes('system:manage') ? <SystemView /> : <NoPermission />}
    </div>
  )
}

function SystemView() {
  const { client } = useServices()
  const system = useQuery({
    queryKey: ['system'],
    queryFn: async ({ signal }) => client.call('system.get', { signal }),
    refetchInterval: askEveryMs,
    staleTime: 0,
  })
  if (!system.data)
    return system.error ? <ErrorNotice error={system.error} onRetry={() => void system.refetch()} /> : <Skeleton />
  const status = system.data
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <Head status={status} readAt={system.dataUpdatedAt} isStale={system.isError} />
      <Warnings status={status} />
      <SystemFigures status={status} />
      <SystemCards status={status} />
      <JobsByState status={status} />
      <UsageTable />
      <RatesPanel />
      <ApprovalPanel />
      <Troubles status={status} />
    </div>
  )
}

function Head({ status, readAt, isStale }: { status: SystemStatus; readAt: number; isStale: boolean }) {
  return (
    <header className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
      <h1 className="text-20 font-semibold tracking-tight">System</h1>
      <Dotted className="text-muted">
        <Dot>pilothouse {status.version}</Dot>
        <Dot>Node {status.node.replace(/^v/, '')}</Dot>
        <Dot>up {formatDuration(status.uptimeMs)}</Dot>
        <Dot>{isStale ? `no answer since ${formatClockTime(readAt)}` : `as of ${formatClockTime(readAt)}`}</Dot>
      </Dotted>
    </header>
  )
}

function Warnings({ status }: { status: SystemStatus }) {
  const warnings = listWarnings(status)
  if (warnings.length === 0) return null
  return (
    <ul role="alert" className="flex flex-col gap-2">
      {warnings.map(({ title, words, isBad }) => (
        <li key={title} className={`rounded-md px-3 py-2 ${isBad ? 'bg-bad-soft text-bad' : 'bg-warn-soft text-warn'}`}>
          <span className="font-medium">{title}</span> {words}
        </li>
      ))}
    </ul>
  )
}

function NoPermission() {
  const { role } = useSession()
  return (
    <Notice title="This page is for admins of the server">
      <p>
        You are signed in as {role}. Seeing how the server is needs the permission{' '}
        <code className="font-mono text-12">system:manage</code>.
      </p>
      <p>
        An admin can give you a role that carries it, or a link to sign in with: they run{' '}
        <code className="font-mono text-12">pilothouse link</code>.
      </p>
    </Notice>
  )
}

function Skeleton() {
  return (
    <div
      className="waits flex flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5"
      aria-busy="true"
      aria-label="The figures are on their way"
    >
      <div className="h-7 w-40 rounded-sm bg-hover" />
      <div className="h-[68px] rounded-lg border border-line bg-surface" />
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
        {Array.from({ length: 6 }, (_, at) => (
          <div key={at} className="h-48 rounded-lg border border-line bg-surface" />
        ))}
      </div>
    </div>
  )
}
