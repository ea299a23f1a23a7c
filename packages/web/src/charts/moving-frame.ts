/** «The last 15 minutes», «the last 1000 steps»: a part of the x axis that moves along with the job. */
import type { XAxis } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'

/** Time axes are cut by ms, the axis of steps by steps. Others have no such frames. */
export type FrameKind = 'time' | 'step'
export type Frame = { kind: FrameKind; size: number }

const units = { m: 60_000, h: 3_600_000 } as const

/** As an address has it: `15m`, `6h`, or a number of steps. */
export function readFrame(value: unknown): Frame | undefined {
  const [, count = '', unit] = (typeof value === 'string' && /^([1-9]\d{0,11})([mh])?$/.exec(value)) || []
  if (count === '') return undefined
  if (unit === 'm' || unit === 'h') return { kind: 'time', size: Number(count) * units[unit] }
  return { kind: 'step', size: Number(count) }
}

export function kindOfAxis(x: XAxis): FrameKind | undefined {
  if (x === 'step') return 'step'
  return x === 'relative' || x === 'wall' ? 'time' : undefined
}

/** How much of this axis the frame shows; null = all of it. */
export function sizeOver(x: XAxis, frame: Frame | undefined): number | null {
  return frame && kindOfAxis(x) === frame.kind ? frame.size : null
}

const timeFrames = [
  { value: '5m', label: 'Last 5 min' },
  { value: '15m', label: 'Last 15 min' },
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 h' },
]
const stepFrames = [100, 1_000, 10_000, 100_000, 1_000_000]

export type FrameChoice = { value: string; label: string }

/** What can be chosen over an axis. Of steps, frames shorter than the job so far; and whatever is chosen now. */
export function listFrames(x: XAxis, newest: number | undefined, chosen: string | undefined): FrameChoice[] {
  const kind = kindOfAxis(x)
  const known =
    kind === 'time'
      ? timeFrames
      : stepFrames.filter((steps) => kind && steps < (newest ?? 0)).map((steps) => nameSteps(String(steps)))
  const isKnown = chosen === undefined || known.some(({ value }) => value === chosen)
  if (isKnown || readFrame(chosen)?.kind !== kind) return known
  return [...known, kind === 'step' ? nameSteps(chosen) : { value: chosen, label: `Last ${chosen}` }]
}

function nameSteps(value: string): FrameChoice {
  return { value, label: `Last ${formatCount(Number(value))} steps` }
}

/** The part that is shown while the job is at `newest`. */
export function placeFrame(size: number, newest: number): readonly [number, number] {
  return [newest - size, newest]
}

/** What is asked for begins at such a place that charts which ask a little later ask for the same. */
export function beginOfFrame(size: number, newest: number): number {
  const grain = size / 8
  return (Math.floor((newest - size) / grain) - 1) * grain
}

/** Whether what was asked for from `begin` on no longer has the detail of the frame, or does not reach back so far. */
export function isOutgrown(begin: number, size: number, newest: number): boolean {
  return newest - begin > 2 * size || begin > newest - size
}
