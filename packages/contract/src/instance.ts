/** Rented machines: what a provider tells of one, in one form for all providers. */
import { z } from 'zod'
import { instanceStatuses, providerKinds } from './instance-status.ts'

/** Bytes. */
const room = z.object({ used: z.number().nullable(), total: z.number().nullable() })

export const instanceFacts = z.object({
  provider: z.enum(providerKinds),
  /** As the provider has it. */
  id: z.string(),
  label: z.string().nullable(),
  status: z.enum(instanceStatuses),
  /** In the provider's own word; null where it said none. */
  rawStatus: z.string().nullable(),
  /** What it says beside it. */
  statusText: z.string().nullable(),
  gpuName: z.string().nullable(),
  gpuCount: z.int(),
  /** Mean over its GPUs, %. */
  gpuUse: z.number().nullable(),
  /** The hottest, °C. */
  gpuTemperature: z.number().nullable(),
  gpuMemory: room,
  cpuUse: z.number().nullable(),
  memory: room,
  disk: room,
  image: z.string().nullable(),
  region: z.string().nullable(),
  /** ms */
  startedAt: z.number().nullable(),
  /** When the contract ends, ms. When the work ends is another question. */
  contractEndsAt: z.number().nullable(),
  /** In `currency`, while it runs; storage is a part of it, and all that is billed while it is stopped. */
  perHour: z.number().nullable(),
  storagePerHour: z.number().nullable(),
  currency: z.literal('USD'),
  ssh: z.object({ user: z.string(), host: z.string(), port: z.int() }).nullable(),
})
export type InstanceFacts = z.infer<typeof instanceFacts>
