export const alertLevels = ['info', 'warning', 'error'] as const
export type AlertLevel = (typeof alertLevels)[number]
