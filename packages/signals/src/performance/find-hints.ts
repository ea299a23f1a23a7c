/**
 * What a job makes of its hardware and could make more of. Each hint rests on figures that were measured, while the job was
 * known to train; without such figures there is none. The bounds are set so that an ordinary training has no hint.
 */
import type { GpuFigures, HostFigures, JobPerformance, ResourceHint, TimedAttempt } from '@pilothouse/contract'
import { formatBytes, formatDuration } from '../format.ts'
import { formatPercent } from './format-figures.ts'
import { type Stretch, type TimeSpan, findStretches, listBuckets, meanOf, sumMs } from './resource-buckets.ts'
import type { ResourceSeries } from './resource-series.ts'

const minuteMs = 60_000
/** Below this share a GPU does next to nothing, %; for so long, it is idle. */
const idleBelow = 10
const idleMs = 10 * minuteMs
/** Figures of a shorter time tell nothing about a training. */
const telling = 10 * minuteMs
/** So far below the middle of the others, in points of a percentage, a GPU lags behind. */
const behindBy = 25
/** A GPU at work that is busy less than this, %, has something to wait for. */
const lowBelow = 60
const cpuBusyFrom = 75
/** Shares of the time that the script itself says it waited: beside a GPU with little to do, and alone. */
const waitBeside = 0.1
const waitAlone = 0.25
const gpuMemoryFull = 0.97
const hostMemoryFull = 0.95
const namesMax = 4

export type HintInput = {
  performance: Pick<
    JobPerformance,
    'attempts' | 'attemptsLeftOut' | 'at' | 'createdAt' | 'gpus' | 'hosts' | 'inputWait'
  >
  /** First and last time of the job's own points; null without any. */
  span: { firstAt: number; lastAt: number } | null
  resources: readonly ResourceSeries[]
}

/** What one GPU did while the job trained. */
type Watched = { name: string; buckets: Stretch[]; idle: Stretch[] }

/** Pure: the most costly first. */
export function findHints(input: HintInput): ResourceHint[] {
  const spans = listTrainingTimes(input)
  const gpus = watchGpus(input, spans)
  const hints = [
    hintIdle(gpus, input),
    hintBehind(gpus),
    hintInput(gpus, input, spans),
    hintGpuMemory(input),
    hintHostMemory(input),
  ]
  return hints.filter((hint) => hint !== null)
}

const trainingWords = /train|fit|fine-?tun|\bsft\b|optimi[sz]|epoch/i
const otherWords = /data|load|prepar|token|download|valid|eval|test|sav|compil|export/i

/** Times in which the job trained: stages whose name says so, else from its first own point to its last. */
function listTrainingTimes({ performance: { attempts, at }, span }: HintInput): TimeSpan[] {
  return attempts.flatMap((attempt) => {
    const end = attempt.endedAt ?? at
    const named = attempt.stages.filter(({ name }) => trainingWords.test(name) && !otherWords.test(name))
    if (named.length > 0) return named.map((stage) => cutSpan(stage.startedAt, stage.endedAt ?? end, attempt, end))
    return span ? [cutSpan(span.firstAt, span.lastAt, attempt, end)] : []
  })
}

function cutSpan(from: number, to: number, { startedAt }: TimedAttempt, end: number): TimeSpan {
  return { from: Math.max(from, startedAt), to: Math.min(to, end) }
}

function watchGpus({ performance: { gpus, hosts }, resources }: HintInput, spans: readonly TimeSpan[]): Watched[] {
  return gpus.flatMap((gpu) => {
    const series = resources.find(({ key, source }) => key === 'gpu.utilization' && source === gpu.source)
    if (!series) return []
    const buckets = listBuckets(series, spans)
    const idle = findStretches(buckets, ({ mean }) => mean < idleBelow).filter(({ from, to }) => to - from >= idleMs)
    return [{ name: nameGpu(gpu, hosts), buckets, idle }]
  })
}

function hintIdle(gpus: readonly Watched[], input: HintInput): ResourceHint | null {
  const idle = gpus.filter((gpu) => gpu.idle.length > 0)
  const longest = idle
    .flatMap((gpu) => gpu.idle.map((stretch) => ({ name: gpu.name, stretch })))
    .toSorted((one, other) => lengthOf(other.stretch) - lengthOf(one.stretch))[0]
  if (!longest) return null
  const total = Math.max(...idle.map((gpu) => sumMs(gpu.idle)))
  const { from, to, mean } = longest.stretch
  const who =
    idle.length === 1
      ? 'Its utilisation'
      : `${listNames(idle, gpus.length)}${idle.length < gpus.length ? '; longest' : 'Longest'} ${longest.name}, whose utilisation`
  return {
    kind: 'gpuIdle',
    title: `${nameSome(idle, gpus.length)} did next to nothing for ${idle.length > 1 ? 'up to ' : ''}${formatDuration(total)} of the training.`,
    evidence: `${who} was ${formatPercent(mean)} on average from ${sayRange(from, to, input)}.`,
    advice:
      'Look in the log for what the training waited for at that time: data, a checkpoint, another rank. A GPU that is not needed can be given back.',
  }
}

/** Not more than a quarter of the GPUs: if it is more, it is how the work is shared out. */
function hintBehind(gpus: readonly Watched[]): ResourceHint | null {
  const known = gpus.flatMap((gpu) =>
    gpu.idle.length === 0 && sumMs(gpu.buckets) >= telling ? [{ name: gpu.name, gpu, mean: meanOf(gpu.buckets) }] : [],
  )
  const behind = known.filter((one) => {
    const others = findMiddle(known.filter((other) => other !== one).map(({ mean }) => mean))
    return known.length > 1 && others - one.mean >= behindBy
  })
  const [first] = behind.toSorted((one, other) => one.mean - other.mean)
  if (!first || behind.length > Math.ceil(known.length / 4)) return null
  const others = known.filter((one) => !behind.includes(one))
  const middle = findMiddle(others.map(({ mean }) => mean))
  const whose =
    behind.length === 1 ? 'Its utilisation' : `${listNames(behind, gpus.length)}; the utilisation of ${first.name}`
  return {
    kind: 'gpuBehind',
    title: `${nameSome(behind, gpus.length)} ${behind.length === 1 ? 'lags' : 'lag'} far behind the others.`,
    evidence: `${whose} was ${formatPercent(first.mean)} on average over ${formatDuration(sumMs(first.gpu.buckets))} of training, that of ${others.length === 1 ? 'the other one' : `the ${others.length} others`} ${formatPercent(middle)}.`,
    advice:
      'Its share of the work may be smaller, it may be throttled (compare temperature and power), or something else runs on its host.',
  }
}

function hintInput(
  gpus: readonly Watched[],
  { performance, resources }: HintInput,
  spans: readonly TimeSpan[],
): ResourceHint | null {
  const { inputWait, hosts } = performance
  const share = inputWait?.share ?? 0
  // Times without any work are another hint's.
  const busy = gpus.flatMap(({ buckets }) => buckets.filter(({ mean }) => mean >= idleBelow))
  const isKnown = gpus.some(({ buckets }) => sumMs(buckets) >= telling) && busy.length > 0
  const isLow = isKnown && meanOf(busy) < lowBelow
  const cpus = hosts.flatMap((host) => {
    const series = resources.find(({ key, source }) => key === 'cpu.utilization' && source === host.source)
    const mean = series ? meanOf(listBuckets(series, spans)) : Number.NaN
    return mean >= cpuBusyFrom ? [{ name: host.host, mean }] : []
  })
  const [cpu] = cpus.toSorted((one, other) => other.mean - one.mean)
  if (share < waitAlone && !(isLow && (share >= waitBeside || cpu))) return null
  const facts = [
    isKnown
      ? `GPU utilisation was ${formatPercent(meanOf(busy))} on average while at work${describeSwing(busy)}`
      : null,
    cpu ? `the CPUs of ${cpu.name} were ${formatPercent(cpu.mean)} busy` : null,
    inputWait && share >= waitBeside
      ? `the script waited for its input ${formatPercent(share * 100)} of the time (${formatDuration(inputWait.ms)}, by ${inputWait.key})`
      : null,
  ].filter((fact) => fact !== null)
  return {
    kind: 'inputBound',
    title: 'The training waits for its input.',
    evidence: `${capitalise(facts.join(', '))}.`,
    advice:
      'More workers in the data loader, prefetching and pinned memory, or data that is decoded and cached beforehand keep the GPU at work.',
  }
}

/** Said where at least two fifths of the time saw both much and little. */
function describeSwing(buckets: readonly Stretch[]): string {
  const swinging = buckets.filter(({ min, max }) => max >= 70 && min <= 20)
  if (sumMs(swinging) < 0.4 * sumMs(buckets)) return ''
  const low = findMiddle(swinging.map(({ min }) => min))
  const high = findMiddle(swinging.map(({ max }) => max))
  return `, swinging between ${formatPercent(low)} and ${formatPercent(high)}`
}

type Full = { name: string; peak: number; total: number; stretches: Stretch[] }

function hintGpuMemory(input: HintInput): ResourceHint | null {
  const { gpus, hosts } = input.performance
  const full = gpus.flatMap((gpu) =>
    findFull(input, { ...gpu, key: 'gpu.memory.used', share: gpuMemoryFull, name: nameGpu(gpu, hosts) }),
  )
  if (full.length === 0) return null
  return {
    kind: 'gpuMemory',
    title: `${nameSome(full, gpus.length)} ${full.length === 1 ? 'was' : 'were'} nearly out of memory.`,
    evidence: describeFull(full, gpus.length, input),
    advice:
      'A longer sample may not fit. A smaller batch with gradient accumulation, or gradient checkpointing, makes room; an allocator may also just keep what it once took.',
  }
}

function hintHostMemory(input: HintInput): ResourceHint | null {
  const { hosts } = input.performance
  const full = hosts.flatMap((host) =>
    findFull(input, { ...host, key: 'memory.used', share: hostMemoryFull, name: host.host }),
  )
  const [first] = full
  if (!first) return null
  const own = hosts.find(({ host }) => host === first.name)?.jobMemory
  const ofJob = own ? ` This job had up to ${formatBytes(own.peak)} of it.` : ''
  return {
    kind: 'hostMemory',
    title: `${full.length === 1 ? `The host ${first.name} was` : `${full.length} of ${hosts.length} hosts were`} nearly out of memory.`,
    evidence: `${describeFull(full, hosts.length, input)}${ofJob}`,
    advice:
      'Beyond it, the system ends processes. Fewer workers in the data loader, smaller prefetch queues, or files mapped instead of read make room.',
  }
}

type Place = Pick<GpuFigures | HostFigures, 'source' | 'memory'> & { key: string; share: number; name: string }

function findFull({ resources, performance }: HintInput, { source, memory, key, share, name }: Place): Full[] {
  const total = memory?.total ?? 0
  const series = resources.find((one) => one.key === key && one.source === source)
  if (!memory || !series || total <= 0 || memory.peak < share * total) return []
  const always = [{ from: Number.NEGATIVE_INFINITY, to: performance.at }]
  const stretches = findStretches(listBuckets(series, always), ({ max }) => max >= share * total)
  return stretches.length > 0 ? [{ name, peak: memory.peak, total, stretches }] : []
}

function describeFull(full: readonly Full[], total: number, input: HintInput): string {
  const [first] = full.toSorted((one, other) => other.peak / other.total - one.peak / one.total)
  if (!first) return ''
  const begin = first.stretches[0]?.from ?? input.performance.at
  const who =
    full.length === 1 ? '' : `${listNames(full, total)}${full.length < total ? '; most' : 'Most'} ${first.name}: `
  return `${who}${formatBytes(first.peak)} of ${formatBytes(first.total)} in use (${formatPercent((100 * first.peak) / first.total)}), first ${sayWhen(begin, input)}, for ${formatDuration(sumMs(first.stretches))} in all.`
}

function nameGpu({ host, index }: GpuFigures, hosts: readonly HostFigures[]): string {
  return hosts.length > 1 ? `GPU ${index} of ${host}` : `GPU ${index}`
}

function nameSome(some: readonly { name: string }[], total: number): string {
  if (some.length === 1) return some[0]?.name ?? ''
  if (some.length === 2 && total === 2) return 'Both GPUs'
  return some.length === total ? `All ${total} GPUs` : `${some.length} of ${total} GPUs`
}

/** Nothing where it is all of them. */
function listNames(some: readonly { name: string }[], total: number): string {
  if (some.length === total) return ''
  const names = some.slice(0, namesMax).map(({ name }) => name)
  const rest = some.length - names.length
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ')
}

function lengthOf({ from, to }: TimeSpan): number {
  return to - from
}

/** `12 m to 37 m after the start`. */
function sayRange(from: number, to: number, input: HintInput): string {
  return `${sinceStart(from, input)} to ${sayWhen(to, input)}`
}

function sayWhen(at: number, input: HintInput): string {
  const { attempts, attemptsLeftOut } = input.performance
  const start = attemptsLeftOut > 0 ? `attempt ${attempts[0]?.number ?? ''} began` : 'the start'
  return `${sinceStart(at, input)} after ${start}`
}

function sinceStart(at: number, { performance: { attempts, createdAt } }: HintInput): string {
  return formatDuration(Math.max(0, at - (attempts[0]?.startedAt ?? createdAt)))
}

/** NaN of nothing. */
function findMiddle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
