import { formatDuration } from '@pilothouse/signals'
import { formatClockTime } from '../app/format-clock-time.ts'

/** What stands before each line: nothing, the time of day, the time since the attempt began, or since the line before. */
export const logTimes = ['off', 'clock', 'start', 'before'] as const
export type LogTime = (typeof logTimes)[number]

type Moments = {
  time: number
  /** When the attempt began. */
  origin: number
  /** When the line before was printed; undefined where it is not known. */
  before: number | undefined
}

export function formatLogTime(mode: LogTime, { time, origin, before }: Moments): string {
  switch (mode) {
    case 'off':
      return ''
    case 'clock':
      return formatClockTime(time)
    case 'start':
      return formatSinceStart(time - origin)
    case 'before':
      return before === undefined ? '' : formatGap(time - before)
    default:
      return mode satisfies never
  }
}

/** `0:04:07.3`: hours as many as there are. */
export function formatSinceStart(ms: number): string {
  const tenths = Math.floor(Math.abs(ms) / 100)
  const [hours = 0, minutes = 0, seconds = 0] = [tenths / 36_000, (tenths / 600) % 60, (tenths / 10) % 60].map(
    Math.floor,
  )
  const two = (count: number): string => String(count).padStart(2, '0')
  return `${ms < 0 && tenths > 0 ? '−' : ''}${hours}:${two(minutes)}:${two(seconds)}.${tenths % 10}`
}

/** `+12 ms`, `+1.25 s`, `+2 m 3 s`: to about three digits. Two streams may overtake each other, then it is negative. */
export function formatGap(ms: number): string {
  const size = Math.abs(ms)
  const sign = ms < 0 && Math.round(size) > 0 ? '−' : '+'
  if (size < 999.5) return `${sign}${Math.round(size)} ms`
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(size < 10_000 ? 2 : 1)} s`
  return `${sign}${formatDuration(size)}`
}
