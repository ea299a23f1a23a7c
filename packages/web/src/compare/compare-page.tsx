import { lazy, Suspense, useMemo, useState } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ComparedJob } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { FileText, Plus, X } from 'lucide-react'
import { formatSearch, parseSearch } from '../app/search-params.ts'
import { useCommands } from '../app/commands.ts'
import { usePageName } from '../app/crumbs.tsx'
import { useServices } from '../app/services.ts'
import { makeChartView } from '../charts/chart-view.ts'
import {
  groupJobs,
  groupKeys,
  listEnvironment,
  listGroupedResults,
  listMetricKeys,
  listResultRows,
  listSettings,
  listTimeRows,
  type JobGroup,
} from '@pilothouse/signals'
import { combineGroups } from '../charts/combine-groups.ts'
import type { Band } from '../charts/average-jobs.ts'
import type { Overlay } from '../charts/overlay.ts'
import { OverlayCharts } from '../charts/overlay-charts.tsx'
import { ChartControls } from '../job/chart-controls.tsx'
import { Button, buttonClass } from '../ui/button.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { ViewsMenu } from '../views/views-menu.tsx'
import { ComparedTable } from './compared-table.tsx'
import { compareTabs, readCompareSearch, type CompareSearch, type CompareTab } from './compare-search.ts'
import { GroupMenu } from './group-menu.tsx'
import { GroupedFeed, type LineGroup } from './grouped-feed.ts'
import { GroupHeads, JobSwatch } from './job-heads.tsx'
import { useCompare } from './use-compare.ts'

const route = getRouteApi('/frame/compare')
const JobPicker = lazy(async () => ({ default: (await import('../job/overlay-picker.tsx')).OverlayPicker }))
const InfluenceTab = lazy(async () => ({ default: (await import('./influence-tab.tsx')).InfluenceTab }))
const InfluenceSearch = lazy(async () => ({
  default: (await import('./influence-search.tsx')).InfluenceSearch,
}))
const SpaceTab = lazy(async () => ({ default: (await import('./space-tab.tsx')).SpaceTab }))

const names: Readonly<Record<CompareTab, string>> = {
  metrics: 'Metrics',
  settings: 'Settings',
  results: 'Results',
  time: 'Time and resources',
  environment: 'Environment',
  influence: 'What matters',
  space: 'Parameter space',
}

/** Several jobs side by side, or what all that match a search tell together. */
export function ComparePage() {
  const search = route.useSearch()
  if (search.job !== undefined || search.search === undefined) return <ComparedJobs search={search} />
  return (
    <Suspense fallback={null}>
      <InfluenceSearch text={search.search} metric={search.metric} />
    </Suspense>
  )
}

function ComparedJobs({ search }: { search: CompareSearch }) {
  const navigate = route.useNavigate()
  const uids = search.job ?? []
  const found = useCompare(uids)
  usePageName('Compare', `${uids.length} jobs compared`)
  const change = (next: { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined }): void =>
    void navigate({ search: (before) => clean({ ...before, ...next }), replace: true })
  const toggle = (uid: string, on: boolean): void =>
    change({ job: on ? [...uids, uid] : uids.filter((one) => one !== uid) })
  const jobs = uids.length > 1 ? (found.data?.jobs ?? []).filter(({ uid }) => uids.includes(uid)) : []
  const groups = listGroups(jobs, search)
  return (
    <div className="h-full overflow-y-auto">
      <div className="mx-auto flex max-w-[1600px] flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
        <JobsLine uids={uids} jobs={jobs} groups={groups} missing={found.data?.missing ?? []} onToggle={toggle} />
        {uids.length < 2 ? <TooFew /> : null}
        {found.error && !found.data ? <ErrorNotice error={found.error} onRetry={() => void found.refetch()} /> : null}
        {found.isLoading ? <Skeleton /> : null}
        {jobs.length > 0 ? <Sections jobs={jobs} groups={groups} search={search} change={change} /> : null}
      </div>
    </div>
  )
}

/** Without what is absent: an address names only what it has to. */
function clean(search: Record<string, unknown>): CompareSearch {
  const kept = Object.entries(search).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  )
  return Object.fromEntries(kept)
}

function TooFew() {
  return (
    <Notice title="Choose at least two jobs">
      <p>
        Add them here, or pick some in the{' '}
        <Link to="/" className="text-accent hover:underline">
          list of jobs
        </Link>{' '}
        and say Compare.
      </p>
    </Notice>
  )
}

/** Where jobs are shown as groups, each job has the colour of its group. */
function listGroups(jobs: readonly ComparedJob[], { by, tab = 'metrics' }: CompareSearch): readonly JobGroup[] | null {
  const isGrouped = by !== undefined && (tab === 'metrics' || tab === 'results')
  return isGrouped ? groupJobs(jobs, by) : null
}

type LineProps = {
  uids: readonly string[]
  jobs: readonly ComparedJob[]
  groups: readonly JobGroup[] | null
  missing: readonly string[]
  onToggle: (uid: string, on: boolean) => void
}

/** Who is compared, in the colours of their lines. */
function JobsLine({ uids, jobs, groups, missing, onToggle }: LineProps) {
  const [picking, setPicking] = useState(false)
  const navigate = route.useNavigate()
  const kept = formatSearch(route.useSearch()).slice(1)
  const openView = (words: string): void => void navigate({ search: readCompareSearch(parseSearch(words)) })
  const known = new Map(jobs.map((job) => [job.uid, job]))
  const subject = { uid: '', project: jobs[0]?.project ?? null, branches: [], branch: 0 }
  return (
    <div className="flex items-start gap-1.5 max-sm:flex-col">
      <ul
        aria-label="Jobs compared"
        tabIndex={0}
        className="relative flex max-h-28 min-w-0 flex-wrap gap-1.5 overflow-y-auto max-sm:w-full max-sm:flex-nowrap max-sm:overflow-x-auto"
      >
        {uids.map((uid) => {
          const job = known.get(uid)
          return (
            <li
              key={uid}
              className="flex h-8 max-w-full shrink-0 items-center gap-1.5 rounded-md border border-line bg-surface pr-0.5 pl-2"
            >
              {job ? <JobSwatch place={placeOf(jobs.indexOf(job), groups)} /> : null}
              {job ? <StateSign state={job.state} word={false} /> : null}
              <span className="max-w-56 min-w-0 truncate" title={job?.name ?? uid}>
                {job?.name ?? uid}
              </span>
              {missing.includes(uid) ? <span className="text-bad">no such job</span> : null}
              <Button
                look="quiet"
                square
                aria-label={`Take ${job?.name ?? uid} away`}
                onClick={() => onToggle(uid, false)}
              >
                <X size={12} aria-hidden />
              </Button>
            </li>
          )
        })}
      </ul>
      <div className="flex flex-wrap gap-1.5">
        <Button aria-haspopup="dialog" disabled={uids.length >= limits.compareJobsMax} onClick={() => setPicking(true)}>
          <Plus size={14} aria-hidden /> Add a job
        </Button>
        {jobs.length > 1 ? <DownloadLink jobs={jobs} /> : null}
        <ViewsMenu page="compare" search={kept} plainName="Start anew" open={openView} />
      </div>
      {picking ? (
        <Suspense fallback={null}>
          <JobPicker
            job={subject}
            title="Compare with"
            chosen={uids}
            isFull={uids.length >= limits.compareJobsMax}
            onToggle={onToggle}
            onClose={() => setPicking(false)}
          />
        </Suspense>
      ) : null}
    </div>
  )
}

function placeOf(job: number, groups: readonly JobGroup[] | null): number {
  return groups ? groups.findIndex(({ members }) => members.includes(job)) : job
}

/** The comparison as one file, of the jobs that are there. */
function DownloadLink({ jobs }: { jobs: readonly ComparedJob[] }) {
  const { client } = useServices()
  const query = { job: jobs.map(({ uid }) => uid), download: 'true' }
  const href = client.url('compare.document', { query })
  useCommands({}, [{ name: 'Download as HTML', run: () => window.location.assign(href) }])
  return (
    <a href={href} download className={buttonClass()}>
      <FileText size={14} aria-hidden /> Download as HTML
    </a>
  )
}

type Change = (next: { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined }) => void
type SectionsProps = {
  jobs: readonly ComparedJob[]
  groups: readonly JobGroup[] | null
  search: CompareSearch
  change: Change
}

function Sections({ jobs, groups, search, change }: SectionsProps) {
  const { tab = 'metrics' } = search
  return (
    <>
      <nav
        aria-label="Parts of the comparison"
        className="flex gap-4 overflow-x-auto border-b border-line [scrollbar-width:none]"
      >
        {compareTabs.map((name) => (
          <Link
            key={name}
            from="/compare"
            search={(before) => clean({ ...before, tab: name === 'metrics' ? undefined : name })}
            aria-current={name === tab ? 'page' : undefined}
            className={`flex h-9 items-center border-b-2 font-medium whitespace-nowrap -outline-offset-2 pointer-coarse:h-11 ${name === tab ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text'}`}
          >
            {names[name]}
          </Link>
        ))}
      </nav>
      <Section tab={tab} jobs={jobs} groups={groups} search={search} change={change} />
    </>
  )
}

function Section({ tab, jobs, groups, search, change }: SectionsProps & { tab: CompareTab }) {
  const all = search.all === '1'
  const toggle = (
    <label className="flex items-center gap-1.5 text-muted">
      <input
        type="checkbox"
        checked={all}
        onChange={({ target }) => change({ all: target.checked ? '1' : undefined })}
        className="touchable size-4 accent-(--accent)"
      />
      also what is the same
    </label>
  )
  switch (tab) {
    case 'metrics':
      return <Metrics jobs={jobs} groups={groups} search={search} change={change} />
    case 'settings':
      return (
        <ComparedTable
          title="Settings"
          jobs={jobs}
          rows={listSettings(jobs, all)}
          nothing="No setting differs between these jobs."
        >
          {toggle}
        </ComparedTable>
      )
    case 'results':
      return (
        <ComparedTable
          title="Results"
          jobs={jobs}
          rows={groups ? listGroupedResults(jobs, groups) : listResultRows(jobs)}
          heads={groups ? <GroupHeads groups={groups} /> : undefined}
          nothing="No metric was logged yet."
        >
          {groups ? <span className="text-12 text-muted">mean ± standard deviation, n jobs that have it</span> : null}
          <GroupMenu jobs={jobs} by={search.by} change={change} />
        </ComparedTable>
      )
    case 'time':
      return (
        <ComparedTable
          title="Time and resources"
          jobs={jobs}
          rows={listTimeRows(jobs)}
          nothing="None of these jobs has begun."
        />
      )
    case 'environment':
      return (
        <ComparedTable
          title="Environment"
          jobs={jobs}
          rows={listEnvironment(jobs, all)}
          nothing="Packages, commit and machines are the same, or were not reported."
        >
          {toggle}
        </ComparedTable>
      )
    case 'influence':
      return (
        <Suspense fallback={null}>
          <InfluenceTab jobs={jobs} search={search} change={change} />
        </Suspense>
      )
    case 'space':
      return (
        <Suspense fallback={null}>
          <SpaceTab jobs={jobs} search={search} change={change} />
        </Suspense>
      )
    default:
      return tab satisfies never
  }
}

function Metrics({ jobs, groups: jobGroups, search, change }: SectionsProps) {
  const view = useMemo(() => makeChartView(search, change), [search, change])
  const keys = listMetricKeys(jobs).join('\n')
  const names = useMemo(() => (keys === '' ? [] : keys.split('\n')), [keys])
  const groups = useMemo(() => {
    const words = (search.keys ?? '').toLowerCase().split(/\s+/)
    return combineGroups(groupKeys(names), view).filter(({ members }) =>
      members.some(({ key }) => words.every((word) => key.toLowerCase().includes(word))),
    )
  }, [names, view, search.keys])
  const combine = useCombine(jobs, jobGroups, search)
  const facts = JSON.stringify(
    jobs.map(({ uid, name, state, startedAt, createdAt }, place) => ({
      uid,
      name,
      state,
      startedAt,
      createdAt,
      place,
    })),
  )
  const members = useMemo(
    () => JSON.parse(facts) as Parameters<typeof OverlayCharts>[0]['jobs'], // written above
    [facts],
  )
  return (
    <>
      <ChartControls view={view}>
        <GroupMenu jobs={jobs} by={search.by} band={search.band ?? 'range'} change={change} />
      </ChartControls>
      {jobGroups ? <GroupList groups={jobGroups} /> : null}
      {groups.length === 0 ? (
        <p className="py-6 text-muted">
          {keys === '' ? 'None of these jobs has logged a metric yet.' : 'No metric matches.'}
        </p>
      ) : null}
      <OverlayCharts jobs={members} groups={groups} view={view} keys={names} combine={combine} />
    </>
  )
}

/** Lines of the charts are means of these; the function is the same while the groups are. */
function useCombine(jobs: readonly ComparedJob[], groups: readonly JobGroup[] | null, search: CompareSearch) {
  const band: Band = search.band ?? 'range'
  const text = JSON.stringify(
    groups?.map(({ id, name, members }, place): LineGroup => {
      return { id, name, place, uids: members.flatMap((at) => jobs[at]?.uid ?? []) }
    }) ?? null,
  )
  return useMemo(() => {
    const lines = JSON.parse(text) as LineGroup[] | null // written above
    return lines === null ? undefined : (overlay: Overlay) => new GroupedFeed(overlay, lines, band)
  }, [text, band])
}

/** Groups in the colours of their lines. */
function GroupList({ groups }: { groups: readonly JobGroup[] }) {
  return (
    <ul aria-label="Groups" className="flex flex-wrap gap-x-4 gap-y-1 text-12">
      {groups.map(({ id, name }, place) => (
        <li key={id} className="flex min-w-0 items-center gap-1.5">
          <JobSwatch place={place} />
          <span className="truncate">{name}</span>
        </li>
      ))}
    </ul>
  )
}

function Skeleton() {
  return (
    <div className="waits grid gap-3 md:grid-cols-2" aria-busy="true" aria-label="The comparison is on its way">
      <div className="h-72 rounded-lg border border-line bg-surface" />
      <div className="h-72 rounded-lg border border-line bg-surface" />
    </div>
  )
}
