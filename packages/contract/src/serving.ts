/** Engines that are started from here: a model or checkpoint, a target, a command, and what became of it. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { modelName } from './engine.ts'
import { jobUid } from './job-uid.ts'
import { launchSpec, launchWord } from './launch.ts'
import { limits } from './limits.ts'
import { servingKinds, servingStates } from './serving-state.ts'

const model = z.union([
  /** Where the target has it, or what the engine takes in place of that, as a name that it fetches. */
  z.strictObject({
    path: z
      .string()
      .trim()
      .min(1)
      .max(limits.uriLengthMax)
      .regex(/^\P{Cc}*$/u, 'one line of text'),
  }),
  z.strictObject({ jobUid, checkpointId: z.int().min(1) }),
])

const placed = launchSpec.pick({
  target: true,
  project: true,
  code: true,
  within: true,
  environment: true,
  resources: true,
  directives: true,
})

export const servingStart = z.strictObject({
  ...placed.shape,
  model,
  /** Of the engine; after what it serves by default. */
  name: cleanText(limits.nameLengthMax, 1).optional(),
  /** What requests call the model; the name of the engine by default. */
  modelName: modelName.optional(),
  kind: z.enum(servingKinds),
  /** In place of the one of its kind: a word each, with `{model}`, `{name}`, `{host}`, `{port}` and `{key}`. */
  command: z.array(launchWord).min(1).max(limits.launchWordsMax).optional(),
  /** Stopped when nobody has used it for so long; null: never. */
  idleMinutes: z.int().min(1).max(limits.servingIdleMinutesMax).nullable().default(null),
})
export type ServingStart = z.input<typeof servingStart>

/** What it serves. */
export const servingSource = z.object({
  path: z.string(),
  /** Of whose checkpoint; both null for a path. */
  jobUid: z.string().nullable(),
  checkpointId: z.int().nullable(),
})
export type ServingSource = z.infer<typeof servingSource>

export const serving = z.object({
  id: z.int(),
  name: z.string(),
  modelName: z.string(),
  source: servingSource,
  kind: z.enum(servingKinds),
  target: z.string(),
  /** Of the job that it runs as; another one after a port was taken. */
  jobUid: z.string(),
  /** As it was written, with placeholders. */
  command: z.array(z.string()),
  state: z.enum(servingStates),
  /** What is wrong, or how it ended, one sentence. */
  trouble: z.string().nullable(),
  /** Where it is known as; null unless it is ready. */
  engineId: z.int().nullable(),
  idleMinutes: z.int().nullable(),
  owner: z.object({ id: z.int(), name: z.string() }),
  createdAt: z.number(),
  readyAt: z.number().nullable(),
  usedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
})
export type Serving = z.infer<typeof serving>

/** Those under way, and the last that ended; the newest first. */
export const servingList = z.object({ servings: z.array(serving) })
