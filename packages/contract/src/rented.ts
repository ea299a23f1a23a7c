/** Rented machines as the control room keeps them: accounts at providers, what was last seen of each machine, what it cost. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { instanceFacts } from './instance.ts'
import { instanceActions, rentedProviderKinds } from './instance-status.ts'
import { jobStates } from './job-state.ts'
import { limits } from './limits.ts'

/** What keeps an account, or a machine, from being asked; and what to do about it. */
export const providerTrouble = z.object({
  kind: z.string(),
  message: z.string(),
  hint: z.string(),
  /** Since when it is so, ms. */
  since: z.number(),
})
export type ProviderTrouble = z.infer<typeof providerTrouble>

const key = z
  .string()
  .trim()
  .min(1)
  .max(limits.engineKeyLengthMax)
  .regex(/^[\x21-\x7E]+$/, 'letters, digits and signs of ASCII without spaces')

export const providerAccountCreate = z.object({
  name: cleanText(limits.nameLengthMax, 1),
  provider: z.enum(rentedProviderKinds),
  /** `client`: the one that the provider's own client keeps for the user that the server runs as; it is read once. */
  keyFrom: z.enum(['given', 'client']).default('given'),
  /** It goes in and never comes out again. */
  apiKey: key.nullable().default(null),
  /** Another address that speaks the same API; null: the provider's own. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(limits.uriLengthMax)
    .nullable()
    .default(null),
  /**
   * The key of a machine that is new is believed at the first connection, and kept. Without it the user that the server runs as must
   * have been connected to a machine once.
   */
  trustsNewHosts: z.boolean().default(false),
})
export type ProviderAccountCreate = z.input<typeof providerAccountCreate>

export const providerAccount = z.object({
  id: z.int(),
  name: z.string(),
  provider: z.enum(rentedProviderKinds),
  url: z.string().nullable(),
  trustsNewHosts: z.boolean(),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  /** What the provider can do beyond listing. */
  can: z.array(z.string()),
  /** When its machines were listed last, ms; null: not since the server started. */
  readAt: z.number().nullable(),
  trouble: providerTrouble.nullable(),
})
export type ProviderAccount = z.infer<typeof providerAccount>
/** By name. */
export const providerAccountList = z.object({ accounts: z.array(providerAccount) })

/** Of one currency. `isEstimate`: a part of it is worked out from the rate, the provider has not billed it yet. */
export const instanceCost = z.object({ amount: z.number(), currency: z.string(), isEstimate: z.boolean() })

export const rentedInstance = z.object({
  /** Here; `facts.id` is the provider's. */
  id: z.int(),
  account: z.object({ id: z.int(), name: z.string() }),
  /** As they were at `seenAt`. */
  facts: instanceFacts,
  firstSeenAt: z.number(),
  seenAt: z.number(),
  /** Since when the provider does not list it, ms. */
  goneSince: z.number().nullable(),
  /** Why nothing newer is known. */
  trouble: providerTrouble.nullable(),
  /**
   * Its training log, where no job on it tells of itself: when it was read last, and why ssh does not get there. null: it is not
   * looked for.
   */
  log: z.object({ readAt: z.number().nullable(), trouble: z.string().nullable() }).nullable(),
  /** What can be done to it at its provider. */
  can: z.array(z.string()),
  /** What jobs are launched on it by; null: it does not run, or has no ssh. */
  target: z.string().nullable(),
  job: z
    .object({
      uid: z.string(),
      name: z.string(),
      state: z.enum(jobStates),
      /** 0–1 */
      fraction: z.number().nullable(),
    })
    .nullable(),
  stopWhenDone: z.boolean(),
  /** Since it was first seen; null while nothing is known of it. */
  cost: instanceCost.nullable(),
})
export type RentedInstance = z.infer<typeof rentedInstance>
/** Those that are there first, then those that went lately. */
export const instanceList = z.object({ instances: z.array(rentedInstance) })

export const instanceDay = z.object({
  /** Its begin in UTC, ms. */
  day: z.number(),
  amount: z.number(),
  currency: z.string(),
  /** The provider billed it; else it is worked out from the rate. */
  isCharged: z.boolean(),
})
export type InstanceDay = z.infer<typeof instanceDay>
/** Days: oldest first. */
export const instanceDetail = rentedInstance.extend({ days: z.array(instanceDay) })
export type InstanceDetail = z.infer<typeof instanceDetail>

/** Absent = unchanged. */
export const instancePatch = z.object({
  label: cleanText(limits.nameLengthMax).optional(),
  /** It is stopped once the job on it has ended. */
  stopWhenDone: z.boolean().optional(),
})
export type InstancePatch = z.input<typeof instancePatch>

export const instanceOrder = z.object({
  action: z.enum(instanceActions),
  /** Also where reports of jobs on it have not come, which are lost then. */
  force: z.boolean().default(false),
})
export type InstanceActionOrder = z.input<typeof instanceOrder>

export const instanceLogQuery = z.object({
  lines: z.coerce.number().int().min(1).max(limits.instanceLogLinesMax).default(200),
})
/** As its provider gives them. */
export const instanceLog = z.object({ lines: z.array(z.string()), at: z.number() })

const amount = z.coerce.number().min(0)
export const offerQuery = z.object({
  /** Part of the name of its GPU. */
  gpu: z.string().trim().max(limits.nameLengthMax).optional(),
  gpuCountMin: z.coerce.number().int().min(1).max(1_000).optional(),
  perHourMax: amount.optional(),
  diskGbMin: amount.optional(),
  limit: z.coerce.number().int().min(1).max(limits.offersMax).default(30),
})
export const rentalOffer = z.object({
  id: z.string(),
  gpuName: z.string(),
  gpuCount: z.int(),
  gpuMemoryBytes: z.number().nullable(),
  perHour: z.number(),
  currency: z.string(),
  region: z.string().nullable(),
  reliability: z.number().nullable(),
  cpus: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  diskBytes: z.number().nullable(),
})
export type RentalOffer = z.infer<typeof rentalOffer>
/** As the provider orders them, the cheapest first. */
export const offerList = z.object({ offers: z.array(rentalOffer) })

export const instanceRent = z.object({
  offerId: z.string().min(1).max(limits.nameLengthMax),
  image: z.string().trim().min(1).max(limits.uriLengthMax),
  diskGb: z.number().min(1).max(100_000),
  label: cleanText(limits.nameLengthMax).nullable().default(null),
  /** A script of sh, run once when it starts. */
  onStart: z.string().max(limits.onStartLengthMax).nullable().default(null),
  /** Public keys that may log in, one line each. */
  sshKeys: z.array(z.string().trim().min(1).max(limits.engineKeyLengthMax)).max(20).default([]),
})
export type InstanceRent = z.input<typeof instanceRent>
/** The provider's id of the new machine; it is listed from the next look on. */
export const instanceRented = z.object({ instanceId: z.string() })
