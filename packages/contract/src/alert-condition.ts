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
] as const
export type ConditionKind = (typeof conditionKinds)[number]

/** States of a job that a rule may watch for: those whose beginning is known. */
export const watchedStates = ['running', 'completed', 'failed', 'cancelled', 'lost'] as const
export type WatchedState = (typeof watchedStates)[number]
