/** Which axis each metric of a job has, by what its script said of it (`define_metric`). */
import type { MetricDefinition, XAxis } from '@pilothouse/contract'
import { findDefinition, keyOfAxis, toAxis } from '@pilothouse/contract/wire'
import type { KeyAxis } from './group-keys.ts'

/** What has been logged: an axis that nothing stands on yet is not used. */
export type Logged = { hasKey: (key: string) => boolean; hasEpochs: boolean }

/** Tells the axis of a key. A metric is not drawn over itself, nor over one that has not been logged. */
export function chooseAxes(definitions: readonly MetricDefinition[], logged: Logged): (key: string) => KeyAxis {
  return (key) => {
    const { stepMetric, key: pattern } = findDefinition(definitions, key) ?? {}
    if (stepMetric === undefined || stepMetric === key) return { x: 'step', pattern: undefined }
    const x = toAxis(stepMetric)
    return isLogged(x, logged) && x !== 'step' ? { x, pattern } : { x: 'step', pattern: undefined }
  }
}

function isLogged(x: XAxis, { hasKey, hasEpochs }: Logged): boolean {
  const key = keyOfAxis(x)
  return key === undefined ? x !== 'epoch' || hasEpochs : hasKey(key)
}

/** The axes that metrics of the job are defined over, each once, with what is defined so. */
export function listDefinedAxes(definitions: readonly MetricDefinition[]): { x: XAxis; patterns: string[] }[] {
  const axes = new Map<XAxis, string[]>()
  for (const { key, stepMetric } of definitions) {
    if (stepMetric === undefined || stepMetric === key) continue
    const x = toAxis(stepMetric)
    axes.set(x, [...(axes.get(x) ?? []), key])
  }
  return [...axes].map(([x, patterns]) => ({ x, patterns }))
}
