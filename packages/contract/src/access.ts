import { z } from 'zod'
import { healthProfile } from './health-profile.ts'
import { jobUid } from './job-uid.ts'
import { permissions, roles } from './permission.ts'

const role = z.enum(roles)

export const signIn = z.object({ code: z.string().min(16).max(256) })
export const session = z.object({
  member: z.object({ id: z.int(), name: z.string() }),
  role,
  permissions: z.array(z.enum(permissions)),
  /** null for a token without an end. */
  expiresAt: z.number().nullable(),
  version: z.string(),
  /** What counts as healthy here. */
  health: healthProfile,
})
export type Session = z.infer<typeof session>

export const tokenCreate = z.object({
  name: z.string().min(1).max(128),
  role,
  /** ms from now; absent = no end. */
  lifetimeMs: z.number().positive().optional(),
  /** Makes it good for this job alone, which need not exist yet. */
  job: jobUid.optional(),
})
export type TokenCreate = z.input<typeof tokenCreate>

export const tokenInfo = z.object({
  id: z.int(),
  name: z.string(),
  role,
  member: z.object({ id: z.int(), name: z.string() }),
  /** The one job that it is good for; null for all. */
  job: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
})
export type TokenInfo = z.infer<typeof tokenInfo>

/** The secret is shown once; the server keeps only its hash. */
export const tokenCreated = tokenInfo.extend({ secret: z.string() })
/** Newest first. */
export const tokenQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(200),
  /** From `next` of the page before. */
  cursor: z.string().max(1024).optional(),
})
export const tokenList = z.object({ tokens: z.array(tokenInfo), next: z.string().nullable() })
/** Who signs in with the link may do this much; absent: as much as who makes it. A reporter sees nothing, so has no page. */
export const linkQuery = z.object({ role: z.enum(['viewer', 'member', 'admin']).optional() })
export const linkCreated = z.object({
  /** One-time link, the code in its fragment. */
  url: z.string(),
  expiresAt: z.number(),
})
export type LinkCreated = z.infer<typeof linkCreated>
