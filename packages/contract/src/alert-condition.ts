/** Kinds of conditions of a rule. */
export const conditionKinds = [
  'threshold',
  'change',
  'non-finite',
  'diverging',
  'silence',
  'state',
  'epoch',
  'script',
  'anomaly',
] as const
export type ConditionKind = (typeof conditionKinds)[number]

/** States of a job that a rule may watch for: those whose beginning is known. */
export const watchedStates = ['running', 'completed', 'failed', 'cancelled', 'lost'] as const
export type WatchedState = (typeof watchedStates)[number]

/**
 * What a job does that it should not. `spike`: a value far above the others. `plateau`: a curve that was improving does so no
 * more. `divergence`: a curve that had improved goes up and stays there. `stall`: a job is alive and makes no steps. `idle`: a
 * GPU of a running job does nothing. `throttling`: a hot GPU slows itself down.
 */
export const anomalyKinds = ['spike', 'plateau', 'divergence', 'stall', 'idle', 'throttling'] as const
export type AnomalyKind = (typeof anomalyKinds)[number]
