/** The form of a launch as it is kept under a name: without values of variables, and without what is of one launch alone. */
import { z } from 'zod'
import { launchArray, launchSpec, launchVariable, launchWord } from './launch.ts'
import { limits } from './limits.ts'
import { scriptArguments } from './script-config.ts'

export const launchPreset = z.strictObject({
  /** Name of the project whose code it runs; null: it takes no code along. */
  project: z.string().min(1).max(limits.nameLengthMax).nullable(),
  /** What is asked for. Without a command: the form makes several of it, or it was not written yet. */
  spec: launchSpec
    .omit({ project: true, environment: true })
    .extend({ command: z.array(launchWord).max(limits.launchWordsMax).default([]) }),
  /** Names of variables, whose values whoever launches it gives. */
  variables: z.array(launchVariable).max(limits.launchVariablesMax).default([]),
  /** How Slurm gets the jobs of its sweep. */
  array: launchArray.nullable().default(null),
  /** Where a form of arguments makes the command: which script, and what is set of them. */
  form: z
    .strictObject({
      script: z.string().max(limits.uriLengthMax),
      interpreter: z.string().max(limits.uriLengthMax),
      arguments: scriptArguments,
    })
    .nullable()
    .default(null),
})
export type LaunchPreset = z.infer<typeof launchPreset>
export type LaunchPresetInput = z.input<typeof launchPreset>
