/** What a preset would do to a job: each of its values beside the one that is so. Pure. */
import type { Parameter, ParameterValue, Preset } from '@pilothouse/contract'
import { checkParameter } from '@pilothouse/contract/wire'

export type PresetRow = {
  key: string
  /** undefined: the job has no such parameter. */
  now: ParameterValue | undefined
  value: ParameterValue
  /** `same`: it is so already; `bad`: the job would not take it. */
  kind: 'change' | 'same' | 'bad'
  /** What is wrong with it, in words. */
  fault?: string
}

/** Rows in the order of the job’s parameters, what it does not have behind them. */
export function comparePreset({ values }: Pick<Preset, 'values'>, parameters: readonly Parameter[]): PresetRow[] {
  const known = parameters.flatMap((parameter): PresetRow[] => {
    const { key, value: now } = parameter
    const value = values[key]
    if (value === undefined) return []
    const fault = checkParameter(parameter, value)
    if (fault) return [{ key, now, value, kind: 'bad', fault: `${fault.expected} is expected` }]
    return [{ key, now, value, kind: now === value ? 'same' : 'change' }]
  })
  const keys = new Set(parameters.map(({ key }) => key))
  const unknown = Object.entries(values)
    .filter(([key]) => !keys.has(key))
    .map(([key, value]): PresetRow => ({
      key,
      now: undefined,
      value,
      kind: 'bad',
      fault: 'this job has no such parameter',
    }))
  return [...known, ...unknown]
}
