import { lazy, Suspense } from 'react'
import type { Hardware, Job, LatestMetric } from '@pilothouse/contract'
import { parseSource } from '@pilothouse/contract/wire'
import { formatBytes, formatUnit, listResourcePictures } from '@pilothouse/signals'
import type { JobFeed } from '../charts/job-feed.ts'
import { HintList } from '../performance/hint-list.tsx'
import { ChartControls } from './chart-controls.tsx'
import { FrameMenu } from './frame-menu.tsx'
import { chooseResourceAxis, ResourceChart } from './resource-charts.tsx'
import { useChartView } from './use-chart-view.ts'
import { useLatest } from './use-latest.ts'

/** Fetched behind the charts. */
const BrushStrip = lazy(async () => ({ default: (await import('../charts/brush-strip.tsx')).BrushStrip }))

/** The machines of the job: what they are, how they do now, and how they did. */
export function ResourcesTab({ job, feed }: { job: Job; feed: JobFeed }) {
  const view = useChartView()
  const latest = useLatest(feed)
  if (!latest) return null
  const pictures = listResourcePictures(latest)
  const [first] = pictures
  const x = chooseResourceAxis(view)
  return (
    <div className="flex flex-col gap-3 px-4 py-3 sm:px-6 sm:py-4">
      <HintList job={job} />
      {job.hardware.map((machine) => (
        <Machine key={machine.host} machine={machine} latest={latest} />
      ))}
      {pictures.length === 0 ? (
        <p className="rounded-lg border border-line bg-surface px-4 py-4 text-muted">
          No resources reported. The SDK samples its machine every second or two by itself; a job that only prints has
          no such figures.
        </p>
      ) : (
        <ChartControls view={view} job={job} only="time">
          <FrameMenu view={view} x={x} feed={feed} />
        </ChartControls>
      )}
      {first ? (
        <Suspense fallback={<div className="h-12" />}>
          <BrushStrip feed={feed} view={view} x={x} keys={first.keys} source={first.source} byTime />
        </Suspense>
      ) : null}
      <div className="grid gap-3 md:grid-cols-2 min-[1700px]:grid-cols-3">
        {pictures.map((picture) => (
          <ResourceChart key={picture.title} picture={picture} feed={feed} view={view} hosts={job.hardware.length} />
        ))}
      </div>
    </div>
  )
}

function Machine({ machine, latest }: { machine: Hardware; latest: readonly LatestMetric[] }) {
  const facts = [
    machine.system,
    machine.cpus === undefined ? undefined : `${machine.cpus} CPUs`,
    machine.memoryBytes === undefined ? undefined : formatBytes(machine.memoryBytes),
    machine.gpus.length === 0 ? undefined : countAlike(machine.gpus.map(({ name }) => name)),
  ].filter((fact) => fact !== undefined)
  return (
    <section aria-label={machine.host} className="overflow-hidden rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-baseline gap-x-3 px-3 py-2">
        <h2 className="font-medium">{machine.host}</h2>
        <p className="text-muted">{facts.join(' · ')}</p>
      </div>
      <ul className="cells grid-cols-2 border-t border-line sm:grid-cols-[repeat(auto-fit,minmax(150px,1fr))]">
        {listCards(machine, latest).map((card) => (
          <li key={card.label} className="min-w-0 bg-surface px-3 py-2">
            <div className="truncate text-12 text-muted">{card.label}</div>
            <div className="text-16 font-medium whitespace-nowrap">{card.value}</div>
            <div className="truncate text-12 text-faint" title={card.note}>
              {card.note}
            </div>
          </li>
        ))}
      </ul>
      {machine.gpus.length === 0 ? (
        <p className="border-t border-line px-3 py-2 text-muted">
          No GPU figures: {machine.gpuAbsence ?? 'this machine reported no GPU.'}
        </p>
      ) : null}
    </section>
  )
}

type Card = { label: string; value: string; note: string }

function listCards(machine: Hardware, latest: readonly LatestMetric[]): Card[] {
  const find = (source: string, key: string): number | undefined =>
    latest.find((metric) => metric.source === source && metric.key === key)?.value
  const host = `host:${machine.host}`
  const gpus = latest
    .filter(({ key, source }) => key.startsWith('gpu.') && isOnHost(source, machine.host))
    .map(({ source }) => source)
  const gpuCards = [...new Set(gpus)]
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((source): Card => {
      const index = source.split('/').at(-1) ?? ''
      const used = find(source, 'gpu.memory.used')
      const total = find(source, 'gpu.memory.total')
      const rest = [
        used === undefined
          ? undefined
          : `${formatBytes(used)}${total === undefined ? '' : ` of ${formatBytes(total)}`}`,
        write(find(source, 'gpu.temperature'), '°C'),
        write(find(source, 'gpu.power'), 'W'),
      ]
      return { label: `GPU ${index}`, value: write(find(source, 'gpu.utilization'), '%') ?? '–', note: join(rest) }
    })
  const memory = find(host, 'memory.used')
  const disk = find(host, 'disk.used')
  const cards: (Card | undefined)[] = [
    cardOf('CPU', write(find(host, 'cpu.utilization'), '%'), [
      prefix('this job ', write(find(host, 'process.cpu'), '%')),
      write(find(host, 'cpu.temperature'), '°C'),
    ]),
    cardOf('Memory', write(memory, 'bytes'), [
      prefix('of ', write(find(host, 'memory.total'), 'bytes')),
      prefix('this job ', write(find(host, 'process.memory'), 'bytes')),
    ]),
    cardOf('Disk', write(disk, 'bytes'), [prefix('of ', write(find(host, 'disk.total'), 'bytes'))]),
    cardOf('Disk read', write(find(host, 'disk.read'), 'bytes/s'), [
      prefix('written ', write(find(host, 'disk.write'), 'bytes/s')),
    ]),
    cardOf('Received', write(find(host, 'network.received'), 'bytes/s'), [
      prefix('sent ', write(find(host, 'network.sent'), 'bytes/s')),
    ]),
  ]
  return [...gpuCards, ...cards.filter((card) => card !== undefined)]
}

function cardOf(label: string, value: string | undefined, notes: readonly (string | undefined)[]): Card | undefined {
  return value === undefined ? undefined : { label, value, note: join(notes) }
}

function isOnHost(source: string, host: string): boolean {
  const from = parseSource(source)
  return from.kind === 'gpu' && from.host === host
}

function write(value: number | undefined, unit: Parameters<typeof formatUnit>[1]): string | undefined {
  return value === undefined ? undefined : formatUnit(value, unit)
}

function prefix(word: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : word + text
}

function join(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ') || '\u00a0'
}

/** `4 × NVIDIA A100`. */
function countAlike(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => (count > 1 ? `${count} × ${name}` : name)).join(', ')
}
