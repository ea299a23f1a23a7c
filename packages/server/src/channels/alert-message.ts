/** What a delivery tells: the same for every channel, kept with it as it was when it happened. */
import { type Alert, type DeliveryEvent, alert, deliveryEvents } from '@pilothouse/contract'
import { z } from 'zod'

export const alertMessage = z.object({
  event: z.enum(deliveryEvents),
  /** As it was then; null in a test. */
  alert: alert.nullable(),
  project: z.string().nullable(),
  /** Server's clock, ms. */
  at: z.number(),
})
export type AlertMessage = { event: DeliveryEvent; alert: Alert | null; project: string | null; at: number }

/** Without an alert: what a test says. */
export const testWords = {
  title: 'Test of this channel',
  text: 'If you read this, alerts of pilothouse reach you here.',
}
