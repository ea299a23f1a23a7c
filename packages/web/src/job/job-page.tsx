import { lazy, Suspense, useEffect, useState } from 'react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { Job } from '@pilothouse/contract'
import { usePageName } from '../app/crumbs.tsx'
import { useCommands } from '../app/commands.ts'
import { useServices } from '../app/services.ts'
import { noteVisit } from '../app/recent-jobs.ts'
import { bindKeys } from '../app/shortcuts.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { BranchBanner } from './branch-banner.tsx'
import { DockedLog } from './docked-log.tsx'
import { JobHeader } from './job-header.tsx'
import { jobTabs, leaveTab, type JobTab } from './job-search.ts'
import { JobTabs } from './job-tabs.tsx'
import { LogsTab } from './logs-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { useFeeds, useJob, type Feeds } from './use-job.ts'
import { PauseBanner, type Pause } from './pause.tsx'
import { isWaiting } from './is-waiting.ts'
import { useChangeSearch } from './use-chart-view.ts'
import { listOrderCommands, type OrderCalls } from '../commands/steering-buttons.tsx'
import { SteeringDialogs, type SteeringDialog } from '../commands/steering-dialogs.tsx'
import { useSteering, type Steering } from '../commands/use-steering.ts'
import { Annotated } from '../notes/annotated.tsx'
import { useNotes, type Notes } from '../notes/use-notes.ts'
import { useProposals } from '../proposals/use-proposals.ts'

/** Fetched when somebody looks at them: the first picture is the overview. */
const MetricsTab = lazy(async () => ({ default: (await import('./metrics-tab.tsx')).MetricsTab }))
const ResourcesTab = lazy(async () => ({ default: (await import('./resources-tab.tsx')).ResourcesTab }))
const ConfigurationTab = lazy(async () => ({ default: (await import('./configuration-tab.tsx')).ConfigurationTab }))
const NotesTab = lazy(async () => ({ default: (await import('../notes/notes-tab.tsx')).NotesTab }))
const ParametersTab = lazy(async () => ({ default: (await import('../parameters/parameters-tab.tsx')).ParametersTab }))
const CheckpointsTab = lazy(async () => ({
  default: (await import('../checkpoints/checkpoints-tab.tsx')).CheckpointsTab,
}))
const SamplesTab = lazy(async () => ({ default: (await import('../samples/samples-tab.tsx')).SamplesTab }))

const route = getRouteApi('/frame/job/$uid')

/** One job: how it does, and everything it told. */
export function JobPage() {
  const { uid } = route.useParams()
  return <JobView key={uid} uid={uid} />
}

function JobView({ uid }: { uid: string }) {
  const { tab = 'overview', note, branch, told } = route.useSearch()
  const navigate = useNavigate({ from: '/job/$uid' })
  const [pausedAt, setPausedAt] = useState<number | null>(null)
  const job = useJob(uid, pausedAt !== null)
  const notes = useNotes(uid)
  const waiting = useProposals(uid).data?.proposals.filter(({ state }) => state === 'open').length ?? 0
  const feeds = useFeeds(job.data, { paused: pausedAt !== null, branch })
  const steering = useSteering(uid, job.data)
  const [dialog, setDialog] = useState<SteeringDialog>()
  const changeSearch = useChangeSearch()
  usePageName(job.data?.name, job.data ? `${job.data.name} · ${job.data.state}` : undefined)
  const name = job.data?.name
  useEffect(() => (name === undefined ? undefined : noteVisit({ uid, name })), [uid, name])
  const pause: Pause = { at: pausedAt, toggle: () => setPausedAt((at) => (at === null ? Date.now() : null)) }
  const refresh = (): void => {
    void job.refetch()
    feeds?.charts.refresh()
    void feeds?.log.reload()
  }
  const goTo = (next: JobTab): void =>
    void navigate({
      search: (before) => (next === 'overview' ? leaveTab(before) : { ...leaveTab(before), tab: next }),
    })
  const { client } = useServices()
  const download = (): void =>
    window.location.assign(client.url('jobs.document', { params: { uid }, query: { download: 'true' } }))
  const openList = (): void => changeSearch({ told: 'open' })
  const orders = makeOrderCalls({ steering, openDialog: setDialog, openList })
  useJobKeys({ togglePause: pause.toggle, refresh, download, goTo }, orders)

  if (!job.data)
    return job.error ? <ErrorNotice error={job.error} onRetry={() => void job.refetch()} /> : <PageSkeleton />
  return (
    <div className="flex h-full flex-col">
      <div
        className={`min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable] ${tab === 'logs' ? 'flex flex-col' : ''}`}
      >
        <JobHeader
          job={job.data}
          tab={tab}
          pause={pause}
          steering={steering}
          orders={orders}
          proposals={waiting}
          onRefresh={refresh}
        />
        <JobTabs tab={tab} notes={notes.total} proposals={waiting} />
        <PauseBanner pause={pause} />
        <BranchBanner job={job.data} branch={branch} onCurrent={() => changeSearch({ branch: undefined })} />
        <Annotated
          job={job.data}
          notes={notes}
          commands={steering.page?.commands}
          branch={branch === undefined ? job.data.branch : Number(branch)}
        >
          <Suspense fallback={null}>
            {feeds ? (
              <TabBody
                tab={tab}
                job={job.data}
                feeds={feeds}
                paused={pausedAt !== null}
                notes={notes}
                steering={steering}
                orders={orders}
                note={note === undefined ? undefined : Number(note)}
              />
            ) : null}
          </Suspense>
        </Annotated>
      </div>
      <SteeringDialogs
        job={job.data}
        steering={steering}
        open={told === 'open' ? 'list' : dialog}
        onClose={() => {
          setDialog(undefined)
          if (told === 'open') changeSearch({ told: undefined })
        }}
      />
      {feeds && tab === 'overview' && mayHavePrinted(job.data) ? <DockedLog job={job.data} feed={feeds.log} /> : null}
    </div>
  )
}

/** A job that waits has nothing to say yet. */
function mayHavePrinted({ state, attempts }: Job): boolean {
  return !isWaiting(state) || attempts.some(({ logLines }) => logLines > 0)
}

type TabBodyProps = {
  tab: JobTab
  job: Job
  feeds: Feeds
  paused: boolean
  notes: Notes
  note: number | undefined
  steering: Steering
  orders: OrderCalls
}

function TabBody({ tab, job, feeds, paused, notes, note, steering, orders }: TabBodyProps) {
  switch (tab) {
    case 'overview':
      return <OverviewTab job={job} feed={feeds.charts} />
    case 'metrics':
      return <MetricsTab job={job} feed={feeds.charts} paused={paused} />
    case 'samples':
      return <SamplesTab job={job} paused={paused} />
    case 'checkpoints':
      return (
        <CheckpointsTab
          job={job}
          steering={steering}
          onTold={orders.onList}
          onCreate={() => orders.give('checkpoint')}
        />
      )
    case 'parameters':
      return <ParametersTab job={job} steering={steering} onTold={orders.onList} />
    case 'resources':
      return <ResourcesTab job={job} feed={feeds.charts} />
    case 'logs':
      return <LogsTab job={job} feed={feeds.log} />
    case 'configuration':
      return <ConfigurationTab job={job} />
    case 'notes':
      return <NotesTab job={job} notes={notes} sought={note} />
    default:
      return tab satisfies never
  }
}

type JobCalls = { togglePause: () => void; refresh: () => void; download: () => void; goTo: (tab: JobTab) => void }

type Makers = { steering: Steering; openDialog: (dialog: SteeringDialog) => void; openList: () => void }

/** What asks first opens a dialog; the rest is told at once. */
function makeOrderCalls({ steering: { offered, withheld, tell }, openDialog, openList }: Makers): OrderCalls {
  return {
    offered,
    withheld,
    give: (order) => (order === 'stop' || order === 'checkpoint' ? openDialog(order) : tell(order)),
    onList: openList,
  }
}

function useJobKeys(calls: JobCalls, orders: OrderCalls): void {
  const tabs = jobTabs.map((tab) => ({ name: `Tab: ${tab}`, run: () => calls.goTo(tab) }))
  const more = [...listOrderCommands(orders), ...tabs, { name: 'Download as HTML', run: calls.download }]
  useCommands({ pause: calls.togglePause, refresh: calls.refresh }, more)
  useEffect(() =>
    bindKeys(({ key }) => {
      const tab = jobTabs[Number(key) - 1]
      if (tab) calls.goTo(tab)
      return tab !== undefined
    }),
  )
}

function PageSkeleton() {
  return (
    <div className="waits flex flex-col gap-4 p-6" aria-busy="true" aria-label="The job is on its way">
      <div className="h-7 w-72 rounded-sm bg-hover" />
      <div className="h-4 w-96 max-w-full rounded-sm bg-hover" />
      <div className="h-2 rounded-full bg-hover" />
      <div className="grid gap-3 xl:grid-cols-2">
        <div className="h-72 rounded-lg border border-line bg-surface" />
        <div className="h-72 rounded-lg border border-line bg-surface" />
      </div>
    </div>
  )
}
