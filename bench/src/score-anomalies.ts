import type { AnomalyKind } from '@pilothouse/contract'
import type { Anomaly } from '@pilothouse/signals'
import type { Label } from './anomaly-curves.ts'

export type Score = {
  /** Labels that were found, and those that were not. */
  found: number
  missed: number
  /** Raised where there is nothing of the kind. */
  falseAlarms: number
}
export type Scores = Partial<Record<AnomalyKind, Score>>

/** What was raised, by what it is measured against: the number of a point, or ms. */
export type Raised = Pick<Anomaly, 'kind'> & { at: number }

/**
 * Counts what was raised on one series. What is raised again within a label is neither found nor false; nor is a spike of a
 * curve that diverges, for then it may well swing.
 */
export function scoreSeries(scores: Scores, labels: readonly Label[], raised: readonly Raised[]): void {
  for (const label of labels) {
    const score = scoreOf(scores, label.kind)
    if (raised.some((one) => isWithin(label, one))) score.found += 1
    else score.missed += 1
  }
  for (const one of raised) {
    if (!labels.some((label) => isWithin(label, one) || swings(label, one))) scoreOf(scores, one.kind).falseAlarms += 1
  }
}

/** Share of what was raised that is right; 1 where nothing was. */
export function readPrecision({ found, falseAlarms }: Score): number {
  return found + falseAlarms === 0 ? 1 : found / (found + falseAlarms)
}

/** Share of what is there that was raised. */
export function readRecall({ found, missed }: Score): number {
  return found + missed === 0 ? 1 : found / (found + missed)
}

export function scoreOf(scores: Scores, kind: AnomalyKind): Score {
  return (scores[kind] ??= { found: 0, missed: 0, falseAlarms: 0 })
}

function isWithin(label: Label, { kind, at }: Raised): boolean {
  return kind === label.kind && at >= label.from && at <= label.until
}

function swings(label: Label, { kind, at }: Raised): boolean {
  return kind === 'spike' && label.kind === 'divergence' && at >= label.from
}
