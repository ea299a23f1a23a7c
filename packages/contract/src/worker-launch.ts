/** Workers of batches that are launched from here: how many, where, and what they are told. */
import { z } from 'zod'
import { jobStates } from './job-state.ts'
import { launchSpec, launchWord } from './launch.ts'
import { limits } from './limits.ts'

const placed = launchSpec.pick({ target: true, environment: true, resources: true, directives: true })

export const workerStart = z.strictObject({
  ...placed.shape,
  /** Each is a process and a job of its own; on Slurm several are one array. */
  count: z.int().min(1).max(limits.workersStartedMax).default(1),
  /** A word each. Its name is put behind it: `--name NAME`. */
  command: z
    .array(launchWord)
    .min(1)
    .max(limits.launchWordsMax - 2)
    .default(['pilothouse', 'worker']),
  /**
   * Where they find the control room. `ssh`: through the connection to their target. Without: its public address; where it has
   * none, its own on its machine, and through the connection on a machine behind ssh.
   */
  url: z
    .union([z.literal('ssh'), z.url({ protocol: /^https?$/ }).max(limits.uriLengthMax)], {
      error: '«ssh», or an address as http://control.lan:4080',
    })
    .optional(),
})
export type WorkerStart = z.input<typeof workerStart>

export const launchedWorker = z.object({
  /** As it stands among the workers of the overview. */
  name: z.string(),
  target: z.string(),
  /** Of the job that it runs as: whoever cancels that stops it. */
  jobUid: z.string(),
  /** Of that job; null: it was deleted. */
  state: z.enum(jobStates).nullable(),
  /** What it knows the control room by. */
  url: z.string(),
  /** Why it does not find the control room now, one sentence. */
  trouble: z.string().nullable(),
})
export type LaunchedWorker = z.infer<typeof launchedWorker>

/** By name; one whose job is over is there until its token is revoked, which is a matter of seconds. */
export const launchedWorkerList = z.object({ workers: z.array(launchedWorker) })
