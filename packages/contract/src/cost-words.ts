export const costGroupings = ['project', 'member', 'target', 'kind'] as const
export type CostGrouping = (typeof costGroupings)[number]
