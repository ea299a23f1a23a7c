/**
 * How an engine is, after looks at it. Pure.
 *
 *   unknown → healthy | failing;   healthy → failing after two looks in vain, since one may be bad luck;   failing → healthy at once
 */
import type { EngineHealth } from '@pilothouse/contract'

/** What one look brought; `trouble` null where all was well. */
export type Look = { atMs: number; trouble: string | null }
export type Watched = Omit<EngineHealth, 'state'> & {
  state: 'unknown' | 'healthy' | 'failing'
  /** Looks in vain, in a row. */
  misses: number
}

const missesMax = 2
const everyMs = { healthy: 10_000, failingFirst: 2_000, failingMost: 60_000 }

export const neverLooked: Watched = { state: 'unknown', since: null, checkedAt: null, trouble: null, misses: 0 }

export function noteLook(before: Watched, { atMs, trouble }: Look): Watched {
  const misses = trouble === null ? 0 : before.misses + 1
  const isFailing = trouble !== null && (before.state !== 'healthy' || misses >= missesMax)
  const state = trouble === null ? 'healthy' : isFailing ? 'failing' : before.state
  const since = state === before.state ? before.since : atMs
  return { state, since, checkedAt: atMs, trouble, misses }
}

/** How long until the next look: later and later at one that fails, sooner at one whose last look was in vain. */
export function chooseWaitMs({ misses }: Watched): number {
  if (misses === 0) return everyMs.healthy
  return Math.min(everyMs.failingMost, everyMs.failingFirst * 2 ** (misses - 1))
}

/** Work goes on at an engine that was well so lately: who sends requests notices by itself what it does with them. */
const wellForMs = 2 * 60_000

/** Whether requests are sent to an engine that was well at `wellAtMs`; null: it never was. A clock may have been set back. */
export function isUsable(wellAtMs: number | null, nowMs: number): boolean {
  return wellAtMs !== null && Math.abs(nowMs - wellAtMs) <= wellForMs
}
