/**
 * One shell over there that is kept: a script costs one round trip. Opening a session for each costs a second one, and on a
 * line around half the world that is what a mailbox waits for.
 *
 *   closed → opening (its first script is on its way) → idle ⇄ busy → closed, when it breaks, hangs or is told to
 *
 * One script at a time; the next waits its turn. A shell that turns out to be gone when it is needed is opened anew, once.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { keepEnd, type SshRun } from './run-ssh.ts'

export type ShellAnswer = {
  output: Buffer
  /** From sending the script to the first sign that it runs, and from there to its end, ms. */
  wayMs: number
  workMs: number
}

export type ShellOptions = { timeoutMs: number; outputBytesMax: number; signal?: AbortSignal | undefined }

/** What came back without being an answer: the run's own output, and whether the script had begun. */
export type BrokenRun = SshRun & { begun: boolean }

/** Thrown when a script has no answer; `run` says what there was instead. */
export class ShellBroken extends Error {
  override readonly name = 'ShellBroken'
  readonly run: BrokenRun

  constructor(run: BrokenRun) {
    super('The shell has not answered.')
    this.run = run
  }
}

/** What start files of a login may print before the first script. */
const greetingBytesMax = 256 * 1024

export class KeptShell {
  readonly #args: readonly string[]
  readonly #makeMark: () => string
  #process: ShellProcess | null = null
  #turn: Promise<unknown> = Promise.resolve()

  /** `args`: of the ssh client, ending with a command that is a POSIX shell reading its standard input. */
  constructor(args: readonly string[], makeMark: () => string) {
    this.#args = args
    this.#makeMark = makeMark
  }

  /**
   * Runs a script when it is its turn. One that had no answer because the shell was gone is run once more, in a new one: it
   * must be such that this does no harm.
   * @throws ShellBroken, and what `spawn` throws when the client cannot be started.
   */
  run(script: string, options: ShellOptions): Promise<ShellAnswer> {
    const turn = this.#turn.then(() => this.#runNow(script, options))
    this.#turn = turn.catch(() => undefined) // whoever asked is told
    return turn
  }

  close(): void {
    this.#process?.kill()
    this.#process = null
  }

  async #runNow(script: string, options: ShellOptions): Promise<ShellAnswer> {
    const kept = this.#process
    try {
      return await this.#runOnce(script, options)
    } catch (error) {
      const wasGone = kept !== null && error instanceof ShellBroken && error.run.stopped === null
      if (!wasGone) throw error
      return this.#runOnce(script, options)
    }
  }

  async #runOnce(script: string, options: ShellOptions): Promise<ShellAnswer> {
    const shell = (this.#process ??= new ShellProcess(this.#args))
    try {
      return await shell.run(script, this.#makeMark(), options)
    } catch (error) {
      shell.kill()
      if (this.#process === shell) this.#process = null
      throw error
    }
  }
}

class ShellProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #stderr: () => string
  /** Resolves with its exit code, rejects when it could not be started. */
  readonly #ended: Promise<number | null>

  constructor(args: readonly string[]) {
    this.#child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#stderr = keepEnd(this.#child)
    // It may be gone before it has read everything; how it ended says so.
    this.#child.stdin.on('error', () => undefined)
    this.#ended = once(this.#child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
    this.#ended.catch(() => undefined) // told by the run under way
  }

  kill(): void {
    this.#child.kill('SIGKILL')
    // A master has our pipes, too, and holds them until the command over there has ended.
    this.#child.stdin.destroy()
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  /** @throws ShellBroken; then this process is of no use any more. */
  async run(script: string, mark: string, { timeoutMs, outputBytesMax, signal }: ShellOptions): Promise<ShellAnswer> {
    const answer = new AnswerReader(mark, outputBytesMax + greetingBytesMax)
    const sentAt = performance.now()
    let stopped: SshRun['stopped'] = null
    let code: number | null = null
    const done = Promise.withResolvers<void>()
    const stop = (why: SshRun['stopped']): void => {
      stopped ??= why
      done.resolve()
    }
    const take = (chunk: Buffer): void => {
      const state = answer.take(chunk)
      if (state === 'whole') done.resolve()
      if (state === 'tooLong') stop('size')
    }
    const abort = (): void => stop('signal')
    const timer = setTimeout(() => stop('time'), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    this.#child.stdout.on('data', take)
    this.#ended.then((value) => {
      code = value
      done.resolve()
    }, done.reject)
    this.#child.stdin.write(wrapScript(script, mark))
    try {
      await done.promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.#child.stdout.off('data', take)
    }
    const { output, begunAt } = answer
    if (stopped === null && output !== null && begunAt !== null)
      return { output, wayMs: begunAt - sentAt, workMs: performance.now() - begunAt }
    const run = { code, stopped, stdout: answer.all, stderr: this.#stderr(), begun: begunAt !== null }
    throw new ShellBroken(run)
  }
}

/** A script between two marks, with nothing on its standard input. */
export function wrapScript(script: string, mark: string): string {
  return `printf '\\n%s begin\\n' '${mark}'\n(\n${script}\n) < /dev/null\nprintf '\\n%s end\\n' '${mark}'\n`
}

/** Finds what stands between the marks, in pieces as they come. */
class AnswerReader {
  /** When the first mark came, on the monotonic clock, ms. */
  begunAt: number | null = null
  /** All between the marks, when both are there. */
  output: Buffer | null = null
  readonly #begin: Buffer
  readonly #end: Buffer
  readonly #bytesMax: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  /** The last bytes seen, in which a mark may have begun. */
  #tail = Buffer.alloc(0)

  constructor(mark: string, bytesMax: number) {
    this.#begin = Buffer.from(`\n${mark} begin\n`)
    this.#end = Buffer.from(`\n${mark} end\n`)
    this.#bytesMax = bytesMax
  }

  get all(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  take(chunk: Buffer): 'more' | 'whole' | 'tooLong' {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > this.#bytesMax) return 'tooLong'
    const fresh = Buffer.concat([this.#tail, chunk])
    this.#tail = fresh.subarray(-this.#begin.length)
    if (fresh.includes(this.#begin)) this.begunAt ??= performance.now()
    if (this.begunAt === null || !fresh.includes(this.#end)) return 'more'
    const all = this.all
    this.output = all.subarray(all.indexOf(this.#begin) + this.#begin.length, all.lastIndexOf(this.#end))
    return 'whole'
  }
}
