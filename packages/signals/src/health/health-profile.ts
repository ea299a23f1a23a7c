/** Where health begins and ends, as it is built in. */
import type { HealthProfile } from '@pilothouse/contract'
import type { HealthLevel } from './health.ts'

export type { HealthProfile } from '@pilothouse/contract'

const minuteMs = 60_000

export const healthProfiles = {
  default: {
    name: 'default',
    idleTo: 10,
    idleAfterMs: 5 * minuteMs,
    busyFrom: null,
    lossFrom: null,
    lossOverBestFrom: 1.5,
    nonFiniteLossIs: 'error',
    // GPUs slow themselves down between 83 and 95 °C, by model.
    hotFrom: 87,
    staleAfterMs: 2 * minuteMs,
    endIs: 'byExitCode',
  },
  /** Of the monitor that users of vast.ai had before: good is 10 % < use < 95 % and a loss below 10. */
  seed: {
    name: 'seed',
    idleTo: 10,
    idleAfterMs: 0,
    busyFrom: 95,
    lossFrom: 10,
    lossOverBestFrom: null,
    nonFiniteLossIs: 'warning',
    hotFrom: null,
    staleAfterMs: null,
    endIs: 'error',
  },
} as const satisfies Readonly<Record<string, HealthProfile>>

/** Signs of levels, for eyes that see no colour; `ascii` for screens that have no others. */
export const healthSigns: Readonly<Record<HealthLevel, { sign: string; ascii: string }>> = {
  good: { sign: '●', ascii: '+' },
  neutral: { sign: '○', ascii: '-' },
  warning: { sign: '▲', ascii: '!' },
  error: { sign: '✕', ascii: 'x' },
}
