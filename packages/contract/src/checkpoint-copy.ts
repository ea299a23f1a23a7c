/** Copies of checkpoints in the control room: what a job sends of one, and what is known of it. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { copyStates } from './copy-state.ts'
import { limits } from './limits.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')

/** Where a file stands in its copy, its parts divided by «/»: it leads nowhere else. */
export const copyPath = z
  .string()
  .min(1)
  .max(limits.copyPathLengthMax)
  .refine((path) => path.split('/').every(isPlainName), 'a path that leads nowhere else')

/** What a job is about to send: its files in the order of their checksum, and the record beside the checkpoint. */
export const copyManifest = z.object({
  files: z
    .array(z.object({ path: copyPath, bytes: z.int().min(0), sha256 }))
    .min(1)
    .max(limits.copyFilesMax),
  isFolder: z.boolean(),
  record: z.record(z.string(), z.unknown()),
})
export type CopyManifest = z.infer<typeof copyManifest>

/** How far a copy is. A job sends what is missing, and asks until it is `copied` or `failed`. */
export const copyReceipt = z.object({
  state: z.enum(copyStates),
  reason: z.string().nullable(),
  /** Bytes that are there, of each file. */
  received: z.array(z.int()),
})
export type CopyReceipt = z.infer<typeof copyReceipt>

export const checkpointCopy = z.object({
  state: z.enum(copyStates),
  /** Why it has failed, in words. */
  reason: cleanText(limits.commandReasonMax).nullable(),
  bytes: z.number(),
  received: z.number(),
  /** When it came into this state, server's clock, ms. */
  since: z.number(),
})
export type CheckpointCopy = z.infer<typeof checkpointCopy>

/** For the job itself: checkpoints that it could have back from the control room, newest first. */
export const copyList = z.object({
  copies: z.array(z.object({ id: z.int(), name: z.string(), uri: z.string(), sha256 })),
})
export type CopyList = z.infer<typeof copyList>

export const ofCopyFile = z.object({ file: z.coerce.number().int().min(0).max(limits.copyFilesMax) })
export const copyPartQuery = z.object({ offset: z.coerce.number().int().min(0) })

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[\u0000-\u001f\u007f\\]/.test(name)
}
