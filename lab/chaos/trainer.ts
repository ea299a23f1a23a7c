/** Runs `trainer.py`: a real script with the real SDK. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./trainer.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))

export type TrainerPlace = {
  url: string
  dataFolder: string
  /** The script ends when this file appears. */
  stopFile: string
}

export class Trainer {
  readonly name: string
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>
  /** When it printed which line, ms of `performance.now`. */
  readonly #lines: { line: number; at: number }[] = []
  #said = ''

  constructor(name: string, place: TrainerPlace) {
    this.name = name
    this.#process = spawn('python3', [script, place.stopFile, name], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: makeEnvironment(place),
    })
    this.#ended = once(this.#process, 'exit')
    this.#process.stdout?.on('data', (bytes: Buffer) => this.#hear(bytes.toString()))
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#said += bytes.toString()
    })
  }

  /** Resolves once it has printed its first line, or ended. */
  async begun(): Promise<void> {
    if (this.#lines.length > 0) return
    await Promise.race([once(this.#process.stdout ?? this.#process, 'data'), this.#ended])
  }

  /** Steps that it had certainly logged `ms` before `at`. */
  stepsBefore(at: number, ms: number): number {
    const line = this.#lines.findLast((one) => one.at <= at - ms)?.line
    return line === undefined ? 0 : line * 10 + 1
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  /**
   * Waits for its end, and says how many steps it made.
   * @throws Error with its words when it did not end well.
   */
  async finish(): Promise<number> {
    await this.#ended
    const made = /made (\d+) steps/.exec(this.#said)?.[1]
    if (made === undefined || this.#process.exitCode !== 0) throw new Error(`${this.name} failed: ${this.#said}`)
    return Number(made)
  }

  #hear(text: string): void {
    const at = performance.now()
    for (const [, line] of text.matchAll(/^line (\d+)$/gm)) this.#lines.push({ line: Number(line), at })
  }
}

/** Sends what scripts have left on the disk. @throws Error when something could not be sent. */
export async function syncSpool(place: TrainerPlace): Promise<void> {
  const sync = spawn('python3', ['-m', 'pilothouse', 'sync'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: makeEnvironment(place),
  })
  let said = ''
  for (const stream of [sync.stdout, sync.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
  await once(sync, 'exit')
  if (sync.exitCode !== 0) throw new Error(`sync ended with ${sync.exitCode ?? 'a signal'}: ${said}`)
}

function makeEnvironment({ url, dataFolder }: TrainerPlace): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PYTHONPATH: sdk,
    PYTHONUNBUFFERED: '1',
    PILOTHOUSE_URL: url,
    PILOTHOUSE_TOKEN_FILE: join(dataFolder, 'report.token'),
    PILOTHOUSE_DATA: dataFolder,
  }
}
