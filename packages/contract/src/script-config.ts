/**
 * What arguments a script takes, as its own parser or Hydra tells of it (`python -m pilothouse describe`), and what somebody
 * has set of them. How that becomes command lines: `script-jobs.ts`.
 */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { scriptFieldForms, scriptFieldTypes, scriptKinds } from './script-kind.ts'

const text = (lengthMax: number = limits.scriptTextMax) => z.string().max(lengthMax)
const key = text(limits.scriptKeyMax)

export const scriptField = z.object({
  /** Hydra: its path, `optimizer.lr`. Else the word that names it, `--lr`; of one that goes by its place its name. */
  key,
  /** As people read it. */
  name: key,
  form: z.enum(scriptFieldForms),
  /** Of a switch: the word that turns it off. */
  off: key.nullable(),
  type: z.enum(scriptFieldTypes),
  /** Takes several words (`script-words.ts`). */
  many: z.boolean(),
  /** «null», or none at all, is a value as well. */
  optional: z.boolean(),
  /** As it would be set; null: none. What somebody computes only when the script runs is told as Python shows it. */
  default: text().nullable(),
  choices: z.array(text()).max(limits.scriptChoicesMax).nullable(),
  required: z.boolean(),
  help: text().nullable(),
  /** Of argparse the title of its group; of Hydra what stands before the last dot. */
  group: key.nullable(),
  /** The command that it belongs to; null: to all. */
  command: key.nullable(),
})
export type ScriptField = z.infer<typeof scriptField>

/** A configuration group of Hydra. */
export const scriptGroup = z.object({
  /** As it is overridden: `model`, `db@source`; `+db` where nothing of it is chosen so far. */
  key,
  options: z.array(key).max(limits.scriptChoicesMax),
  /** What the defaults list chooses; null: nothing. */
  default: key.nullable(),
  /** With the overrides that were sent along. */
  chosen: key.nullable(),
})
export type ScriptGroup = z.infer<typeof scriptGroup>

export const scriptFault = z.object({
  message: text(),
  hint: text(),
  /** The end of what the script printed. */
  output: text().nullable(),
})

/** What the script says for one set of arguments. */
export const scriptDescription = z.object({
  kind: z.enum(scriptKinds),
  /** A way to take arguments that was recognised and cannot be looked into, as `click`. */
  recognised: key.nullable(),
  /** The library that was asked, as `hydra-core 1.3.8`. */
  library: key.nullable(),
  /** Version of the interpreter. */
  python: key,
  description: text().nullable(),
  /** Why nothing, or not all, can be told; null: all is well. */
  fault: scriptFault.nullable(),
  commands: z.array(z.object({ name: key, help: text().nullable() })).max(limits.scriptChoicesMax),
  fields: z.array(scriptField).max(limits.scriptFieldsMax),
  groups: z.array(scriptGroup).max(limits.scriptFieldsMax),
  /** The configuration that Hydra composes with the overrides, as YAML. */
  config: text(limits.configBytesMax).nullable(),
  /** What is wrong with the arguments; `key` null: with all of them together. */
  errors: z.array(z.object({ key: key.nullable(), message: text() })).max(limits.scriptErrorsMax),
  /** Of the jobs of a sweep behind the first: how many were looked at, and the first mistake of each that is wrong, by its place. */
  others: z
    .object({
      checked: z.int(),
      errors: z.array(z.object({ job: z.int(), key: key.nullable(), message: text() })).max(limits.scriptErrorsMax),
    })
    .default({ checked: 0, errors: [] }),
  /** What should be known of this answer. */
  notes: z.array(text()).max(limits.scriptErrorsMax),
})
export type ScriptDescription = z.infer<typeof scriptDescription>

export const scriptOverride = z.object({
  /** Of a field or group; of Hydra also with `+`, `++`, `~` before it. */
  key: key.min(1),
  /**
   * Hydra: what stands behind `=`, in its grammar (`quoteHydra` makes it of plain text). Else the plain value; several words
   * as `joinWords` writes them; of flags and switches `true` or `false`. null: the key alone (`~key`).
   */
  value: text().nullable(),
  /** The value is a sweep, as Hydra writes it: `1e-3,1e-4`, `range(1,5)`, `choice(a,b)`, of a group `glob(*)`. */
  sweep: z.boolean().default(false),
})
export type ScriptOverride = z.output<typeof scriptOverride>

/** What somebody has set. */
export const scriptArguments = z.object({
  command: key.nullable().default(null),
  overrides: z.array(scriptOverride).max(limits.scriptFieldsMax).default([]),
  /** Words that are passed on as they are, at the end. */
  free: z.array(text()).max(limits.scriptWordsMax).default([]),
})
export type ScriptArguments = z.output<typeof scriptArguments>

/** Inside the project, from its folder on. */
const scriptPath = text(limits.uriLengthMax).min(1)
/** A path inside the project, a whole path, or a name that is looked up, as `python3`. */
const interpreter = text(limits.uriLengthMax).min(1)

export const scriptDescribe = z.object({
  script: scriptPath,
  interpreter,
  /** Words behind the script, of one job. */
  words: z.array(cleanText(limits.scriptTextMax)).max(limits.scriptWordsMax).default([]),
  /** Of the jobs of a sweep behind the first, to be checked as well. */
  more: z
    .array(z.array(cleanText(limits.scriptTextMax)).max(limits.scriptWordsMax))
    .max(limits.launchVariantsMax)
    .refine((lists) => JSON.stringify(lists).length <= limits.scriptMoreLengthMax, 'fewer jobs, or shorter words')
    .default([]),
  /** Somebody has been told that the beginning of the script runs, and where. */
  consent: z.boolean().default(false),
})
export type ScriptDescribe = z.input<typeof scriptDescribe>

export const hydraQuery = z.object({
  /** Absent: the first script of the project that uses Hydra. */
  script: scriptPath.optional(),
  /** Absent: the environment of the project, where it has one, else the Python of the machine. */
  interpreter: interpreter.optional(),
  /** As on a command line: `model=wide lr=1e-3`. */
  overrides: text(limits.uriLengthMax).default(''),
  /** Somebody has been told that the beginning of the script runs, and where. */
  consent: z.stringbool().default(false),
})

/** The configuration of a script, and which script and interpreter were asked. */
export const hydraConfig = scriptDescription.extend({ script: z.string(), interpreter: z.string() })
export type HydraConfig = z.infer<typeof hydraConfig>

/** What a project has to choose from, read without running anything. */
export const scriptChoices = z.object({
  scripts: z.array(
    z.object({
      path: z.string(),
      /** How it seems to take arguments; null: it does not tell. */
      kind: z.enum(['hydra', 'argparse', 'jsonargparse', 'other']).nullable(),
      /** Somebody would start it: `__main__` stands in it, or its name says so. */
      isMain: z.boolean(),
    }),
  ),
  /** There are more than are listed. */
  more: z.boolean(),
  interpreters: z.array(z.object({ path: z.string(), words: z.string() })),
  /** Whether scripts are asked here, as whom, and if not, why. */
  here: z.object({ user: z.string(), refusal: z.string().nullable() }),
})
export type ScriptChoices = z.infer<typeof scriptChoices>
