import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Spec = { command: readonly string[]; cols: number; rows: number; environment?: NodeJS.ProcessEnv }

/** A process in a terminal of its own, which `script` of util-linux holds. Its keys are written, its bytes are read. */
export class PtyProcess {
  readonly #host: ChildProcess
  readonly #folder: string
  #onBytes: (bytes: string) => void = () => undefined
  #onExit: () => void = () => undefined

  constructor({ command, cols, rows, environment = process.env }: Spec) {
    this.#folder = mkdtempSync(join(tmpdir(), 'pty-'))
    const inner = `stty cols ${cols} rows ${rows}; echo $$ > ${this.#folder}/pid; exec ${command.join(' ')}`
    this.#host = spawn('script', ['-qfec', inner, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: environment,
    })
    this.#host.stdout?.setEncoding('utf8').on('data', (bytes: string) => this.#onBytes(bytes))
    this.#host.once('exit', () => this.#onExit())
  }

  /** Of the process itself, not of what holds its terminal. Known once it has written something. */
  get pid(): number {
    return Number(readFileSync(`${this.#folder}/pid`, 'utf8'))
  }

  /** Bytes that it writes until they hold `text`. */
  async waitFor(text: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let bytes = ''
    this.#onBytes = (more) => {
      bytes += more
      if (bytes.includes(text)) resolve(bytes)
      // Only what may still complete the text is kept.
      else bytes = bytes.slice(-4_096)
    }
    this.#onExit = () => reject(new Error(`The process ended before it wrote «${text}».`))
    return promise
  }

  press(keys: string): void {
    this.#host.stdin?.write(keys)
  }

  /** Presses `q` and waits for the end. */
  async quit(): Promise<void> {
    this.press('q')
    if (this.#host.exitCode === null) await once(this.#host, 'exit')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
