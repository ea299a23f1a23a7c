/** Parameters: values that a running job lets itself be given, and what became of them. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { parameterTypes } from './parameter-type.ts'

const finite = z.number()
const key = cleanText(limits.nameLengthMax, 1)

export const parameterValue = z.union([finite, z.boolean(), cleanText(limits.parameterTextMax)])
export type ParameterValue = z.infer<typeof parameterValue>

/** What a job says of a parameter. It takes nothing else, and nobody is offered anything else. */
export const parameterDeclaration = z.object({
  key,
  type: z.enum(parameterTypes),
  /** Smallest and largest value of a number; null: without a bound. */
  min: finite.nullable().default(null),
  max: finite.nullable().default(null),
  /** By how much a control moves it; null: as it sees fit. Values between are taken, too. */
  step: finite.positive().nullable().default(null),
  /** Its orders of magnitude matter, so its control is logarithmic. */
  log: z.boolean().default(false),
  choices: z.array(parameterValue).max(limits.parameterChoicesMax).default([]),
  unit: cleanText(64).nullable().default(null),
  description: cleanText(limits.captionLengthMax).nullable().default(null),
})
export type ParameterDeclaration = z.infer<typeof parameterDeclaration>

/** Why a value is another one than before. `restore`: a rollback brought it back with its checkpoint. */
export const changeCauses = ['command', 'script', 'restore', 'schedule'] as const

/** A change inside a report: from its step on the value is true. */
export const changeEvent = z.object({
  key,
  value: parameterValue,
  /** Client's clock, ms. */
  at: z.number(),
  step: z.number().nullable().default(null),
  /** null where the job tells no epochs. */
  epoch: z.number().nullable().default(null),
  cause: z.enum(changeCauses),
  /** The command that wanted it. */
  command: z.int().min(1).nullable().default(null),
  /** One of many on the way of a schedule: the value now, and no entry of the history. */
  isPassing: z.boolean().default(false),
})
export type ChangeEvent = z.infer<typeof changeEvent>

const person = z.object({ id: z.int(), name: z.string() })

/** A change as it is listed. Times are the server's clock, ms. */
export const parameterChange = z.object({
  id: z.int(),
  key: z.string(),
  attempt: z.int(),
  branch: z.int(),
  at: z.number(),
  step: z.number().nullable(),
  epoch: z.number().nullable(),
  /** null for the first value that was heard of. */
  old: parameterValue.nullable(),
  value: parameterValue,
  cause: z.enum(changeCauses),
  command: z.int().nullable(),
  /** Who wanted it; null for the script itself. */
  by: person.nullable(),
  /** The admin who approved it, where it was proposed first. */
  approvedBy: person.nullable(),
  /** What that person wrote beside it. */
  note: z.string().nullable(),
})
export type ParameterChange = z.infer<typeof parameterChange>

/** A parameter as it stands. */
export const parameter = parameterDeclaration.extend({
  value: parameterValue,
  /** Grows with everything that is done to it: name it with a change, and a change by somebody else in between is refused. */
  revision: z.int(),
  /** Of the value; server's clock, ms. */
  changedAt: z.number(),
  /** The command that waits to change it. */
  pending: z
    .object({ command: z.int(), value: parameterValue, by: person.nullable(), createdAt: z.number() })
    .nullable(),
})
export type Parameter = z.infer<typeof parameter>

export const parameterList = z.object({
  parameters: z.array(parameter),
  /** Why none can be changed now, in words; null when they can. */
  refusal: z.string().nullable(),
  /** In its project a change by somebody without training:admin waits for an admin. */
  needsApproval: z.boolean(),
})
export type ParameterList = z.infer<typeof parameterList>

export const parameterSet = z.object({
  value: parameterValue,
  /** The one that was seen. Absent: whatever it is. */
  revision: z.int().optional(),
  note: cleanText(limits.commandNoteMax).optional(),
})
export type ParameterSet = z.input<typeof parameterSet>

export const changeQuery = z.object({
  key: key.optional(),
  limit: z.coerce.number().int().min(1).max(limits.changePageMax).default(200),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})

/** Newest first. */
export const changePage = z.object({ changes: z.array(parameterChange), total: z.int(), next: z.int().nullable() })
export type ChangePage = z.infer<typeof changePage>

/** Values that were good once, under a name. */
export const preset = z.object({
  id: z.int(),
  name: z.string(),
  /** null: offered in all projects. */
  project: z.string().nullable(),
  values: z.record(z.string(), parameterValue),
  by: person,
  /** Server's clock, ms. */
  createdAt: z.number(),
})
export type Preset = z.infer<typeof preset>

export const presetQuery = z.object({
  /** Those of this project, and those of all. */
  project: cleanText(limits.nameLengthMax).optional(),
})
export const presetList = z.object({ presets: z.array(preset) })

export const presetCreate = z.object({
  name: cleanText(limits.viewNameLengthMax, 1),
  project: cleanText(limits.nameLengthMax, 1).nullable().default(null),
  values: z
    .record(key, parameterValue)
    .refine((values) => Object.keys(values).length > 0, 'one value or more')
    .refine((values) => Object.keys(values).length <= limits.jobParametersMax, 'at most 200 values'),
})
export type PresetCreate = z.input<typeof presetCreate>

export const presetApply = z.object({ note: cleanText(limits.commandNoteMax).optional() }).default({})

/** What a change did to a metric: over which, and how far before and after it, in steps. */
export const impactQuery = z.object({
  metric: z.string().min(1).max(limits.keyBytesMax),
  before: z.coerce.number().positive().optional(),
  after: z.coerce.number().positive().optional(),
})
