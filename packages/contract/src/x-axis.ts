export const xAxes = ['step', 'epoch', 'relative', 'wall'] as const
type PlainAxis = (typeof xAxes)[number]
/** The value of another metric: the one that it has at the step of a point (place-on-axis.ts). */
export type MetricAxis = `metric:${string}`
/** `relative` is ms since the job's start, `wall` is ms since 1970 corrected by the clock offset. */
export type XAxis = PlainAxis | MetricAxis

const prefix = 'metric:'
/** Step metrics that name what every point has anyway: our word for the epoch, and W&B's own keys. */
const plainNames = new Map<string, PlainAxis>([
  ['epoch', 'epoch'],
  ['_step', 'step'],
  ['_runtime', 'relative'],
  ['_timestamp', 'wall'],
])

/** The axis that a script means when it calls `key` the step metric of another one. */
export function toAxis(key: string): XAxis {
  return plainNames.get(key) ?? `${prefix}${key}`
}

/** Key of the metric whose values are x; undefined for an axis that every point has by itself. */
export function keyOfAxis(axis: XAxis): string | undefined {
  return axis.startsWith(prefix) ? axis.slice(prefix.length) : undefined
}

/** Reads the name of an axis; undefined when there is no such axis. */
export function readAxis(text: unknown): XAxis | undefined {
  if (typeof text !== 'string') return undefined
  if (isMetricAxis(text)) return text
  return xAxes.find((axis) => axis === text)
}

function isMetricAxis(text: string): text is MetricAxis {
  return text.startsWith(prefix) && text.length > prefix.length
}
