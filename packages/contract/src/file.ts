/**
 * Files of OpenAI's Files API (openapi.yaml 2.3.0, `/files`), field by field, so that its clients work here: inputs of
 * batches and what came of them. Times are seconds since 1970, as there.
 */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'

/** What a file may be uploaded for. */
const uploadPurposes = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'] as const
/** `batch_output` is what the server itself has made. */
const filePurposes = [...uploadPurposes, 'batch_output'] as const
export type FilePurpose = (typeof filePurposes)[number]

/**
 * Ids of files: when it was made in ms (12 hexadecimal digits), then 20 at random. Their order is that of their making, so a
 * list goes on behind a file that is gone meanwhile. They name the file on disk, too: nothing in them leads elsewhere.
 */
export const fileIdPattern = /^file-[0-9a-f]{32}$/

export const fileObject = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  created_at: z.int(),
  /** null: it stays until it is deleted. */
  expires_at: z.int().nullable(),
  filename: z.string(),
  purpose: z.enum(filePurposes),
  /** A file that can be seen is whole. */
  status: z.literal('processed'),
  status_details: z.null(),
})
export type FileObject = z.infer<typeof fileObject>

export const ofFile = z.object({ id: z.string().min(1).max(limits.nameLengthMax) })

export const fileQuery = z.object({
  purpose: cleanText(limits.nameLengthMax).optional(),
  limit: z.coerce.number().int().min(1).max(limits.filePageMax).default(limits.filePageMax),
  order: z.enum(['asc', 'desc']).default('desc'),
  /** The last one of the page before. */
  after: z.string().regex(fileIdPattern, 'the id of a file').optional(),
})

/** One's own, admins see all; by when they were made. */
export const fileList = z.object({
  object: z.literal('list'),
  data: z.array(fileObject),
  has_more: z.boolean(),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
})
export type FileList = z.infer<typeof fileList>

export const fileDeleted = z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) })

/** What stands beside the part `file` of an upload. */
export const fileForm = z
  .object({
    purpose: z.enum(uploadPurposes),
    'expires_after[anchor]': z.literal('created_at').optional(),
    'expires_after[seconds]': z.coerce
      .number()
      .int()
      .min(limits.fileLifeSecondsMin)
      .max(limits.fileLifeSecondsMax)
      .optional(),
  })
  .refine((form) => form['expires_after[anchor]'] === undefined || form['expires_after[seconds]'] !== undefined, {
    path: ['expires_after[seconds]'],
    message: 'seconds beside the anchor',
  })
  .refine((form) => form['expires_after[seconds]'] === undefined || form['expires_after[anchor]'] !== undefined, {
    path: ['expires_after[anchor]'],
    message: '«created_at» beside the seconds',
  })
