/** Invented days of machines and of the steps of their jobs, of which it is known what is wrong with them. */
import type { AnomalyPoints } from '@pilothouse/signals'
import type { Label } from './anomaly-curves.ts'
import type { Random } from './seeded-random.ts'

export type LabelledDay = { blocks: AnomalyPoints[]; labels: Label[]; hours: number }

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayHours = 24
/** From sample to sample. */
const everyMs = 10_000
const samples = (dayHours * hourMs) / everyMs

type Span = { from: number; until: number }
type GpuDay = { use: Float64Array; power: Float64Array; temperature: Float64Array }
type Model = { watts: number; idleWatts: number; ambient: number; perWatt: number; load: number }

export type GpuFault = 'idle' | 'throttling' | null

/** A GPU for a day: loading at first, work, evaluations, checkpoints; at `fault` it does nothing, or slows down, for a while. */
export function makeGpuDay(random: Random, fault: GpuFault): LabelledDay {
  const isHot = fault === 'throttling' || random.next() < 0.3
  const watts = random.between(250, 650)
  const idleWatts = random.between(20, 70)
  const ambient = random.between(22, 32)
  // So hot it becomes under load.
  const hottest = isHot ? random.between(82, 88) : random.between(55, 80)
  const model = { watts, idleWatts, ambient, perWatt: (hottest - ambient) / watts, load: random.between(55, 100) }
  const use = makeUse(random, model)
  const span = fault === null ? null : chooseSpan(random, fault === 'idle' ? [30, 240] : [8, 120])
  if (span && fault === 'idle') makeIdle(random, use, span)
  const slow = span && fault === 'throttling' ? { ...span, share: random.between(0.5, 0.78) } : null
  if (slow) keepBusy(random, use, slow)
  const day = heat(random, { model, use, slow })
  const labels = span && fault ? [{ kind: fault, from: span.from * everyMs, until: span.until * everyMs }] : []
  return { blocks: toBlocks(day), labels, hours: dayHours }
}

/** Steps of a job for a day, and the machine that is heard beside it; with `fault` the steps stop at some time. */
export function makeStepDay(random: Random, fault: boolean): LabelledDay {
  const stepMs = random.between(300, 20_000) * random.whole(1, 5)
  const pauseEveryMs = random.between(20 * minuteMs, 150 * minuteMs)
  const pauseMs = random.between(minuteMs / 2, 8 * minuteMs)
  const stopMs = fault ? random.between(3, 20) * hourMs : Infinity
  const times: number[] = []
  let nextPauseMs = pauseEveryMs
  for (let timeMs = random.between(minuteMs, 30 * minuteMs); timeMs < Math.min(stopMs, dayHours * hourMs);) {
    times.push(timeMs)
    timeMs += stepMs * Math.exp(0.3 * random.normal())
    if (timeMs < nextPauseMs) continue
    timeMs += pauseMs * Math.exp(0.4 * random.normal())
    nextPauseMs += pauseEveryMs
  }
  const last = times.at(-1) ?? 0
  const labels: Label[] = fault ? [{ kind: 'stall', from: last, until: dayHours * hourMs }] : []
  return { blocks: mergeLife(times), labels, hours: dayHours }
}

function makeUse(random: Random, { load }: Model): Float64Array {
  const spread = random.between(1, 25)
  const use = Float64Array.from({ length: samples }, () => clamp(load + spread * random.normal()))
  use.fill(0, 0, random.whole(1, (25 * minuteMs) / everyMs))
  const everyPause = random.whole((20 * minuteMs) / everyMs, (120 * minuteMs) / everyMs)
  const lasts = random.whole(2, (9 * minuteMs) / everyMs)
  const pauseUse = random.next() < 0.5 ? 0 : random.between(5, 40)
  for (let from = everyPause; from < samples; from += everyPause)
    for (let at = from; at < Math.min(samples, from + lasts); at += 1) use[at] = clamp(pauseUse + 2 * random.normal())
  return use
}

function chooseSpan(random: Random, [least, most]: [number, number]): Span {
  const from = random.whole(samples / 6, samples / 2)
  return { from, until: from + Math.round((random.between(least, most) * minuteMs) / everyMs) }
}

/** Nearly nothing, with a stray sample now and then. */
function makeIdle(random: Random, use: Float64Array, { from, until }: Span): void {
  const stray = random.between(0, 0.01)
  for (let at = from; at < until; at += 1)
    use[at] = random.next() < stray ? random.between(10, 70) : Math.abs(random.normal())
}

function keepBusy(random: Random, use: Float64Array, { from, until }: Span): void {
  for (let at = from - 60; at < until; at += 1) use[at] = clamp(97 + 2 * random.normal())
}

type Heating = { model: Model; use: Float64Array; slow: (Span & { share: number }) | null }

/** Power follows use, temperature follows power with a lag of about a minute; slowed down, it is hot at less power. */
function heat(random: Random, { model, use, slow }: Heating): GpuDay {
  const { watts, idleWatts, ambient, perWatt } = model
  let degrees = ambient + idleWatts * perWatt
  const power = new Float64Array(samples)
  const temperature = new Float64Array(samples)
  // A stretch in which kernels wait for memory: as much use, less power, and cooler.
  const light = chooseSpan(random, [20, 200])
  for (let at = 0; at < samples; at += 1) {
    const isSlow = slow !== null && at >= slow.from && at < slow.until
    const isLight = slow === null && at >= light.from && at < light.until
    const share = isSlow ? slow.share : isLight ? 0.75 : 1
    const load = (use[at] ?? 0) / 100
    const drawn = (idleWatts + (watts - idleWatts) * load ** 0.8 * share) * (1 + 0.03 * random.normal())
    const goal = isSlow ? Math.max(86, ambient + watts * perWatt) + 2 : ambient + drawn * perWatt
    degrees += (goal - degrees) * (1 - Math.exp(-everyMs / minuteMs))
    power[at] = drawn
    temperature[at] = Math.round(degrees + 0.5 * random.normal())
  }
  return { use, power, temperature }
}

function toBlocks({ use, power, temperature }: GpuDay): AnomalyPoints[] {
  const blocks: AnomalyPoints[] = []
  for (let from = 0; from < samples; from += 60) {
    const rows = [from, Math.min(samples, from + 60)] as const
    const times = Float64Array.from({ length: rows[1] - rows[0] }, (_, row) => (from + row) * everyMs)
    const keys = ['gpu.utilization', 'gpu.power', 'gpu.temperature']
    const values = [use, power, temperature].map((column) => column.subarray(...rows))
    blocks.push({ source: 'gpu:box/0', keys, steps: times.map(() => 0), times, values })
  }
  return blocks
}

/** Steps and, every minute, a word of the machine, in the order of their times. */
function mergeLife(times: readonly number[]): AnomalyPoints[] {
  const blocks: AnomalyPoints[] = []
  let at = 0
  for (let minute = 1; minute <= dayHours * 60; minute += 1) {
    const from = at
    while ((times[at] ?? Infinity) < minute * minuteMs) at += 1
    const own = times.slice(from, at)
    if (own.length > 0)
      blocks.push({ source: 'job', keys: [], steps: own.map((_, row) => from + row), times: own, values: [] })
    blocks.push({ source: 'host:box', keys: [], steps: [0], times: [minute * minuteMs], values: [] })
  }
  return blocks
}

function clamp(use: number): number {
  return Math.max(0, Math.min(100, use))
}
