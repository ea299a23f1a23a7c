import type { JobState } from '@pilothouse/contract'
import { isLive } from '@pilothouse/contract/wire'
import { formatDuration } from './format.ts'

/** Reporters send at least every 10 s; three missed in a row are worth a word. */
export const silenceAfterMs = 30_000

/** «no report for 40 s», or null when there is nothing to say: the job is not alive, or it was heard lately. */
export function describeSilence(heardAt: number | null, now: number, state: JobState): string | null {
  if (!isLive(state) || heardAt === null || now - heardAt < silenceAfterMs) return null
  return `no report for ${formatDuration(now - heardAt)}`
}

export type Vigil = {
  state: JobState
  /** When the last report of any kind arrived; null when none ever did. */
  heardAt: number | null
  /** When the attempt began; counts as long as nothing was heard. */
  startedAt: number | null
  now: number
  /** Silence longer than this … */
  lostAfterMs: number
  /** … makes a job lost unless its scheduler, its process or its exit record is still known to somebody. */
  knownToTarget: boolean
}

/** The rule by which a live job becomes lost. A target that still knows the job outweighs any silence. */
export function isLost({ state, heardAt, startedAt, now, lostAfterMs, knownToTarget }: Vigil): boolean {
  const last = heardAt ?? startedAt
  return isLive(state) && !knownToTarget && last !== null && now - last > lostAfterMs
}
