import type { CommandKind, JobCard, JobState } from '@pilothouse/contract'
import { isEnded, isLive } from '@pilothouse/contract/wire'
import { type Health, type HealthProfile, judgeHealth } from '@pilothouse/signals'
import type { TopAction, TopRow } from '../top-state.ts'
import { wholeEpoch } from '../whole-epoch.ts'

/** Figures of the GPUs of a job, at a time; %. */
export type JobUse = {
  use: number | null
  memory: number | null
  temperature: number | null
  count: number
  at: number
}

/** A job as it is known. */
export type JobSight = {
  card: JobCard
  /** null: it has none, or none was told. */
  use: JobUse | null
  /** Since when its GPUs have had next to nothing to do, ms. */
  idleSince: number | null
  /** What its script can be told; null: nobody has asked it yet. */
  kinds: readonly CommandKind[] | null
}

export type JobContext = { now: number; profile: HealthProfile; readOnly: boolean; trouble: string | null }

const hourMs = 3_600_000
/** Means in a spark before its end says anything against its best. */
const sparkMin = 8
const nearlyAll = 0.9

/** A job as one row of the screen. */
export function viewJobRow(sight: JobSight, { now, profile, readOnly, trouble }: JobContext): TopRow {
  const { card, use } = sight
  const { progress, headline } = card
  const isOver = isEnded(card.state)
  const etaMs = isOver ? null : etaOf(card, now)
  const cost = costOf(card, now)
  const health = judgeJob(sight, profile, now)
  return {
    id: card.uid,
    shortId: card.uid,
    name: card.name,
    kind: 'job',
    group: card.project,
    owner: card.owner.name,
    target: card.target,
    gpuName: null,
    gpuCount: use?.count ?? 0,
    state: card.state,
    isActive: !isOver,
    isError: health.level === 'error',
    health,
    epoch: wholeEpoch(progress?.epoch ?? null),
    epochs: wholeEpoch(progress?.totalEpochs ?? null),
    step: progress?.step ?? null,
    steps: progress?.totalSteps ?? null,
    progress: progressOf(card),
    gpuUse: isOver ? null : (use?.use ?? null),
    memoryUse: isOver ? null : (use?.memory ?? null),
    loss: lossOf(card),
    lossKey: headline?.key ?? null,
    perHour: card.cost?.perHour ?? null,
    cost,
    costIs: 'rated',
    currency: card.cost?.currency ?? null,
    etaMs,
    costAtEnd: cost === null || etaMs === null ? null : cost + ((card.cost?.perHour ?? 0) * etaMs) / hourMs,
    startedAt: card.startedAt,
    seenAt: card.heardAt ?? card.createdAt,
    trouble,
    can: readOnly ? [] : actionsOf(card.state).filter((action) => sight.kinds?.includes(action) !== false),
  }
}

/** How well a job does by a profile, in the words that machines are judged by. */
export function judgeJob({ card, use, idleSince }: JobSight, profile: HealthProfile, now: number): Health {
  const health = judgeHealth(
    {
      state: card.state,
      gpuUse: use?.use ?? null,
      idleMs: idleSince === null ? 0 : Math.max(0, now - idleSince),
      loss: card.headline?.goal === 'minimize' ? lossOf(card) : null,
      lossOverBest: lossOverBest(card),
      gpuTemperature: use?.temperature ?? null,
      exitCode: null,
      ageMs: isLive(card.state) && card.heardAt !== null ? Math.max(0, now - card.heardAt) : 0,
    },
    profile,
  )
  const failure = card.state === 'failed' ? (card.diagnosis ?? card.errorMessage) : null
  return { ...health, why: failure ?? health.why ?? card.stateReason }
}

/** Takes in what was told of its GPUs; what is not new is left. `idleTo`: so much use or less is none, %. */
export function takeUse(sight: JobSight, use: JobUse | null, idleTo: number): JobSight {
  if (use === null || use.use === null || use.use > idleTo || sight.card.state !== 'running')
    return { ...sight, use, idleSince: null }
  return { ...sight, use, idleSince: Math.min(sight.idleSince ?? use.at, use.at) }
}

/** Who ends well has done all, but for one that was told to end long before: the last step that is told is seldom the very last. */
function progressOf({ state, progress }: JobCard): number | null {
  const share = progress?.fraction ?? null
  return state === 'completed' && (share === null || share > nearlyAll) ? 1 : share
}

/** A card's last value is null where it was no number. */
function lossOf({ headline }: JobCard): number | null {
  return headline === null ? null : (headline.last ?? Number.NaN)
}

function etaOf({ progress }: JobCard, now: number): number | null {
  if (progress === null || progress.etaMs === null) return null
  return Math.max(0, progress.etaMs - Math.max(0, now - progress.at))
}

function lossOverBest({ headline }: JobCard): number | null {
  if (headline === null || headline.goal !== 'minimize') return null
  const means = headline.spark.filter((one) => one !== null)
  const last = means.at(-1)
  const best = Math.min(...means)
  return last === undefined || means.length < sparkMin || best <= 0 ? null : last / best
}

function costOf({ cost, state }: JobCard, now: number): number | null {
  if (cost === null) return null
  return cost.amount + (isLive(state) ? (cost.perHour * Math.max(0, now - cost.at)) / hourMs : 0)
}

function actionsOf(state: JobState): TopAction[] {
  if (state === 'running') return ['stop', 'checkpoint', 'pause']
  return state === 'paused' ? ['resume', 'stop'] : []
}
