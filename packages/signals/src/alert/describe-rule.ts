/** Rules and what they found, in words. The same in the page, in mail and in chats. */
import type { AlertCondition, AnomalyKind, WatchedState } from '@pilothouse/contract'
import type { Anomaly } from '../anomaly/anomaly.ts'
import { formatDuration, formatValue } from '../format.ts'
import type { SeriesCondition } from './condition-fold.ts'

const stateWords: Record<WatchedState, string> = {
  running: 'starts',
  completed: 'completes',
  failed: 'fails',
  cancelled: 'is cancelled',
  lost: 'is lost',
}

const stateSentences: Record<WatchedState, string> = {
  running: 'The job has started.',
  completed: 'The job has completed.',
  failed: 'The job has failed.',
  cancelled: 'The job was cancelled.',
  lost: 'The job is lost: nobody has heard of it.',
}

/** The condition as the end of «when …»: «gpu.utilization of gpu:* is below 10 for 15 m». */
export function describeCondition(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'threshold': {
      const { is, value, of, forMs } = condition
      const bound = of === null ? formatValue(value) : `${formatValue(value)} % of ${of}`
      return `${describeSeries(condition)} is ${is} ${bound}${forMs > 0 ? ` for ${formatDuration(forMs)}` : ''}`
    }
    case 'change': {
      const { direction, amount, relative, windowMs } = condition
      return `${describeSeries(condition)} ${direction}s by ${formatValue(amount)}${relative ? ' %' : ''} within ${formatDuration(windowMs)}`
    }
    case 'non-finite':
      return `${describeSeries(condition)} is NaN or infinite`
    case 'diverging':
      return `${describeSeries(condition)} diverges to ${formatValue(condition.factor)} times its best`
    case 'silence':
      return `nothing is reported for ${formatDuration(condition.forMs)}`
    case 'state':
      return `the job ${joinWords(condition.states.map((state) => stateWords[state]))}`
    case 'epoch':
      return condition.every === 1 ? 'an epoch is completed' : `${condition.every} epochs are completed`
    case 'script':
      return condition.level === 'info'
        ? 'the script raises an alert'
        : `the script raises an alert of level ${condition.level}${condition.level === 'warning' ? ' or error' : ''}`
    case 'anomaly':
      return `there is ${describeAnomalies(condition)}`
    default:
      return condition satisfies never
  }
}

export type DescribedMove = { kind: 'raised' | 'resolved'; key: string; value: number }

/** What a series did. */
export function describeMove(condition: SeriesCondition, { kind, key, value }: DescribedMove): string {
  const now = formatValue(value)
  if (kind === 'resolved') return `${key} is ${now}${unitOf(condition)} again.`
  switch (condition.kind) {
    case 'threshold': {
      const { is, of, forMs } = condition
      const bound = `${formatValue(condition.value)}${unitOf(condition)}`
      const what = of === null ? key : `${key} of ${of}`
      const since = forMs > 0 ? `has been ${is} ${bound} for ${formatDuration(forMs)}` : `is ${is} ${bound}`
      return `${what} ${since}: ${now}${unitOf(condition)}.`
    }
    case 'change': {
      const { direction, amount, relative, windowMs } = condition
      const moved = direction === 'rise' ? 'rose' : 'fell'
      return `${key} ${moved} by at least ${formatValue(amount)}${relative ? ' %' : ''} within ${formatDuration(windowMs)}, to ${now}.`
    }
    case 'non-finite':
      return `${key} is ${now}.`
    case 'diverging':
      return `${key} diverges: it was better, and smoothed it is ${formatValue(condition.factor)} times its best or more. Now ${now}.`
    default:
      return condition satisfies never
  }
}

/** What is said of a job that came into `state`. */
export function describeState(state: WatchedState, errorMessage: string | null): string {
  return state === 'failed' && errorMessage !== null ? errorMessage : stateSentences[state]
}

/** `epoch` is the one that was reached. */
export function describeEpoch(epoch: number): string {
  return `Epoch ${epoch} is reached.`
}

const curveAnomalies: readonly AnomalyKind[] = ['spike', 'plateau', 'divergence']
const anomalyNouns: Record<AnomalyKind, string> = {
  spike: 'a spike',
  plateau: 'a plateau',
  divergence: 'a divergence',
  stall: 'a stall',
  idle: 'an idle GPU',
  throttling: 'a GPU slowed down by heat',
}
const anomalyVerbs: Record<AnomalyKind, string> = {
  spike: 'has a spike',
  plateau: 'is on a plateau',
  divergence: 'diverges',
  stall: 'has stalled',
  idle: 'is idle',
  throttling: 'is slowed down by heat',
}

/** What was unusual, and of what. */
export function describeAnomaly({ kind, phase, source, key, why }: Anomaly): string {
  const what = kind === 'stall' ? 'The job' : curveAnomalies.includes(kind) ? describeSeries({ key, source }) : source
  return phase === 'raised' ? `${what} ${anomalyVerbs[kind]}. ${why}` : `${what}: ${why}`
}

function describeAnomalies(condition: Extract<AlertCondition, { kind: 'anomaly' }>): string {
  const { kinds } = condition
  const curves = kinds.filter((kind) => curveAnomalies.includes(kind)).map((kind) => anomalyNouns[kind])
  const others = kinds.filter((kind) => !curveAnomalies.includes(kind)).map((kind) => anomalyNouns[kind])
  return joinWords(curves.length === 0 ? others : [`${joinWords(curves)} of ${describeSeries(condition)}`, ...others])
}

function describeSeries({ key, source }: { key: string; source: string }): string {
  return source === 'job' ? key : `${key} of ${source}`
}

function unitOf(condition: SeriesCondition): string {
  return condition.kind === 'threshold' && condition.of !== null ? ' %' : ''
}

function joinWords(words: readonly string[]): string {
  const [last = ''] = words.slice(-1)
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}
