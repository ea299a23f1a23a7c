import type { ReactNode } from 'react'
import type { BatchOverview } from '@pilothouse/contract'
import { formatBytes, formatCount, formatRelativeTime } from '@pilothouse/signals'
import { useMayLaunch } from '../launches/use-launches.ts'
import { Meter } from '../system/meter.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { countWords, formatSpeed, nothing } from './batch-words.ts'
import { WorkersMenu } from './workers-menu.tsx'

/** A worker that was silent for longer is marked, ms. */
const silentAfterMs = 30_000
/** More are counted. */
const shownMax = 4

/** GPUs of this machine, who works, and what waits. */
export function OverviewCards({ overview, now }: { overview: BatchOverview; now: number }) {
  return (
    <div
      role="group"
      aria-label="Queue, workers and GPUs"
      tabIndex={0}
      className="grid gap-3 max-md:-mx-4 max-md:snap-x max-md:auto-cols-[82%] max-md:grid-flow-col max-md:overflow-x-auto max-md:scroll-px-4 max-md:px-4 max-md:[scrollbar-width:none] max-md:*:snap-start sm:max-md:-mx-6 sm:max-md:auto-cols-[46%] sm:max-md:scroll-px-6 sm:max-md:px-6 md:grid-cols-3"
    >
      <QueueCard queue={overview.queue} />
      <WorkersCard overview={overview} now={now} />
      <GpusCard overview={overview} />
    </div>
  )
}

function QueueCard({ queue: { batches, requests, requestsMax } }: { queue: BatchOverview['queue'] }) {
  return (
    <Card title="Queue" sum={countWords(batches, 'active batch', 'active batches')}>
      <Meter
        name="Requests that wait"
        value={requests}
        most={requestsMax}
        words={`${formatCount(requests)} of ${formatCount(requestsMax)}`}
        hint="Beyond the bound new batches are refused until some of it is done."
      />
    </Card>
  )
}

function WorkersCard({ overview: { workers: heard, queue }, now }: { overview: BatchOverview; now: number }) {
  // They tell it now and then: without a batch nothing of it is under way any more.
  const workers = queue.batches === 0 ? heard.map((worker) => ({ ...worker, inFlight: 0 })) : heard
  const mayLaunch = useMayLaunch()
  const inFlight = workers.reduce((sum, worker) => sum + worker.inFlight, 0)
  return (
    <Card
      title="Workers"
      sum={
        workers.length === 0
          ? 'none'
          : `${countWords(workers.length, 'worker')}, ${countWords(inFlight, 'request')} in flight`
      }
      menu={mayLaunch ? <WorkersMenu /> : undefined}
    >
      {workers.length === 0 ? (
        <p className="text-muted">
          {queue.batches === 0
            ? 'None while there is nothing to do.'
            : 'No worker is heard of: nothing is sent until one comes.'}
        </p>
      ) : (
        <ul className="flex flex-col gap-1.5">
          {workers.slice(0, shownMax).map((worker) => (
            <Worker key={worker.name} worker={worker} now={now} />
          ))}
          <More count={workers.length - shownMax} />
        </ul>
      )}
    </Card>
  )
}

function Worker({ worker, now }: { worker: BatchOverview['workers'][number]; now: number }) {
  const { name, host, heardAt, isInServer, inFlight, requestsPerSecond, tokensPerSecond } = worker
  const isSilent = now - heardAt > silentAfterMs
  return (
    <li className="min-w-0">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 truncate" title={`${name} on ${host}`}>
          {isInServer ? 'in the server' : name}
        </span>
        <span className={`shrink-0 text-12 ${isSilent ? 'text-warn' : 'text-muted'}`}>
          {isSilent ? `silent, heard of ${formatRelativeTime(heardAt, now)}` : `${formatCount(inFlight)} in flight`}
        </span>
      </div>
      <Dotted className="text-12 text-muted">
        <Dot>{host}</Dot>
        <Dot>{formatSpeed(requestsPerSecond)} requests/s</Dot>
        <Dot>{formatSpeed(tokensPerSecond)} tokens/s</Dot>
      </Dotted>
    </li>
  )
}

function GpusCard({ overview: { gpus, gpuState } }: { overview: BatchOverview }) {
  return (
    <Card title="GPUs of this machine" sum={gpuState === 'ok' ? formatCount(gpus.length) : ''}>
      {gpuState === 'ok' ? (
        <ul className="flex flex-col gap-1.5">
          {gpus.slice(0, shownMax).map((gpu) => (
            <li key={gpu.index}>
              <Gpu gpu={gpu} />
            </li>
          ))}
          <More count={gpus.length - shownMax} />
        </ul>
      ) : (
        <p className="text-muted">
          {gpuState === 'none'
            ? 'None: engines compute elsewhere, or on its processor.'
            : 'nvidia-smi does not answer, so nothing is known of them.'}
        </p>
      )}
    </Card>
  )
}

function Gpu({ gpu }: { gpu: BatchOverview['gpus'][number] }) {
  const { index, name, utilisation, memoryUsedBytes, memoryTotalBytes, temperature } = gpu
  const memory =
    memoryUsedBytes === null || memoryTotalBytes === null
      ? 'memory not told'
      : `${formatBytes(memoryUsedBytes)} of ${formatBytes(memoryTotalBytes)}`
  return (
    <div title={temperature === null ? memory : `${memory}, ${temperature} °C`}>
      <Meter
        name={`${index} · ${name}`}
        value={utilisation ?? 0}
        most={100}
        words={utilisation === null ? nothing : `${Math.round(utilisation)} %`}
        tone="calm"
      />
      <p className="truncate pt-0.5 text-12 text-muted">{memory}</p>
    </div>
  )
}

function More({ count }: { count: number }) {
  return count > 0 ? <li className="text-12 text-muted">and {formatCount(count)} more</li> : null
}

type CardProps = { title: string; sum: string; menu?: ReactNode; children: ReactNode }

function Card({ title, sum, menu, children }: CardProps) {
  return (
    <section aria-label={title} className="min-w-0 rounded-lg border border-line bg-surface p-3">
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <h2 className="font-medium">{title}</h2>
        <p className={`text-12 text-muted ${menu ? 'mr-auto' : ''}`}>{sum}</p>
        {menu ? <div className="-my-1 self-center">{menu}</div> : null}
      </div>
      {children}
    </section>
  )
}
