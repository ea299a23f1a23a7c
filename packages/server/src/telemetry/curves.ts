/** What a job's card folds from its points: progress and headline. The states are kept as JSON beside the job. */
import { type MetricDefinition, type PointBlock, findDefinition } from '@pilothouse/contract'
import {
  type HeadlineState,
  type ProgressSample,
  type ProgressState,
  chooseHeadlineKey,
  startProgress,
  updateHeadline,
  updateProgress,
} from '@pilothouse/signals'
import { parseJson } from '../jobs/parse-json.ts'
import type { JobRow } from '../jobs/read-job.ts'
import type { StageEntry } from './stages.ts'

export type Curves = {
  progress: ProgressState | null
  headline: HeadlineState | null
  /** What was chosen last from which keys: reports bring the same keys again and again. Not stored. */
  choice?: { keys: readonly string[]; best: string | undefined }
}

/** Samples of the progress measure taken from one block; more say nothing new about its speed. */
const samplesMax = 64
/** The measure takes samples closer than this as one. */
const sampleGapMs = 250

export function readCurves({ progress, headline }: Pick<JobRow, 'progress' | 'headline'>): Curves {
  return { progress: parseJson<ProgressState>(progress), headline: parseJson<HeadlineState>(headline) }
}

/** What a fold knows of its job beside the points. */
export type FoldContext = {
  /** From the client's clock to ours. */
  toServer(at: number): number
  metrics: readonly MetricDefinition[]
}

/** Takes in a block of the job's own points. */
export function foldPoints(curves: Curves, points: PointBlock, { toServer, metrics }: FoldContext): Curves {
  const samples = pickSamples(points)
  const progress = samples.reduce(
    (state, sample) => updateProgress(state, { ...sample, at: toServer(sample.at) }),
    curves.progress ?? startProgress(),
  )
  const choice = sameKeys(curves.choice?.keys, points.keys)
    ? curves.choice
    : { keys: points.keys, best: chooseHeadlineKey(points.keys) }
  const known = curves.headline?.key
  const columns = points.keys.flatMap((key, at) =>
    key === known || key === choice?.best ? [{ key, values: points.values[at] ?? [] }] : [],
  )
  const shown = {
    keys: columns.map(({ key }) => key),
    values: columns.map(({ values }) => values),
    steps: points.steps,
  }
  return {
    progress,
    headline: updateHeadline(curves.headline, shown, (key) => findDefinition(metrics, key)?.goal),
    ...(choice ? { choice } : {}),
  }
}

/** Takes in how far the active stage is; `at` is the server's clock. */
export function foldStage(curves: Curves, stages: readonly StageEntry[], at: number): Curves {
  const active = stages.find(({ state }) => state === 'active')
  const stage = active && active.done !== null ? { name: active.name, done: active.done, total: active.total } : null
  if (stage === null && (curves.progress?.stage ?? null) === null) return curves
  return { ...curves, progress: updateProgress(curves.progress ?? startProgress(), { at, stage }) }
}

function sameKeys(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one !== undefined && one.length === other.length && one.every((key, at) => key === other[at])
}

/** The last row, and before it those that a new epoch begins with or that lie well apart in time. */
function pickSamples({ steps, times, epochs }: PointBlock): ProgressSample[] {
  const samples: ProgressSample[] = []
  const last = steps.length - 1
  let takenAt = -Infinity
  let epoch: number | undefined
  for (let row = 0; row <= last; row += 1) {
    const at = times[row] ?? 0
    const turns = epochs !== undefined && epochs[row] !== epoch
    const apart = at - takenAt >= sampleGapMs
    if (row < last && (samples.length >= samplesMax || !(turns || apart))) continue
    takenAt = at
    epoch = epochs?.[row]
    samples.push({ at, step: steps[row], epoch: epochs?.[row] })
  }
  return samples
}
