/** Channels: where alerts are told. What is secret in them goes in and never comes out again. */
import { z } from 'zod'
import { alertLevels } from './alert-level.ts'
import { channelKinds, deliveryEvents, deliveryStatuses } from './channel-kind.ts'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { queryList } from './query-list.ts'

const url = z.url({ protocol: /^https?$/ }).max(limits.uriLengthMax)
const shared = {
  name: cleanText(limits.nameLengthMax, 1),
  enabled: z.boolean().default(true),
}

export const channelCreate = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webhook'),
    ...shared,
    url,
    /** Key that bodies are signed with, as `whsec_` and base64 of 24 to 64 bytes; absent: a new one is made. */
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/)
      .optional(),
  }),
  /** The address is the secret. */
  z.object({ kind: z.literal('slack'), ...shared, url }),
  z.object({ kind: z.literal('discord'), ...shared, url }),
  z.object({ kind: z.literal('email'), ...shared, to: z.array(z.email().max(320)).min(1).max(50) }),
])
export type ChannelCreate = z.input<typeof channelCreate>

/** Absent = unchanged. What does not belong to the kind is refused. */
export const channelPatch = z.object({
  name: shared.name.optional(),
  enabled: z.boolean().optional(),
  url: url.optional(),
  to: z.array(z.email().max(320)).min(1).max(50).optional(),
})
export type ChannelPatch = z.input<typeof channelPatch>

export const channel = z.object({
  id: z.int(),
  kind: z.enum(channelKinds),
  name: z.string(),
  enabled: z.boolean(),
  /** Where it leads, without what is secret: `hooks.example.org/…a1b2`, or addresses. */
  target: z.string(),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  changedAt: z.number(),
  /** Deliveries under way. */
  waiting: z.int(),
  /** The newest delivery that came to an end or was tried; null before the first. */
  last: z.object({ status: z.enum(deliveryStatuses), at: z.number(), error: z.string().nullable() }).nullable(),
})
export type Channel = z.infer<typeof channel>
/** By name. */
export const channelList = z.object({
  channels: z.array(channel),
  /** Without a mail server, e-mail cannot be sent. */
  canMail: z.boolean(),
})
/** `secret` of a webhook is shown once. */
export const channelCreated = channel.extend({ secret: z.string().nullable() })

/** One telling on one channel: of an alert, of its end, or of that of a batch. */
export const delivery = z.object({
  id: z.int(),
  channel: z.object({ id: z.int(), name: z.string(), kind: z.enum(channelKinds) }),
  event: z.enum(deliveryEvents),
  status: z.enum(deliveryStatuses),
  level: z.enum(alertLevels),
  title: z.string(),
  job: z.object({ uid: z.string(), name: z.string() }).nullable(),
  createdAt: z.number(),
  /** Tries so far, and when the last one was. */
  tries: z.int(),
  triedAt: z.number().nullable(),
  /** When it is tried again; null once it is over. */
  nextAt: z.number().nullable(),
  /** What the other side said, or why it was not reached; null when all went well. */
  error: z.string().nullable(),
})
export type Delivery = z.infer<typeof delivery>

export const deliveryQuery = z.object({
  channel: queryList(z.coerce.number().int().min(1), 100),
  status: queryList(z.enum(deliveryStatuses)),
  limit: z.coerce.number().int().min(1).max(limits.deliveryPageMax).default(50),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})
export type DeliveryQuery = z.input<typeof deliveryQuery>
/** Newest first. */
export const deliveryPage = z.object({ deliveries: z.array(delivery), next: z.int().nullable() })
