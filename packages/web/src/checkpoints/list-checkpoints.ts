/** Which checkpoints a table shows, in which order, and which of their values stand out. Pure. */
import type { Checkpoint, Job } from '@pilothouse/contract'
import { chooseGoal, rankMetric } from '@pilothouse/signals'

export type CheckpointSort = { by: 'name' | 'step' | 'time' | 'bytes' | `metric:${string}`; isDown: boolean }

/** Those in which all the words are: in name, kind, tags, description or path. */
export function searchCheckpoints(all: readonly Checkpoint[], text: string): readonly Checkpoint[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return all
  return all.filter(({ name, kind, tags, description, uri }) => {
    const said = [name, kind, ...tags, description ?? '', uri].join('\n').toLowerCase()
    return words.every((word) => said.includes(word))
  })
}

export function sortCheckpoints(all: readonly Checkpoint[], { by, isDown }: CheckpointSort): readonly Checkpoint[] {
  const way = isDown ? -1 : 1
  return all.toSorted((one, other) => {
    if (by === 'name') return way * one.name.localeCompare(other.name, undefined, { numeric: true })
    const [first, second] = [readSorted(one, by), readSorted(other, by)]
    // What has no such value stands last, whichever way it goes.
    if (Number.isNaN(first) || Number.isNaN(second)) return Number(Number.isNaN(first)) - Number(Number.isNaN(second))
    return way * (first - second)
  })
}

function readSorted(checkpoint: Checkpoint, by: Exclude<CheckpointSort['by'], 'name'>): number {
  switch (by) {
    case 'step':
    case 'time':
    case 'bytes':
      return checkpoint[by]
    default:
      return readMeasure(checkpoint, by.slice('metric:'.length))
  }
}

/** NaN where it was not measured, and where it was NaN. */
export function readMeasure({ metrics }: Pick<Checkpoint, 'metrics'>, key: string): number {
  return Number(metrics[key] ?? Number.NaN)
}

/** Metrics of all checkpoints, what people look for first: the headline of the job, then what is most like a loss. */
export function listMetricKeys(all: readonly Checkpoint[], { headline, metrics }: Pick<Job, 'headline' | 'metrics'>) {
  const keys = [...new Set(all.flatMap((one) => Object.keys(one.metrics)))]
  const rankOf = (key: string): number =>
    key === headline?.key ? -1 : rankMetric(key) + (chooseGoal(metrics, key) === null ? 100 : 0)
  return keys.toSorted((one, other) => rankOf(one) - rankOf(other) || one.localeCompare(other))
}

/** The checkpoint that has the best value of a metric; undefined where nothing tells what is better. */
export function findBest(
  all: readonly Checkpoint[],
  key: string,
  { metrics }: Pick<Job, 'metrics'>,
): number | undefined {
  const goal = chooseGoal(metrics, key)
  const measured = all.filter((one) => one.state !== 'missing' && Number.isFinite(readMeasure(one, key)))
  if (goal === null || measured.length < 2) return undefined
  return measured.reduce((best, one) => {
    const [value, known] = [readMeasure(one, key), readMeasure(best, key)]
    return (goal === 'lower' ? value < known : value > known) ? one : best
  }).id
}
