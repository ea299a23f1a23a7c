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
