/** How fast a batch goes on, and when it may be done. Pure. */
import type { BatchCard } from '@pilothouse/contract'

/** What was done by a point in time. */
export type PacePoint = { atMs: number; requests: number; tokens: number }

export type Pace = { requestsPerSecond: number; tokensPerSecond: number; requestsSpread: number }

const windowMsMin = 5 * 60_000
const windowPointsMin = 3

/** What an active batch is judged by, ms: its last minutes, or more of them where its points are further apart. */
export function choosePaceWindow(pointEveryMs: number): number {
  return Math.max(windowMsMin, windowPointsMin * pointEveryMs)
}

/** With fewer parts of the time than these, nothing is known of how even they are. */
const evenPartsMin = 3
const unevenShare = 0.5
const evenShareMin = 0.05
/** Of the pace, so that the latest end stays a number. */
const slowestShare = 0.2

/**
 * The pace from the first of these points to the last, by time; null where nothing was done in between. Its spread is two
 * standard errors of the paces between neighbours, each weighted by its time.
 */
export function measurePace(points: readonly PacePoint[]): Pace | null {
  const first = points[0]
  const last = points.at(-1)
  if (!first || !last || last.atMs <= first.atMs || last.requests <= first.requests) return null
  const seconds = (last.atMs - first.atMs) / 1000
  const requestsPerSecond = (last.requests - first.requests) / seconds
  const tokensPerSecond = (last.tokens - first.tokens) / seconds
  return { requestsPerSecond, tokensPerSecond, requestsSpread: measureSpread(points, requestsPerSecond) }
}

/** When `left` requests are done at such a pace. */
export function estimateLeft(
  left: number,
  { requestsPerSecond: pace, requestsSpread: spread }: Pace,
): BatchCard['eta'] {
  const ms = (one: number): number => Math.round((1000 * left) / one)
  return {
    leftMs: ms(pace),
    leftMsMin: ms(pace + spread),
    leftMsMax: ms(Math.max(pace - spread, pace * slowestShare)),
  }
}

function measureSpread(points: readonly PacePoint[], pace: number): number {
  let weight = 0
  let squares = 0
  let parts = 0
  for (const [at, point] of points.entries()) {
    const before = points[at - 1]
    if (!before || point.atMs <= before.atMs) continue
    const seconds = (point.atMs - before.atMs) / 1000
    squares += seconds * ((point.requests - before.requests) / seconds - pace) ** 2
    weight += seconds
    parts += 1
  }
  if (parts < evenPartsMin) return pace * unevenShare
  return Math.max((2 * Math.sqrt(squares / weight)) / Math.sqrt(parts), pace * evenShareMin)
}
