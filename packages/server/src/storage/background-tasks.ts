import { type AlertRounds, roundEveryMs } from '../alerts/alert-rounds.ts'
import { removeCheckpointFiles } from '../checkpoints/remove-files.ts'
import { expireCommands } from '../commands/settle-commands.ts'
import type { JobDigests } from '../jobs/job-digests.ts'
import { makeMeasureJobs } from '../jobs/measure-jobs.ts'
import { packLogs } from '../logs/pack-logs.ts'
import { removeJobs } from '../jobs/remove-jobs.ts'
import { SampleSweep } from '../samples/sweep-samples.ts'
import { expireProposals } from '../proposals/decide-proposal.ts'
import { applyRetention } from '../retention/retention-operations.ts'
import { loseSilentJobs, makeLostRule } from '../telemetry/lose-silent-jobs.ts'
import type { BackgroundTask } from './background.ts'
import type { LiveFeed } from './live-feed.ts'
import type { StorageRoom } from './open-storage.ts'
import { isDiskFull } from './wire-error.ts'

const liveTickMs = 100
/** A slice of the metric store's upkeep. */
const maintainMsMax = 10
/** How often the rule for silent jobs looks, at most. */
const lostEveryMsMax = 10_000
const digestDelayMs = 1_000
/** What nobody waits for takes a tenth of the time while operations do. */
const restFactor = 9
const expireEveryMs = 1_000
const removeEveryMs = 10_000
const measureEveryMs = 60_000
const retentionEveryMs = 60_000

/** Everything that happens between operations. */
export function listBackgroundTasks(
  room: StorageRoom,
  { feed, digests, rounds }: { feed: LiveFeed; digests: JobDigests; rounds: AlertRounds },
): BackgroundTask[] {
  const { database, samples, settings } = room
  const sweep = new SampleSweep(database.db, samples)
  const lostRule = makeLostRule(settings.lostAfterMs, { now: room.now, clock: () => performance.now() })
  const lostEveryMs = Math.max(50, Math.min(lostEveryMsMax, settings.lostAfterMs / 4))
  return [
    { name: 'live', delayMs: liveTickMs, run: () => feed.tick() },
    { name: 'maintain-series', delayMs: 50, run: () => maintainSeries(room) },
    { name: 'relieve-disk', delayMs: 1_000, run: async () => relieveDisk(room) },
    { name: 'pack-logs', delayMs: 1_000, run: () => packLogs(database) },
    { name: 'digest-jobs', delayMs: settings.digestDelayMs ?? digestDelayMs, restFactor, run: () => digests.run() },
    { name: 'alert-rounds', delayMs: 200, everyMs: roundEveryMs, run: () => rounds.run() },
    { name: 'expire-commands', delayMs: 100, everyMs: expireEveryMs, run: () => room.run(expireCommands, null) },
    { name: 'expire-proposals', delayMs: 100, everyMs: expireEveryMs, run: () => room.run(expireProposals, null) },
    { name: 'remove-checkpoints', delayMs: 1_000, everyMs: removeEveryMs, run: () => removeCheckpointFiles(room) },
    { name: 'measure-jobs', delayMs: 1_000, everyMs: measureEveryMs, restFactor, run: makeMeasureJobs(room) },
    { name: 'remove-jobs', delayMs: 0, run: async () => (await removeJobs(room)) || maintainSeries(room) },
    { name: 'sweep-samples', delayMs: 5_000, run: () => sweep.run() },
    { name: 'retention', delayMs: 0, everyMs: retentionEveryMs, run: () => room.run(applyRetention, null) },
    { name: 'lose-jobs', delayMs: 0, everyMs: lostEveryMs, run: () => room.run(loseSilentJobs, lostRule()) },
  ]
}

/** Seals the series of jobs that have ended, then does what else the store has to do. */
async function maintainSeries({ series, ended }: StorageRoom): Promise<boolean> {
  for (const id of ended) {
    ended.delete(id)
    await series.finish(id, { budgetMs: maintainMsMax })
    return true
  }
  return series.maintain({ budgetMs: maintainMsMax })
}

/** False: no more is to be done, whether it helped or not. */
function relieveDisk({ database }: StorageRoom): boolean {
  try {
    database.relieve()
  } catch (error) {
    if (!isDiskFull(error)) throw error
  }
  return false
}
