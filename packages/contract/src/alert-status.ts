/**
 * The life of an alert. What tells of a moment (an epoch is done) is resolved as it comes.
 *
 *   raised ──somebody takes it on──▶ acknowledged
 *     └──────────┬──────────────────────┘
 *                ▼ the condition is over, or somebody says so
 *            resolved ──taken back──▶ raised
 */
export const alertStatuses = ['raised', 'acknowledged', 'resolved'] as const
export type AlertStatus = (typeof alertStatuses)[number]

export const alertTransitions: Record<AlertStatus, readonly AlertStatus[]> = {
  raised: ['acknowledged', 'resolved'],
  acknowledged: ['raised', 'resolved'],
  resolved: ['raised'],
}
