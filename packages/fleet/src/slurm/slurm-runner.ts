/** Where Slurm's commands run: a login node that a link leads to, or this machine. */
import type { ScriptOptions, SshLink } from '../ssh/ssh-link.ts'
import { runFed } from '../ssh/run-ssh.ts'
import { SlurmError } from './slurm-error.ts'
import { type CommandAnswer, readSlurmAnswers, type SlurmCommand, writeSlurmScript } from './slurm-script.ts'

export type SlurmRunner = {
  /** For words: where it is. */
  readonly name: string
  /**
   * Runs a script of POSIX sh and gives what it printed.
   * @param options.mayRepeat the script may run twice when the connection breaks: true for questions, never for orders
   * @throws SshError, SlurmError `slow` or `answer`
   */
  run(script: string, options: ScriptOptions & { mayRepeat: boolean }): Promise<Buffer>
}

export function makeSshRunner(link: SshLink): SlurmRunner {
  return {
    name: link.host,
    run: async (script, { mayRepeat, ...options }) =>
      mayRepeat ? (await link.runAgain(script, options)).output : link.run(script, options),
  }
}

/** @param environment of the commands; that of this process by default */
export function makeLocalRunner(environment: NodeJS.ProcessEnv = process.env): SlurmRunner {
  return {
    name: 'this machine',
    run: async (script, { timeoutMs, outputBytesMax, signal }) => {
      const limits = { timeoutMs, stdoutBytesMax: outputBytesMax, signal }
      const run = await runFed('sh', [], { input: script, environment, ...limits })
      signal?.throwIfAborted()
      if (run.stopped === 'time') throw explainStop('slow', 'Slurm did not answer in time on this machine.')
      if (run.stopped !== null) throw explainStop('answer', 'Slurm answers without end on this machine.')
      return run.stdout
    },
  }
}

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
  runner: SlurmRunner,
  commands: readonly SlurmCommand[],
  options: SlurmAskOptions & { mayRepeat: boolean },
): Promise<CommandAnswer[]> {
  const { seconds = slurmLimits.commandSeconds, mayRepeat, signal } = options
  const { script, mark } = writeSlurmScript(commands, seconds)
  // Each keeps to its own time; this is for a shell that hangs.
  const timeoutMs = (seconds * commands.length + 5) * 1000
  const outputBytesMax = slurmLimits.outputBytesMax
  const output = await runner.run(script, { timeoutMs, outputBytesMax, signal, mayRepeat })
  return readSlurmAnswers(output, mark, commands.length)
}

function explainStop(kind: 'slow' | 'answer', message: string): SlurmError {
  return new SlurmError(kind, { message, hint: 'It is asked again; see what squeue says there.' })
}
