/** Slurm's commands, run in one round trip. */
import { ScriptError, type ScriptRunner } from '../script-runner.ts'
import { SlurmError } from './slurm-error.ts'
import { type CommandAnswer, readSlurmAnswers, type SlurmCommand, writeSlurmScript } from './slurm-script.ts'

export const slurmLimits = {
  /** Of one command. Without slurmctld one blocks for about 9 s before it says so. */
  commandSeconds: 20,
  /** Answers to all commands of one script. 10,000 jobs are about 2 MB. */
  outputBytesMax: 64 * 1024 * 1024,
} as const

export type SlurmAskOptions = {
  /** Of each command; `slurmLimits.commandSeconds` by default. */
  seconds?: number
  signal?: AbortSignal | undefined
}

/**
 * Runs commands of Slurm in one round trip.
 * @throws SshError, SlurmError when they have no answers; one that failed has its exit code in its answer.
 */
export async function runSlurm(
  runner: ScriptRunner,
  commands: readonly SlurmCommand[],
  options: SlurmAskOptions & { mayRepeat: boolean },
): Promise<CommandAnswer[]> {
  const { seconds = slurmLimits.commandSeconds, mayRepeat, signal } = options
  const { script, mark } = writeSlurmScript(commands, seconds)
  // Each keeps to its own time; this is for a shell that hangs.
  const timeoutMs = (seconds * commands.length + 5) * 1000
  const outputBytesMax = slurmLimits.outputBytesMax
  const output = await runner
    .run(script, { timeoutMs, outputBytesMax, signal, mayRepeat })
    .catch((error: unknown) => explainScript(error))
  return readSlurmAnswers(output, mark, commands.length)
}

function explainScript(cause: unknown): never {
  if (!(cause instanceof ScriptError)) throw cause
  const hint = 'It is asked again; see what squeue says there.'
  if (cause.kind === 'endless')
    throw new SlurmError('answer', { message: 'Slurm answers without end on this machine.', hint }, { cause })
  throw new SlurmError('slow', { message: 'Slurm did not answer in time on this machine.', hint }, { cause })
}
