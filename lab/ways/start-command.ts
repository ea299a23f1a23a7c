import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
/** Takes a step for each line of its input. */
export const steppingScript = fileURLToPath(new URL('./stepping.py', import.meta.url))
/** Trains until a file appears, then says how many steps it made. */
export const trainerScript = fileURLToPath(new URL('../chaos/trainer.py', import.meta.url))
export const sdkFolder = fileURLToPath(new URL('../../python/src', import.meta.url))

export type StartedCommand = {
  child: ChildProcess
  /** All that it printed so far. */
  out(): string
  /** The same of its warnings and errors, which are passed on, too. */
  err(): string
  /** Gives a stepping script so many lines. */
  step(count: number): void
  /** Ends its input and waits for its end. */
  finish(): Promise<unknown>
  /** Ends it, if it has not ended, and waits for that. */
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Starts a command without what the developer's own environment says of a control room. */
export function startCommand(words: readonly string[], set: Record<string, string> = {}): StartedCommand {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PILOTHOUSE_'))
  const [command, ...args] = words
  if (command === undefined) throw new Error('There is no command.')
  const child = spawn(command, args, {
    env: { ...Object.fromEntries(own), ...set },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString()
  })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString()
    process.stderr.write(bytes)
  })
  const exited = once(child, 'exit')
  return {
    child,
    out: () => text,
    err: () => errors,
    step: (steps) => child.stdin.write('\n'.repeat(steps)),
    finish: () => {
      child.stdin.end()
      return exited
    },
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await exited
    },
  }
}
