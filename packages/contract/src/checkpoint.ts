/** Checkpoints: where the state of a job was written down, and what it was then. Its content stays on the job's machine. */
import { z } from 'zod'
import { checkpointCopy } from './checkpoint-copy.ts'
import { checkpointKinds, checkpointStates } from './checkpoint-kind.ts'
import { cleanText } from './clean-text.ts'
import { tags } from './job.ts'
import { limits } from './limits.ts'
import { parameterValue } from './parameter.ts'

const name = cleanText(limits.nameLengthMax, 1)
/** No path: it becomes a file in the folder that the job declared. */
const fileName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, «.», «_» and «-», the first a letter or digit')
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
const values = z.record(z.string(), parameterValue)
const measures = z.record(z.string(), z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]))

/** A checkpoint inside a report. The same name again is the same checkpoint, made anew. */
export const checkpointEvent = z.object({
  name,
  kind: z.enum(checkpointKinds),
  /** Client's clock, ms. */
  at: z.number(),
  step: z.number(),
  epoch: z.number().nullable().default(null),
  /** Path on `host`. */
  uri: cleanText(limits.uriLengthMax, 1),
  host: name,
  bytes: z.int().min(0),
  /** Of a file its SHA-256, of a folder that of its files' names and sums. */
  sha256: sha256.nullable().default(null),
  files: z.int().min(1).default(1),
  /** How long it took to write, ms. */
  tookMs: z.number().min(0),
  /** What it holds, in the script's own words: weights, optimizer, scheduler … */
  covers: z.array(name).max(limits.checkpointCoversMax).default([]),
  /** Values of metrics and parameters then. */
  metrics: measures.default({}),
  parameters: values.default({}),
  description: cleanText(limits.checkpointTextMax).nullable().default(null),
  command: z.int().min(1).nullable().default(null),
})
export type CheckpointEvent = z.infer<typeof checkpointEvent>

/** What became of the files of one. */
export const checkpointFate = z.object({
  name,
  /** `hidden`: they cannot be looked at, so nothing is known of them. */
  state: z.enum(['present', 'deleted', 'missing', 'corrupt', 'hidden']),
  at: z.number(),
  reason: cleanText(limits.checkpointTextMax).nullable().default(null),
})
export type CheckpointFate = z.infer<typeof checkpointFate>

export const checkpoint = z.object({
  id: z.int(),
  name: z.string(),
  kind: z.enum(checkpointKinds),
  state: z.enum(checkpointStates),
  /** Why it is in that state, where there is something to say. */
  stateReason: z.string().nullable(),
  /** Since when it is missing or corrupt, server's clock, ms. */
  faultSince: z.number().nullable(),
  /** When its files were seen last, and when their bytes were last compared with the checksum. */
  seenAt: z.number().nullable(),
  summedAt: z.number().nullable(),
  /** Why its files cannot be looked at, and since when: nothing is known of them then. */
  hidden: z.object({ reason: z.string(), since: z.number() }).nullable(),
  /** In the control room; null: none was asked for. */
  copy: checkpointCopy.nullable(),
  /** Until when a deletion can be undone, server's clock, ms. */
  restorableUntil: z.number().nullable(),
  attempt: z.int(),
  branch: z.int(),
  /** Server's clock, ms. */
  time: z.number(),
  step: z.number(),
  epoch: z.number().nullable(),
  uri: z.string(),
  host: z.string(),
  bytes: z.number(),
  sha256: z.string().nullable(),
  files: z.int(),
  tookMs: z.number(),
  covers: z.array(z.string()),
  metrics: measures,
  parameters: values,
  tags,
  description: z.string().nullable(),
  pinned: z.boolean(),
  /** Notes on it. */
  notes: z.int(),
  /** Who asked for it; null for the job itself. */
  by: z.object({ id: z.int(), name: z.string() }).nullable(),
})
export type Checkpoint = z.infer<typeof checkpoint>

export const checkpointList = z.object({
  /** The newest `limits.checkpointsShown`, newest first; deleted ones are left out. */
  checkpoints: z.array(checkpoint),
  total: z.int(),
  /** Bytes of all that are there. */
  bytes: z.number(),
  /** Why none can be made, gone back to or copied now, in words; null when it can. */
  refusal: z.object({
    create: z.string().nullable(),
    rollback: z.string().nullable(),
    /** Why the job cannot send a copy; null as well when it has ended, and the control room looks for the files itself. */
    copy: z.string().nullable(),
  }),
})
export type CheckpointList = z.infer<typeof checkpointList>

export const checkpointCreate = z.object({
  /** Absent: after its step. */
  name: fileName.optional(),
  description: cleanText(limits.checkpointTextMax).optional(),
  tags: tags.optional(),
})
export type CheckpointCreate = z.input<typeof checkpointCreate>

export const checkpointPatch = z
  .object({
    description: cleanText(limits.checkpointTextMax).nullable(),
    tags,
    pinned: z.boolean(),
  })
  .partial()
export type CheckpointPatch = z.infer<typeof checkpointPatch>

/** How a job that has ended is started again from a checkpoint: a command for a shell on the machine of its files. */
export const relaunchPlan = z.object({
  host: z.string(),
  folder: z.string(),
  command: z.array(z.string()),
  uri: z.string(),
  /** All of it for a POSIX shell; `PILOTHOUSE_URL` and `PILOTHOUSE_TOKEN` come from the shell's own environment. */
  line: z.string(),
  /** A value that the job has kept to itself stands in it as `(hidden)`. */
  isHidden: z.boolean(),
  /** What whoever runs it has to know besides; each one sentence. */
  remarks: z.array(z.string()),
})
export type RelaunchPlan = z.infer<typeof relaunchPlan>

export const rollbackStart = z.object({
  /** Writes down where it stands before it goes back. */
  checkpointFirst: z.boolean().default(true),
  /** Parameters keep the values that they have now, instead of those of the checkpoint. */
  keepParameters: z.boolean().default(false),
  note: cleanText(limits.commandNoteMax).optional(),
})
export type RollbackStart = z.input<typeof rollbackStart>
