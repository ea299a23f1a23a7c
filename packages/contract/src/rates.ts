/** What hours cost: prices by machine, project and day, as an admin set them. */
import { z } from 'zod'
import { limits } from './limits.ts'

/** `*` stands for any letters, and then case does not count. null: any. */
const pattern = z.string().trim().min(1).max(limits.nameLengthMax).nullable().default(null)
const price = z.number().min(0).max(limits.pricePerHourMax).nullable().default(null)

export const rate = z
  .object({
    /** Target of the job, or name of the host. */
    target: pattern,
    /** Part of the name of the GPU, case aside. */
    gpu: pattern,
    project: pattern,
    /** For jobs that started then or later, ms. null: whenever they started. */
    from: z.number().min(0).max(limits.timeMsMax).nullable().default(null),
    /** Of one GPU. */
    gpuHour: price,
    /** Of the host: on top of its GPUs, or for one without. */
    hostHour: price,
  })
  .refine(({ gpuHour, hostHour }) => gpuHour !== null || hostHour !== null, {
    path: ['gpuHour'],
    message: 'a price per GPU-hour, per host-hour, or both',
  })
export type Rate = z.infer<typeof rate>

/** The first rate that matches a machine counts. Without rates nobody knows what anything costs. */
export const rateCard = z.object({
  /** ISO 4217, as `USD`: one for all rates. */
  currency: z.string().trim().toUpperCase().refine(isCurrency, 'a currency by its code of ISO 4217, as USD or EUR'),
  rates: z.array(rate).max(limits.ratesMax),
})
export type RateCard = z.infer<typeof rateCard>
export type RateCardInput = z.input<typeof rateCard>

function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf('currency').includes(code)
}

/** Parts of the price of an hour of a job. */
export const costPart = z.object({
  kind: z.enum(['gpu', 'host']),
  /** Name of the GPU; null for hosts. */
  name: z.string().nullable(),
  count: z.int(),
  /** Of one of them. */
  perHour: z.number(),
})
export type CostPart = z.infer<typeof costPart>

/** What a job costs, and what that rests on. */
export const jobCost = z.object({
  amount: z.number(),
  currency: z.string(),
  /** Time of all attempts. */
  hours: z.number(),
  parts: z.array(costPart),
})
export type JobCost = z.infer<typeof jobCost>

/** The same on a card. While an attempt is under way it grows: by `perHour` from `at` on. */
export const cardCost = z.object({
  amount: z.number(),
  currency: z.string(),
  perHour: z.number(),
  /** Server's clock, ms. */
  at: z.number(),
})
export type CardCost = z.infer<typeof cardCost>
