/** Where scripts of POSIX sh run: a machine that a link leads to, or this one. */
import type { ScriptOptions, SshLink } from './ssh/ssh-link.ts'
import { runFed } from './ssh/run-ssh.ts'

export type ScriptRunner = {
  /** For words: where it is. */
  readonly name: string
  /**
   * Runs a script and gives what it printed.
   * @param options.mayRepeat the script may run twice when the connection breaks: true for questions, never for orders
   * @throws SshError, ScriptError
   */
  run(script: string, options: ScriptOptions & { mayRepeat: boolean }): Promise<Buffer>
}

/** Thrown when a script on this machine has no answer: `slow`, it took too long; `endless`, it prints without end. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
  readonly kind: 'slow' | 'endless'
  /** What to do next. */
  readonly hint = 'See what it waits for: a file system that hangs, a program that asks.'

  constructor(kind: 'slow' | 'endless') {
    super(kind === 'slow' ? 'This machine did not answer in time.' : 'This machine answers without end.')
    this.kind = kind
  }
}

export function makeSshRunner(link: SshLink): ScriptRunner {
  return {
    name: link.host,
    run: async (script, { mayRepeat, ...options }) =>
      mayRepeat ? (await link.runAgain(script, options)).output : link.run(script, options),
  }
}

/** @param environment of the commands; that of this process by default */
export function makeLocalRunner(environment: NodeJS.ProcessEnv = process.env): ScriptRunner {
  return {
    name: 'this machine',
    run: async (script, { timeoutMs, outputBytesMax, signal }) => {
      const limits = { timeoutMs, stdoutBytesMax: outputBytesMax, signal }
      const run = await runFed('sh', [], { input: script, environment, ...limits })
      signal?.throwIfAborted()
      if (run.stopped !== null) throw new ScriptError(run.stopped === 'time' ? 'slow' : 'endless')
      return run.stdout
    },
  }
}
