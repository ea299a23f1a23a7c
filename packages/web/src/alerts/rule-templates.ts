/** Rules that most people want: one click writes them. */
import type { AlertCondition, AlertLevel, AnomalyKind } from '@pilothouse/contract'
import { anomalyKinds } from '@pilothouse/contract/wire'

export type RuleTemplate = { name: string; level: AlertLevel; condition: AlertCondition }

const minuteMs = 60_000

export const ruleTemplates: readonly RuleTemplate[] = [
  { name: 'A job fails or is lost', level: 'error', condition: { kind: 'state', states: ['failed', 'lost'] } },
  { name: 'A loss is NaN', level: 'error', condition: { kind: 'non-finite', key: '*loss*', source: 'job' } },
  {
    name: 'A loss diverges',
    level: 'warning',
    condition: { kind: 'diverging', key: '*loss*', source: 'job', factor: 1.5 },
  },
  {
    name: 'A GPU is idle',
    level: 'warning',
    condition: {
      kind: 'threshold',
      key: 'gpu.utilization',
      source: 'gpu:*',
      is: 'below',
      value: 5,
      of: null,
      clearValue: 20,
      forMs: 15 * minuteMs,
    },
  },
  {
    name: 'A disk is nearly full',
    level: 'warning',
    condition: {
      kind: 'threshold',
      key: 'disk.used',
      source: 'host:*',
      is: 'above',
      value: 95,
      of: 'disk.total',
      clearValue: 90,
      forMs: minuteMs,
    },
  },
  {
    name: 'A job does something unusual',
    level: 'warning',
    condition: { kind: 'anomaly', kinds: [...anomalyKinds], key: '*loss*', source: 'job' },
  },
  { name: 'A job says nothing', level: 'warning', condition: { kind: 'silence', forMs: 10 * minuteMs } },
  { name: 'A job completes', level: 'info', condition: { kind: 'state', states: ['completed'] } },
  { name: 'An epoch is completed', level: 'info', condition: { kind: 'epoch', every: 1 } },
  { name: 'A script raises an alert', level: 'info', condition: { kind: 'script', level: 'info' } },
]

/** What a condition of each kind begins with. */
export const firstConditions: { [Kind in AlertCondition['kind']]: Extract<AlertCondition, { kind: Kind }> } = {
  state: { kind: 'state', states: ['failed', 'lost'] },
  'non-finite': { kind: 'non-finite', key: '*loss*', source: 'job' },
  threshold: {
    kind: 'threshold',
    key: 'loss',
    source: 'job',
    is: 'above',
    value: 10,
    of: null,
    clearValue: null,
    forMs: 0,
  },
  change: {
    kind: 'change',
    key: 'loss',
    source: 'job',
    direction: 'rise',
    amount: 50,
    relative: true,
    windowMs: 10 * minuteMs,
  },
  diverging: { kind: 'diverging', key: '*loss*', source: 'job', factor: 1.5 },
  silence: { kind: 'silence', forMs: 10 * minuteMs },
  epoch: { kind: 'epoch', every: 1 },
  script: { kind: 'script', level: 'info' },
  anomaly: { kind: 'anomaly', kinds: [...anomalyKinds], key: '*loss*', source: 'job' },
}

export const conditionNames: Record<AlertCondition['kind'], string> = {
  state: 'A job comes into a state',
  'non-finite': 'A metric is NaN or infinite',
  threshold: 'A value is too high or too low',
  change: 'A value changes quickly',
  diverging: 'A loss diverges',
  anomaly: 'Something unusual is noticed',
  silence: 'Nothing is reported',
  epoch: 'Epochs are completed',
  script: 'The script raises an alert',
}

export const anomalyNames: Record<AnomalyKind, string> = {
  spike: 'a spike',
  plateau: 'a plateau',
  divergence: 'a divergence',
  stall: 'no more steps',
  idle: 'an idle GPU',
  throttling: 'a GPU slowed down by heat',
}
