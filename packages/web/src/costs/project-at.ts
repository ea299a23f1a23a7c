import type { JobCard } from '@pilothouse/contract'
import { costAt } from '@pilothouse/contract/wire'
import { projectCost } from '@pilothouse/signals'

/**
 * What a job will have cost at its end. Its cost and what is still to go were worked out at moments of their own: both are
 * brought to `now`, ms of the server's clock. Pure.
 */
export function projectAt({ cost, progress }: Pick<JobCard, 'cost' | 'progress'>, now: number) {
  const etaMs = progress?.etaMs ?? null
  const left = etaMs === null || !progress ? null : Math.max(0, etaMs - Math.max(0, now - progress.at))
  return projectCost({ amount: cost ? costAt(cost, now) : 0, perHour: cost?.perHour ?? 0, etaMs: left })
}
