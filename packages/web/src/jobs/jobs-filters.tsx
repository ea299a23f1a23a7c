import { useNavigate } from '@tanstack/react-router'
import type { JobStatistics } from '@pilothouse/contract'
import { jobKinds, jobStates } from '@pilothouse/contract/wire'
import { AddJobButton } from '../add-job/add-job.tsx'
import { ArrowDownUp, ChartColumn, ChevronDown, LayoutGrid, ListChecks, Rows3, X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { Menu, MenuCheck, MenuChoices } from '../ui/menu.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { parseSearch } from '../app/search-params.ts'
import { ViewsMenu } from '../views/views-menu.tsx'
import { firstOrder, isValueName, nameColumn, type Sort } from './job-columns.ts'
import { JobSearchBox } from './job-search-box.tsx'
import { useSelection } from './selection.tsx'
import { formatJobsView, hasFilter, readJobsSearch, type JobsSearch, type TimeSpan } from './jobs-search.ts'

type Change = (change: (search: JobsSearch) => { [Key in keyof JobsSearch]?: JobsSearch[Key] | undefined }) => void

/** Search, filters, order and kind of list, in one line and in the address. */
export function JobsFilters({ search, statistics }: { search: JobsSearch; statistics: JobStatistics | undefined }) {
  const navigate = useNavigate({ from: '/' })
  const change: Change = (next) =>
    void navigate({ search: (before) => ({ ...before, ...next(before) }), replace: true })
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center gap-2">
        <JobSearchBox
          value={search.q ?? ''}
          statistics={statistics}
          onChange={(q) => change(() => ({ q: q === '' ? undefined : q }))}
        />
        <AddJobButton />
      </div>
      <div className="flex min-w-0 items-center gap-2">
        <div className="flex min-w-0 flex-1 items-center gap-1.5 overflow-x-auto py-0.5">
          <div className="flex sm:hidden">
            <SelectSwitch />
            <ChartsSwitch search={search} change={change} />
          </div>
          <ViewsMenu
            page="jobs"
            search={formatJobsView(search)}
            plainName="All jobs"
            open={(view) => void navigate({ search: readJobsSearch(parseSearch(view)) })}
          />
          <StateFilter search={search} change={change} />
          <ListFilter name="project" label="Project" search={search} options={statistics?.projects} change={change} />
          <ListFilter name="tag" label="Tag" search={search} options={statistics?.tags} change={change} />
          <ListFilter name="target" label="Target" search={search} options={statistics?.targets} change={change} />
          <ListFilter name="owner" label="Owner" search={search} options={statistics?.owners} change={change} />
          <KindFilter search={search} change={change} />
          <TimeFilter search={search} change={change} />
          {hasFilter(search) ? (
            <Button look="quiet" onClick={() => void navigate({ search: keepLook, replace: true })}>
              <X size={14} aria-hidden /> Clear
            </Button>
          ) : null}
          <div className="flex items-center gap-1.5 sm:hidden">
            <SortMenu search={search} statistics={statistics} change={change} />
            <LookSwitch search={search} change={change} />
          </div>
        </div>
        <div className="flex shrink-0 items-center gap-1.5 max-sm:hidden">
          <ChartsSwitch search={search} change={change} />
          <SelectSwitch />
          <SortMenu search={search} statistics={statistics} change={change} />
          <LookSwitch search={search} change={change} />
        </div>
      </div>
    </div>
  )
}

/** How the list looks stays when its filters go. */
function keepLook({ view, columns, charts, sort, order }: JobsSearch): JobsSearch {
  return {
    ...(charts && { charts }),
    ...(view && { view }),
    ...(columns && { columns }),
    ...(view && sort && { sort }),
    ...(view && order && { order }),
  }
}

function ChartsSwitch({ search, change }: { search: JobsSearch; change: Change }) {
  return (
    <Button
      look="quiet"
      square
      aria-label="Statistics"
      title="Statistics by day"
      aria-pressed={search.charts !== undefined}
      onClick={() => change(({ charts }) => ({ charts: charts === undefined ? '30' : undefined }))}
    >
      <ChartColumn size={14} aria-hidden />
    </Button>
  )
}

function LookSwitch({ search, change }: { search: JobsSearch; change: Change }) {
  return (
    <div className="flex rounded-md border border-line bg-surface" role="group" aria-label="Kind of list">
      <Button
        look="quiet"
        square
        aria-label="Cards"
        title="Cards"
        aria-pressed={search.view !== 'table'}
        className="-m-px"
        onClick={() => change(() => ({ view: undefined }))}
      >
        <LayoutGrid size={14} aria-hidden />
      </Button>
      <Button
        look="quiet"
        square
        aria-label="Table"
        title="Table"
        aria-pressed={search.view === 'table'}
        className="-m-px"
        onClick={() => change(() => ({ view: 'table' }))}
      >
        <Rows3 size={14} aria-hidden />
      </Button>
    </div>
  )
}

function SelectSwitch() {
  const { isOn, turn } = useSelection()
  return (
    <Button
      look="quiet"
      square
      aria-label="Select jobs"
      title="Select jobs (x on one)"
      aria-pressed={isOn}
      onClick={() => turn(!isOn)}
    >
      <ListChecks size={14} aria-hidden />
    </Button>
  )
}

function FilterButton({ label, active, ...rest }: { label: string; active: readonly string[] }) {
  const isOn = active.length > 0
  return (
    <Button className={isOn ? 'border-accent bg-accent-soft text-accent' : ''} {...rest}>
      {label}
      {isOn ? (
        <span className="max-w-28 truncate font-normal">{active.length === 1 ? active[0] : active.length}</span>
      ) : null}
      <ChevronDown size={12} className={isOn ? '' : 'text-faint'} aria-hidden />
    </Button>
  )
}

function StateFilter({ search, change }: { search: JobsSearch; change: Change }) {
  const chosen = search.state ?? []
  return (
    <Menu align="start" trigger={<FilterButton label="State" active={chosen} />}>
      {jobStates.map((state) => (
        <MenuCheck
          key={state}
          checked={chosen.includes(state)}
          onChange={(on) => change(({ state: now = [] }) => ({ state: toggle(now, state, on) }))}
        >
          <StateSign state={state} />
        </MenuCheck>
      ))}
    </Menu>
  )
}

/** A filter that would offer nothing to choose from is not shown. */
function ListFilter({
  name,
  label,
  search,
  options = [],
  change,
}: {
  name: 'project' | 'tag' | 'target' | 'owner'
  label: string
  search: JobsSearch
  options: readonly string[] | undefined
  change: Change
}) {
  const chosen = search[name] ?? []
  const all = [...new Set([...options, ...chosen])]
  if (all.length < 2 && chosen.length === 0) return null
  return (
    <Menu align="start" trigger={<FilterButton label={label} active={chosen} />}>
      {all.map((option) => (
        <MenuCheck
          key={option}
          checked={chosen.includes(option)}
          onChange={(on) => change((before) => ({ [name]: toggle(before[name] ?? [], option, on) }))}
        >
          <span className="max-w-64 truncate">{option}</span>
        </MenuCheck>
      ))}
    </Menu>
  )
}

function KindFilter({ search, change }: { search: JobsSearch; change: Change }) {
  return (
    <Menu align="start" trigger={<FilterButton label="Kind" active={search.kind ? [search.kind] : []} />}>
      <MenuChoices
        value={search.kind ?? 'any'}
        onChange={(kind) => change(() => ({ kind: kind === 'any' ? undefined : kind }))}
        choices={[
          { value: 'any' as const, label: 'Any kind' },
          ...jobKinds.map((kind) => ({ value: kind, label: kind })),
        ]}
      />
    </Menu>
  )
}

const spans: { value: TimeSpan | 'any'; label: string }[] = [
  { value: 'any', label: 'Any time' },
  { value: '1d', label: 'Last day' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
]

function TimeFilter({ search, change }: { search: JobsSearch; change: Change }) {
  const chosen = spans.find(({ value }) => value === search.time)
  return (
    <Menu align="start" trigger={<FilterButton label="Time" active={chosen ? [chosen.label] : []} />}>
      <MenuChoices
        value={search.time ?? 'any'}
        onChange={(time) => change(() => ({ time: time === 'any' ? undefined : time }))}
        choices={spans}
      />
    </Menu>
  )
}

const sorts: { value: Sort; label: string }[] = [
  { value: 'created', label: 'Newest first' },
  { value: 'heard', label: 'Last heard first' },
  { value: 'duration', label: 'Longest first' },
  { value: 'cost', label: 'Most costly first' },
  { value: 'ended', label: 'Last ended first' },
  { value: 'name', label: 'Name' },
  { value: 'state', label: 'State' },
]

type SortMenuProps = { search: JobsSearch; statistics: JobStatistics | undefined; change: Change }

/** The usual orders; the table has more of them in its heads. */
function SortMenu({ search, statistics, change }: SortMenuProps) {
  const now = search.sort ?? 'created'
  const offered = sorts.filter(({ value }) => value !== 'cost' || value === now || statistics?.costWeek)
  const known = offered.find(({ value }) => value === now)
  const other = known ? [] : [{ value: now, label: `By ${isValueName(now) ? nameColumn(now) : now}` }]
  const label = known?.label ?? other[0]?.label ?? ''
  return (
    <Menu
      trigger={
        <Button look="quiet" aria-label={`Order: ${label}`}>
          <ArrowDownUp size={14} aria-hidden /> <span className="max-w-40 truncate">{label}</span>
        </Button>
      }
    >
      <MenuChoices
        value={now}
        onChange={(sort) => {
          const order = firstOrder(sort)
          change(() => (sort === 'created' ? { sort: undefined, order: undefined } : { sort, order }))
        }}
        choices={[...offered, ...other]}
      />
    </Menu>
  )
}

function toggle<Item>(items: readonly Item[], item: Item, on: boolean): Item[] | undefined {
  const next = on ? [...items, item] : items.filter((one) => one !== item)
  return next.length > 0 ? next : undefined
}
