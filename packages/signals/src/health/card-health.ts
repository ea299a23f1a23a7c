import type { Headline, JobCard } from '@pilothouse/contract'
import type { Health } from './health.ts'
import { type HealthProfile, healthProfiles } from './health-profile.ts'
import { judgeHealth } from './judge-health.ts'

/** Means of the small curve before it says how a loss stands to its best. */
const meansMin = 8
/** What is no more than this share of all that it moved is noise, however small its best is. */
const riseShare = 0.1

/** The health of a job by what its card has: its state, its loss and when it was heard. Nothing of its GPUs. */
export function readCardHealth(
  { state, headline, heardAt }: Pick<JobCard, 'state' | 'headline' | 'heardAt'>,
  now: number,
  profile: HealthProfile = healthProfiles.default,
): Health {
  const curve = headline?.goal === 'minimize' ? headline : null
  const loss = curve ? { loss: curve.last ?? Number.NaN, lossOverBest: compareToBest(curve) } : noLoss
  const ageMs = heardAt === null ? 0 : Math.max(0, now - heardAt)
  return judgeHealth({ state, ...loss, ageMs, gpuUse: null, idleMs: 0, gpuTemperature: null, exitCode: null }, profile)
}

const noLoss = { loss: null, lossOverBest: null }

/** The newest mean as so many times the lowest one; null where that says nothing. */
function compareToBest({ spark }: Headline): number | null {
  const means = spark.filter((mean) => mean !== null)
  const newest = means.at(-1)
  const [lowest, highest] = [Math.min(...means), Math.max(...means)]
  if (newest === undefined || means.length < meansMin || lowest <= 0) return null
  return newest - lowest > riseShare * (highest - lowest) ? newest / lowest : 1
}
