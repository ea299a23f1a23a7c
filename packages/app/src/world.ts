/** What a command may touch of the world outside; passed in, so that tests can hand in their own. The one file here that reads `process`. */
import { homedir } from 'node:os'
import { Writable } from 'node:stream'
import { createPaint, type Paint } from '@pilothouse/terminal'

export type Environment = Readonly<Record<string, string | undefined>>

export type Output = {
  write(text: string): void
  /** For bytes of another program, as they came. */
  readonly stream: Writable
  readonly isTerminal: boolean
  readonly paint: Paint
  /** Columns to write into; a wide default without a terminal. */
  width(): number
}

export type World = {
  environment: Environment
  platform: NodeJS.Platform
  home: string
  workingFolder: string
  /** The Node that runs this. */
  nodePath: string
  /** Milliseconds since 1970. */
  now: () => number
  stdout: Output
  stderr: Output
  /** Calls back on SIGINT, SIGTERM and SIGHUP instead of ending at once. Returns its undo. */
  onStop(listener: (signal: NodeJS.Signals) => void): () => void
  /** What somebody at the terminal answers, unseen where it is a secret; null where there is none. */
  ask(question: string, options?: { isSecret?: boolean }): Promise<string | null>
  /** All that is piped in; null where somebody sits at a terminal instead. */
  readInput(): Promise<string | null>
  /** By default a reader that goes away (`| head`) ends us, quietly. Afterwards it does not: others depend on us. */
  outliveReaders(): void
}

const widthWithoutTerminal = 160
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The world of a real process. */
export function makeWorld(process: NodeJS.Process): World {
  const { env: environment } = process
  let outlives = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      if (!outlives) process.exit(0)
    })
  }
  return {
    environment,
    platform: process.platform,
    home: homedir(),
    workingFolder: process.cwd(),
    nodePath: process.execPath,
    now: Date.now,
    outliveReaders: () => {
      outlives = true
    },
    ask: (question, options) => askAtTerminal(process, question, options),
    readInput: () => readPiped(process.stdin),
    stdout: makeOutput(process.stdout, environment),
    stderr: makeOutput(process.stderr, environment),
    onStop(listener) {
      for (const signal of stopSignals) process.on(signal, listener)
      return () => {
        for (const signal of stopSignals) process.off(signal, listener)
      }
    },
  }
}

async function readPiped(stdin: NodeJS.ReadStream): Promise<string | null> {
  if (stdin.isTTY) return null
  let text = ''
  for await (const chunk of stdin.setEncoding('utf8')) text += String(chunk)
  return text
}

async function askAtTerminal(
  { stdin, stderr }: NodeJS.Process,
  question: string,
  { isSecret = false }: { isSecret?: boolean } = {},
): Promise<string | null> {
  if (!stdin.isTTY) return null
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  if (isSecret) stderr.write(question)
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: stdin, output: isSecret ? unseen : stderr, terminal: true })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
    if (isSecret) stderr.write('\n')
  }
}

function makeOutput(stream: NodeJS.WriteStream, environment: Environment): Output {
  const isTerminal = stream.isTTY
  return {
    write: (text) => void stream.write(text),
    stream,
    isTerminal,
    paint: createPaint({ enabled: wantsColour(isTerminal, environment) }),
    width: () => (isTerminal ? stream.columns : widthWithoutTerminal),
  }
}

/** https://no-color.org, and FORCE_COLOR for those who pipe into a pager that shows colours. */
function wantsColour(isTerminal: boolean, environment: Environment): boolean {
  if (environment['NO_COLOR']) return false
  if (environment['FORCE_COLOR'] && environment['FORCE_COLOR'] !== '0') return true
  return isTerminal && environment['TERM'] !== 'dumb'
}
