import type { ReactNode } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import type { BatchDetail } from '@pilothouse/contract'
import { isEndedBatch } from '@pilothouse/contract/wire'
import { usePageName } from '../app/crumbs.tsx'
import { useServerNow } from '../app/services.ts'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'
import { BatchButtons } from './batch-actions.tsx'
import { BatchBar } from './batch-bar.tsx'
import { BatchFacts, BatchTokens } from './batch-facts.tsx'
import { BatchLog } from './batch-log.tsx'
import { BatchSign } from './batch-sign.tsx'
import { BatchTimeline } from './batch-timeline.tsx'
import { countWords, describeCounts, describeShare, describeTime, formatCost, formatSpeed } from './batch-words.ts'
import { DeadLetters } from './dead-letters.tsx'
import { FaultTable } from './fault-table.tsx'
import { NoPermission } from './no-permission.tsx'
import { Panel } from './panel.tsx'
import { RateCharts } from './rate-charts.tsx'
import { StaleLine } from '../ui/stale-line.tsx'
import { useBatch, useBatchRights } from './use-batches.ts'
import { WatchSwitch } from './watch-switch.tsx'
import { useWatched, watchBatch } from './watched-batches.ts'

const route = getRouteApi('/frame/batches/$id')

/** All of one batch: how it stands, how it went, what failed and why. */
export function BatchPage() {
  const { id } = route.useParams()
  return (
    <div className="h-full overflow-y-auto">
      {useBatchRights().maySubmit ? <Batch key={id} id={id} /> : <NoPermission />}
    </div>
  )
}

function Batch({ id }: { id: string }) {
  const { data, error, refetch, dataUpdatedAt } = useBatch(id)
  usePageName(data?.name ?? id, `${data?.name ?? id} · Batches`)
  if (!data) return error ? <ErrorNotice error={error} onRetry={() => void refetch()} /> : <Skeleton />
  return (
    <div className="mx-auto flex max-w-[1600px] flex-col gap-4 px-4 py-4 sm:px-6 sm:py-5">
      {error ? <StaleLine error={error} readAt={dataUpdatedAt} /> : null}
      <Content batch={data} />
    </div>
  )
}

function Content({ batch }: { batch: BatchDetail }) {
  const now = useServerNow()
  const { code } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <>
      <Head batch={batch} now={now} />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-4">
          {batch.faults ? (
            <Panel title={`The file has ${countWords(batch.faults.count, 'fault')}`}>
              <FaultTable faults={batch.faults} />
            </Panel>
          ) : null}
          {batch.startedAt === null ? null : (
            <Panel title="Throughput">
              <RateCharts batch={batch} />
            </Panel>
          )}
          {batch.failures.length > 0 ? (
            <DeadLetters
              batch={batch}
              code={code}
              onCode={(next) => void navigate({ search: next === undefined ? {} : { code: next }, replace: true })}
            />
          ) : null}
          <Panel title="Log" anchor="log">
            <BatchLog batch={batch} />
          </Panel>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Panel title="Timeline">
            <BatchTimeline batch={batch} now={now} />
          </Panel>
          {batch.startedAt === null ? null : (
            <Panel title="Tokens and cost">
              <BatchTokens batch={batch} />
            </Panel>
          )}
          <Panel title="As it was asked for">
            <BatchFacts batch={batch} />
          </Panel>
        </div>
      </div>
    </>
  )
}

function Head({ batch, now }: { batch: BatchDetail; now: number }) {
  const { id, name, status, model, owner, createdAt, trouble } = batch
  const watched = useWatched()
  return (
    <header className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3">
            <h1 className="min-w-0 text-20 font-semibold tracking-tight wrap-anywhere">{name}</h1>
            <BatchSign status={status} />
          </div>
          <Dotted className="text-muted">
            <Dot>{model ?? 'model not known yet'}</Dot>
            <Dot>{owner.name}</Dot>
            <Dot>
              <TimeAgo at={createdAt} now={now} />
            </Dot>
          </Dotted>
        </div>
        <BatchButtons batch={batch} />
      </div>
      {trouble === null ? null : <p className="rounded-md bg-warn-soft px-3 py-2 wrap-anywhere text-warn">{trouble}</p>}
      <div
        hidden={isEndedBatch(status) && batch.counts.total === 0}
        className="rounded-lg border border-line bg-surface p-3 sm:px-4"
      >
        <p className="flex items-baseline justify-between gap-3 pb-1.5">
          <span className="text-muted">{describeCounts(batch)}</span>
          <span className="text-20 font-semibold">{describeShare(batch)}</span>
        </p>
        <BatchBar card={batch} className="h-2" />
        <Figures batch={batch} />
      </div>
      {isEndedBatch(status) ? null : (
        <WatchSwitch isOn={watched.includes(id)} onChange={(isOn) => watchBatch(id, isOn)} />
      )}
    </header>
  )
}

function Figures({ batch }: { batch: BatchDetail }) {
  const time = describeTime(batch)
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-2 pt-3 sm:grid-cols-4">
      <Figure name={time.more ?? 'Time'}>{time.text}</Figure>
      <Figure name="Requests/s">{formatSpeed(batch.requestsPerSecond)}</Figure>
      <Figure name="Tokens/s">{formatSpeed(batch.tokensPerSecond)}</Figure>
      <Figure name="Cost">{formatCost(batch)}</Figure>
    </dl>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col-reverse justify-end">
      <dt className="truncate text-12 text-muted">{name}</dt>
      <dd className="truncate text-16 font-medium">{children}</dd>
    </div>
  )
}

function Skeleton() {
  return (
    <div className="waits flex flex-col gap-4 px-4 py-5 sm:px-6" aria-busy="true" aria-label="The batch is on its way">
      <div className="h-7 w-1/3 rounded-sm bg-hover" />
      <div className="h-28 rounded-lg border border-line bg-surface" />
      <div className="h-56 rounded-lg border border-line bg-surface" />
    </div>
  )
}
