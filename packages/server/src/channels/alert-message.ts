/** What a delivery tells: the same for every channel, kept with it as it was when it happened. */
import { type Alert, type DeliveryEvent, alert, deliveryEvents } from '@pilothouse/contract'
import { z } from 'zod'
import { type BatchEnd, batchEnd } from './batch-end.ts'
import { type BudgetSpent, budgetSpent } from './budget-spent.ts'

export const alertMessage = z.object({
  event: z.enum(deliveryEvents),
  /** As it was then; null where it tells of something else. */
  alert: alert.nullable(),
  project: z.string().nullable(),
  /** That has ended; absent where it tells of something else. */
  batch: batchEnd.optional(),
  /** That is spent to some part; absent where it tells of something else. */
  budget: budgetSpent.optional(),
  /** Server's clock, ms. */
  at: z.number(),
})
export type AlertMessage = {
  event: DeliveryEvent
  alert: Alert | null
  project: string | null
  batch?: BatchEnd | undefined
  budget?: BudgetSpent | undefined
  at: number
}

/** What a test says. */
export const testWords = {
  title: 'Test of this channel',
  text: 'If you read this, alerts of pilothouse reach you here.',
}
