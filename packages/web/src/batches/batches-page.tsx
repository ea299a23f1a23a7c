import { useState } from 'react'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { BatchCard, BatchGroup } from '@pilothouse/contract'
import { batchGroups } from '@pilothouse/contract/wire'
import { formatCount } from '@pilothouse/signals'
import { ChartColumn, Plus, Table2, X } from 'lucide-react'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow } from '../app/services.ts'
import { Button, buttonClass } from '../ui/button.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { useSettled } from '../ui/use-settled.ts'
import { BatchRow } from './batch-row.tsx'
import { comparedMax, type BatchesSearch } from './batches-search.ts'
import { NoBatches } from './no-batches.tsx'
import { NoPermission } from './no-permission.tsx'
import { OverviewCards } from './overview-cards.tsx'
import { StaleLine } from '../ui/stale-line.tsx'
import { useListKeys } from './use-list-keys.ts'
import { useBatchList, useBatchRights, useModels, useOverview } from './use-batches.ts'

const route = getRouteApi('/frame/batches')
const groupNames: Record<BatchGroup, string> = { active: 'Active', completed: 'Completed', failed: 'Failed' }
/** What is typed is asked for when it rests so long, ms. */
const restMs = 200

/** Batches, how they stand, and what works on them. */
export function BatchesPage() {
  usePageName(undefined, 'Batches')
  return <div className="h-full overflow-y-auto">{useBatchRights().maySubmit ? <Batches /> : <NoPermission />}</div>
}

function Batches() {
  const search = route.useSearch()
  const q = useSettled(search.q, restMs)
  const { q: _, ...rest } = search
  const list = useBatchList(q === undefined ? rest : { ...rest, q })
  const overview = useOverview()
  const now = useServerNow()
  const counts = list.data?.pages[0]?.groupCounts
  const isNew = counts !== undefined && Object.values(counts).every((count) => count === 0)
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-20 font-semibold tracking-tight">Batches</h1>
        <div className="flex gap-1.5">
          <Link to="/batches/usage" className={buttonClass()}>
            <ChartColumn size={14} aria-hidden /> Usage
          </Link>
          <Link to="/batches/compare" className={buttonClass()}>
            <Table2 size={14} aria-hidden /> Results
          </Link>
          <Link to="/batches/new" className={buttonClass('primary')}>
            <Plus size={14} aria-hidden /> New batch
          </Link>
        </div>
      </header>
      {overview.data ? <OverviewCards overview={overview.data} now={now} /> : <CardsSkeleton />}
      {isNew ? (
        <NoBatches />
      ) : (
        <>
          <Tabs search={search} counts={counts} />
          <Filters search={search} />
          {list.error && list.data ? <StaleLine error={list.error} readAt={list.dataUpdatedAt} /> : null}
          <List list={list} search={search} now={now} />
        </>
      )}
    </div>
  )
}

function Tabs({ search, counts }: { search: BatchesSearch; counts: Record<BatchGroup, number> | undefined }) {
  const chosen: BatchGroup = search.group ?? 'active'
  return (
    <nav aria-label="Lists of batches" className="flex gap-4 border-b border-line">
      {batchGroups.map((group) => (
        <Link
          key={group}
          to="/batches"
          search={({ group: __, ...rest }) => (group === 'active' ? rest : { ...rest, group })}
          aria-current={group === chosen ? 'page' : undefined}
          className={`flex h-9 items-center gap-1.5 border-b-2 font-medium -outline-offset-2 transition-colors pointer-coarse:h-11 ${group === chosen ? 'border-accent text-text' : 'border-transparent text-muted hover:text-text'}`}
        >
          {groupNames[group]}
          {counts ? <span className="text-12 font-normal text-muted">{formatCount(counts[group])}</span> : null}
        </Link>
      ))}
    </nav>
  )
}

function Filters({ search: { q = '', model } }: { search: BatchesSearch }) {
  const navigate = route.useNavigate()
  const models = useModels().data ?? []
  const names = [...new Set([...(model === undefined ? [] : [model]), ...models])]
  const change = (part: BatchesSearch): void =>
    void navigate({ search: ({ group }) => ({ ...(group === undefined ? {} : { group }), ...part }), replace: true })
  const withText = (text: string): BatchesSearch => (text === '' ? {} : { q: text })
  const withModel = (name: string | undefined): BatchesSearch => (name ? { model: name } : {})
  return (
    <div className="flex flex-wrap gap-2">
      <SearchField
        label="Find by name, model or id"
        text={q}
        onText={(text) => change({ ...withText(text), ...withModel(model) })}
        className="w-full sm:w-80"
      />
      <select
        aria-label="Model"
        value={model ?? ''}
        onChange={({ target: { value } }) => change({ ...withText(q), ...withModel(value) })}
        className="h-7 max-w-full min-w-0 rounded-md border border-line bg-surface px-2 hover:border-line-strong pointer-coarse:h-9 pointer-coarse:text-16 max-sm:flex-1"
      >
        <option value="">All models</option>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  )
}

type ListProps = { list: ReturnType<typeof useBatchList>; search: BatchesSearch; now: number }

function List({ list, search, now }: ListProps) {
  const { picked, turn, clear } = usePicked()
  useListKeys({ pick: turn, picked, unpick: clear })
  if (!list.data)
    return list.error ? <ErrorNotice error={list.error} onRetry={() => void list.refetch()} /> : <ListSkeleton />
  const batches: readonly BatchCard[] = list.data.pages.flatMap((page) => page.batches)
  if (batches.length === 0) return <p className="py-8 text-center text-muted">{describeNone(search)}</p>
  return (
    <>
      {picked.length > 0 ? <PickedBar picked={picked} onClear={clear} /> : null}
      <ul aria-label="Batches" aria-busy={list.isPlaceholderData} className="flex flex-col gap-2">
        {batches.map((batch) => (
          <BatchRow
            key={batch.id}
            batch={batch}
            now={now}
            isPicked={picked.includes(batch.id)}
            onPick={() => turn(batch.id)}
          />
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button className="self-center" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </>
  )
}

function usePicked() {
  const [picked, setPicked] = useState<readonly string[]>([])
  return {
    picked,
    turn: (id: string): void =>
      setPicked((before) => (before.includes(id) ? before.filter((one) => one !== id) : [...before, id])),
    clear: (): void => setPicked([]),
  }
}

function PickedBar({ picked, onClear }: { picked: readonly string[]; onClear: () => void }) {
  const fits = picked.length <= comparedMax
  return (
    <div
      role="group"
      aria-label="Picked batches"
      className="arrives sticky top-2 z-30 flex flex-wrap items-center gap-1.5 rounded-lg border border-line bg-surface py-1.5 pr-1.5 pl-4 shadow-float"
    >
      <span className="mr-auto" role="status">
        {picked.length} picked{fits ? '' : `, the first ${comparedMax} fit side by side`}
      </span>
      <Link
        to="/batches/compare"
        search={{ ids: picked.slice(0, comparedMax).join(',') }}
        className={buttonClass('primary')}
      >
        {picked.length === 1 ? 'Read the answers' : 'Read side by side'}
      </Link>
      <Button look="quiet" square aria-label="End picking" onClick={onClear}>
        <X size={16} aria-hidden />
      </Button>
    </div>
  )
}

function describeNone({ group: chosen, q, model }: BatchesSearch): string {
  if (q !== undefined || model !== undefined) return 'No batch of this list is like this.'
  const group: BatchGroup = chosen ?? 'active'
  switch (group) {
    case 'active':
      return 'Nothing goes on now. Batches that ended stand under Completed and Failed.'
    case 'completed':
      return 'No batch has been completed yet.'
    case 'failed':
      return 'No batch has failed, expired or been cancelled.'
    default:
      return group satisfies never
  }
}

function CardsSkeleton() {
  return (
    <div className="waits grid gap-3 md:grid-cols-3" aria-hidden>
      {[0, 1, 2].map((at) => (
        <div key={at} className="h-24 rounded-lg border border-line bg-surface" />
      ))}
    </div>
  )
}

function ListSkeleton() {
  return (
    <div className="waits flex flex-col gap-2" aria-busy="true" aria-label="The batches are on their way">
      {[0, 1, 2].map((at) => (
        <div key={at} className="flex h-18 flex-col justify-center gap-2 rounded-lg border border-line bg-surface px-3">
          <div className="h-4 w-1/3 rounded-sm bg-hover" />
          <div className="h-3 w-1/2 rounded-sm bg-hover" />
        </div>
      ))}
    </div>
  )
}
