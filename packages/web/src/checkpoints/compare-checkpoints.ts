/** What two checkpoints have in common, and what not. Pure. */
import type { Checkpoint, Job } from '@pilothouse/contract'
import { chooseGoal, formatBytes, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { formatExactTime } from '../app/format-clock-time.ts'
import { formatParameter } from '../commands/describe-command.ts'
import { describeRatio } from '../parameters/describe-change.ts'
import { listMetricKeys, readMeasure } from './list-checkpoints.ts'

export type CheckpointPair = readonly [Checkpoint, Checkpoint]
export type PairRow = {
  name: string
  cells: [string, string]
  isOther: boolean
  /** By how much the second differs from the first, in words. */
  change?: string | undefined
  /** Which of them has the better value. */
  better?: 0 | 1 | undefined
}

export function compareMetrics(pair: CheckpointPair, job: Pick<Job, 'headline' | 'metrics'>): PairRow[] {
  return listMetricKeys(pair, job).map((key) => {
    const [first, second] = [readMeasure(pair[0], key), readMeasure(pair[1], key)]
    const goal = chooseGoal(job.metrics, key)
    const isBetter = goal === 'lower' ? second < first : second > first
    const known = goal !== null && Number.isFinite(first) && Number.isFinite(second) && first !== second
    return {
      name: key,
      cells: [formatMeasure(pair[0], key), formatMeasure(pair[1], key)],
      isOther: !Object.is(first, second),
      change: describeRatio(first, second),
      better: known ? (isBetter ? 1 : 0) : undefined,
    }
  })
}

export function compareParameters([first, second]: CheckpointPair): PairRow[] {
  const keys = [...new Set([...Object.keys(first.parameters), ...Object.keys(second.parameters)])]
  return keys.map((key) => {
    const [before, after] = [first.parameters[key], second.parameters[key]]
    return {
      name: key,
      cells: [before === undefined ? '–' : formatParameter(before), after === undefined ? '–' : formatParameter(after)],
      isOther: before !== after,
      change: describeRatio(before ?? null, after ?? ''),
    }
  })
}

export function compareFacts(pair: CheckpointPair): PairRow[] {
  const facts: [string, (one: Checkpoint) => string][] = [
    ['step', ({ step }) => formatCount(step)],
    ['epoch', ({ epoch }) => (epoch === null ? '–' : formatValue(epoch))],
    ['branch', ({ branch }) => String(branch)],
    ['attempt', ({ attempt }) => String(attempt)],
    ['written', ({ time }) => formatExactTime(time)],
    ['kind', ({ kind }) => kind],
    ['size', ({ bytes }) => formatBytes(bytes)],
    ['took', ({ tookMs }) => formatDuration(tookMs)],
    ['covers', ({ covers }) => covers.join(', ') || '–'],
    ['tags', ({ tags }) => tags.join(', ') || '–'],
    ['checksum', ({ sha256 }) => sha256?.slice(0, 12) ?? '–'],
  ]
  return facts.map(([name, read]) => {
    const cells: [string, string] = [read(pair[0]), read(pair[1])]
    return { name, cells, isOther: cells[0] !== cells[1] }
  })
}

/** NaN and infinities as they are, what was not measured as a dash. */
export function formatMeasure(checkpoint: Pick<Checkpoint, 'metrics'>, key: string): string {
  return checkpoint.metrics[key] === undefined ? '–' : formatValue(readMeasure(checkpoint, key))
}
