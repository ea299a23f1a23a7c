/** Connections that an admin makes by hand, because ssh asks something: a passphrase, a password, a second factor. */
import { z } from 'zod'

export const connection = z.object({
  /** `none`: the control room connects by itself, where it can. `ended`: one stood, and has to be made again by hand. */
  state: z.enum(['none', 'connecting', 'asking', 'connected', 'failed', 'ended']),
  /** What ssh asks now. */
  question: z
    .object({
      id: z.int(),
      /** As ssh, or the host through it, words it. */
      text: z.string(),
      /** `notice`: nothing is to be answered here, as where a key wants to be touched. */
      kind: z.enum(['secret', 'confirm', 'notice']),
      /** It was asked just before: that answer was not taken. */
      isRepeated: z.boolean(),
    })
    .nullable(),
  /** Since when it stands, server's clock, ms. */
  since: z.number().nullable(),
  /** When it is given up, while it is being made. */
  until: z.number().nullable(),
  /** Why it failed or ended. */
  trouble: z.object({ kind: z.string(), message: z.string(), hint: z.string() }).nullable(),
})
export type Connection = z.infer<typeof connection>

export const connectionAnswer = z.strictObject({
  /** The question that was seen. */
  id: z.int(),
  /** Handed to ssh, and kept nowhere. */
  answer: z
    .string()
    .max(1024, 'at most 1024 characters')
    .regex(/^[^\r\n\0]*$/, 'one line'),
})
export type ConnectionAnswer = z.infer<typeof connectionAnswer>
