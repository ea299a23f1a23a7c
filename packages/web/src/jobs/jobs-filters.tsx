import { useEffect, useState } from 'react'
import { useNavigate } from '@tanstack/react-router'
import type { JobStatistics } from '@pilothouse/contract'
import { jobKinds, jobStates } from '@pilothouse/contract/wire'
import { AddJobButton } from '../add-job/add-job.tsx'
import { ArrowDownUp, ChevronDown, LayoutGrid, ListChecks, Rows3, X } from 'lucide-react'
import { useSession } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuCheck, MenuChoices } from '../ui/menu.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { parseSearch } from '../app/search-params.ts'
import { ViewsMenu } from '../views/views-menu.tsx'
import { useSelection } from './selection.tsx'
import {
  formatJobsView,
  hasFilter,
  readJobsSearch,
  type JobsSearch,
  type JobsSort,
  type TimeSpan,
} from './jobs-search.ts'

type Change = (change: (search: JobsSearch) => { [Key in keyof JobsSearch]?: JobsSearch[Key] | undefined }) => void

/** A keystroke reaches the address after so long, so that typing does not fill the list with half words. */
const searchAfterMs = 180

/** Search, filters, order and kind of list, in one line and in the address. */
export function JobsFilters({ search, statistics }: { search: JobsSearch; statistics: JobStatistics | undefined }) {
  const navigate = useNavigate({ from: '/' })
  const change: Change = (next) =>
    void navigate({ search: (before) => ({ ...before, ...next(before) }), replace: true })
  return (
    <div className="flex flex-wrap items-center gap-2">
      <JobsSearchField value={search.q ?? ''} onChange={(q) => change(() => ({ q: q === '' ? undefined : q }))} />
      <div className="flex max-w-full min-w-0 items-center gap-1.5 overflow-x-auto py-0.5 max-sm:order-last max-sm:w-full">
        <div className="sm:hidden">
          <SelectSwitch />
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
          <Button
            look="quiet"
            onClick={() => void navigate({ search: search.view ? { view: search.view } : {}, replace: true })}
          >
            <X size={14} aria-hidden /> Clear
          </Button>
        ) : null}
      </div>
      <div className="ml-auto flex items-center gap-1.5 max-sm:hidden">
        <SelectSwitch />
        <SortMenu search={search} change={change} />
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
      </div>
      <AddJobButton />
    </div>
  )
}

/** Only who may delete has something to do with picked jobs. */
function SelectSwitch() {
  const { permissions } = useSession()
  const { isOn, turn } = useSelection()
  if (!permissions.includes('training:admin')) return null
  return (
    <Button
      look="quiet"
      square
      aria-label="Select jobs"
      title="Select jobs"
      aria-pressed={isOn}
      onClick={() => turn(!isOn)}
    >
      <ListChecks size={14} aria-hidden />
    </Button>
  )
}

function JobsSearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return undefined
    const timer = setTimeout(() => onChange(text), searchAfterMs)
    return () => clearTimeout(timer)
  })
  return (
    <SearchField
      label="Search jobs"
      text={text}
      onText={setText}
      onKeyDown={(event) => (event.key === 'Escape' ? event.currentTarget.blur() : undefined)}
      className="min-w-48 flex-1 sm:max-w-72"
      endClass="pr-8"
    >
      <kbd
        className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 rounded-sm border border-line px-1 font-mono text-12 leading-4 text-faint pointer-coarse:hidden"
        aria-hidden
      >
        /
      </kbd>
    </SearchField>
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

const sorts: { value: JobsSort; label: string; order: 'asc' | 'desc' }[] = [
  { value: 'created', label: 'Newest first', order: 'desc' },
  { value: 'heard', label: 'Last heard first', order: 'desc' },
  { value: 'duration', label: 'Longest first', order: 'desc' },
  { value: 'name', label: 'Name', order: 'asc' },
  { value: 'state', label: 'State', order: 'asc' },
]

function SortMenu({ search, change }: { search: JobsSearch; change: Change }) {
  const now = sorts.find(({ value }) => value === search.sort) ?? sorts[0]
  return (
    <Menu
      trigger={
        <Button look="quiet" aria-label={`Order: ${now?.label ?? ''}`}>
          <ArrowDownUp size={14} aria-hidden /> {now?.label}
        </Button>
      }
    >
      <MenuChoices
        value={search.sort ?? 'created'}
        onChange={(sort) => {
          const order = sorts.find(({ value }) => value === sort)?.order
          change(() => (sort === 'created' ? { sort: undefined, order: undefined } : { sort, order }))
        }}
        choices={sorts}
      />
    </Menu>
  )
}

function toggle<Item>(items: readonly Item[], item: Item, on: boolean): Item[] | undefined {
  const next = on ? [...items, item] : items.filter((one) => one !== item)
  return next.length > 0 ? next : undefined
}
