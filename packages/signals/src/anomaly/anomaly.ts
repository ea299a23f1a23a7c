import type { AnomalyKind } from '@pilothouse/contract'

/** What a detector tells: that something began, or that it is over. */
export type Anomaly = {
  kind: AnomalyKind
  phase: 'raised' | 'resolved'
  /** The series that it is about; both empty for the job as a whole. */
  source: string
  key: string
  /** By the times of the points, ms. */
  at: number
  step: number | null
  value: number | null
  /** A sentence. */
  why: string
}

/** What a detector finds at one point; who called it knows the series, the time and the step. */
export type Finding = Pick<Anomaly, 'kind' | 'phase' | 'why'>

/** A value turned so that less is better: `sign * value` is the one that was logged. */
export type SignedValue = { value: number; sign: 1 | -1 }
