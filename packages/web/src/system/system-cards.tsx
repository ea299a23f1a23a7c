import type { ReactNode } from 'react'
import type { SystemStatus } from '@pilothouse/contract'
import { formatBytes, formatCount, formatDuration } from '@pilothouse/signals'
import { CopyButton } from '../ui/copyable.tsx'
import { formatMs, formatPerSecond, formatShare } from './format-figures.ts'
import { forecastGrowth } from './list-warnings.ts'
import { Meter } from './meter.tsx'

/** Every figure of the server, by what it is about. */
export function SystemCards({ status }: { status: SystemStatus }) {
  return (
    <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
      <DatabaseCard status={status} />
      <StoreCard status={status} />
      <IntakeCard status={status} />
      <ThreadsCard status={status} />
      <LiveCard status={status} />
      <DiskCard status={status} />
    </div>
  )
}

function DatabaseCard({ status }: { status: SystemStatus }) {
  const { database } = status
  const growth = forecastGrowth(status)
  return (
    <Card title="Database">
      <Figure name="Kind" value={database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'} />
      <Figure name="Size" value={formatBytes(database.bytes)} />
      {database.freeBytes === null ? null : (
        <Figure name="Free inside, used first" value={formatBytes(database.freeBytes)} />
      )}
      {database.logBytes === null ? null : <Figure name="Write-ahead log" value={formatBytes(database.logBytes)} />}
      <Figure name="Growth of metrics, as it goes now" value={growth === null ? '–' : `${formatBytes(growth)} a day`} />
      <Figure name="Takes writes" value={database.writable ? 'yes' : 'no'} isBad={!database.writable} />
    </Card>
  )
}

function StoreCard({ status: { store, now } }: { status: SystemStatus }) {
  return (
    <Card title="Metric store">
      <Figure name="Points" value={formatCount(store.points)} />
      <Figure name="Series" value={formatCount(store.series)} />
      <Figure name="Chunks" value={`${formatCount(store.chunks)}, ${formatBytes(store.chunkBytes)}`} />
      <Figure name="Bytes a point" value={store.bytesPerPoint === null ? '–' : store.bytesPerPoint.toFixed(2)} />
      <Figure name="Counted" value={`${formatDuration(Math.max(0, now - store.countedAt))} ago`} />
      <Figure name="Points in memory" value={formatCount(store.headPoints)} />
      <Meter
        name="Memory of the newest points"
        value={store.headBytes}
        most={store.headBytesMax}
        words={`${formatBytes(store.headBytes)} of ${formatBytes(store.headBytesMax)}`}
        hint="Beyond the bound the jobs heard of least recently leave memory."
      />
    </Card>
  )
}

function IntakeCard({ status: { ingest } }: { status: SystemStatus }) {
  return (
    <Card title={`Intake, last ${formatDuration(ingest.windowMs)}`}>
      <Figure name="Points a second" value={formatPerSecond(ingest.pointsPerSecond)} />
      <Figure name="Reports a second" value={formatPerSecond(ingest.reportsPerSecond)} />
      <Figure name="Half acknowledged within" value={formatMs(ingest.ackP50Ms)} />
      <Figure name="99 % acknowledged within" value={formatMs(ingest.ackP99Ms)} />
      <Figure name="Refused" value={formatCount(ingest.refused)} isBad={ingest.refused > 0} />
    </Card>
  )
}

function ThreadsCard({ status: { process, storageThread } }: { status: SystemStatus }) {
  return (
    <Card title="Process">
      <Figure name="Process number" value={String(process.pid)} />
      <Figure name="Memory" value={formatBytes(process.rssBytes)} />
      <Figure name="JavaScript heap" value={formatBytes(process.heapBytes)} />
      <Figure name="Waiting for the storage thread" value={formatCount(storageThread.waiting)} />
      <Meter name="Main thread busy" value={process.utilisation} most={1} words={formatShare(process.utilisation)} />
      <Meter
        name="Storage thread busy"
        value={storageThread.utilisation}
        most={1}
        words={formatShare(storageThread.utilisation)}
      />
    </Card>
  )
}

function LiveCard({ status: { live } }: { status: SystemStatus }) {
  return (
    <Card title="Live stream">
      <Figure name="Subscribers" value={formatCount(live.subscribers)} />
      <Figure name="Topics" value={formatCount(live.topics)} />
      <Meter
        name="Kept for those who come back"
        value={live.ringBytes}
        most={live.ringBytesMax}
        words={`${formatBytes(live.ringBytes)} of ${formatBytes(live.ringBytesMax)}`}
        hint="Beyond the bound the oldest messages go; who comes back later takes a snapshot."
      />
    </Card>
  )
}

function DiskCard({ status: { disk } }: { status: SystemStatus }) {
  const used = disk.totalBytes - disk.freeBytes
  return (
    <Card title="Disk">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-mono text-12 text-muted" title={disk.folder}>
          {disk.folder}
        </span>
        <CopyButton text={disk.folder} label="Copy path of the data" />
      </div>
      <Figure name="Free" value={formatBytes(disk.freeBytes)} isBad={disk.level === 'critical'} />
      <Meter
        name="Used"
        value={used}
        most={disk.totalBytes}
        words={`${formatBytes(used)} of ${formatBytes(disk.totalBytes)}`}
        tone={disk.level === 'ok' ? 'calm' : disk.level === 'low' ? 'warn' : 'bad'}
      />
    </Card>
  )
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border border-line bg-surface">
      <h2 className="h-10 border-b border-line px-4 leading-10 font-medium">{title}</h2>
      <div className="flex flex-col gap-1.5 px-4 py-3">{children}</div>
    </section>
  )
}

function Figure({ name, value, isBad = false }: { name: string; value: string; isBad?: boolean }) {
  return (
    <div className="flex items-baseline justify-between gap-4">
      <span className="min-w-0 truncate text-muted" title={name}>
        {name}
      </span>
      <span className={`shrink-0 font-medium ${isBad ? 'text-bad' : ''}`}>{value}</span>
    </div>
  )
}
