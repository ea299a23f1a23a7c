/** What a value belongs to: the last, lowest and highest value of a metric, the configuration, the summary. */
export const valueKinds = ['metric', 'min', 'max', 'config', 'summary'] as const
export type ValueKind = (typeof valueKinds)[number]
