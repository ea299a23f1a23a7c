/** Has a script tell its arguments: `python -m pilothouse describe`, in the interpreter of the project. */
import { join } from 'node:path'
import { type ScriptDescription, limits, scriptDescription } from '@pilothouse/contract'
import { type BoundedAnswer, runBounded } from '@pilothouse/fleet'

export type ScriptQuestion = {
  interpreter: string
  /** Of the project: the script begins in it. */
  folder: string
  /** Real path. */
  script: string
  words: readonly string[]
  /** Of further jobs. */
  more: readonly (readonly string[])[]
  /** Holds `src/pilothouse`. */
  sdkFolder: string
  environment: Readonly<Record<string, string>>
  signal: AbortSignal
}

type ScriptBounds = { timeoutMs: number; memoryBytesMax: number; printedBytesMax: number }
const scriptBounds: ScriptBounds = {
  /** Until it reads its arguments; large libraries take their time. */
  timeoutMs: 60_000,
  memoryBytesMax: 4 * 1024 ** 3,
  printedBytesMax: 16 * 1024 ** 2,
}

/** `isLasting`: it would say the same again. */
export type ScriptAnswer = { description: ScriptDescription; isLasting: boolean }

export async function askScript(
  { interpreter, folder, script, words, more, sdkFolder, environment, signal }: ScriptQuestion,
  bounds: ScriptBounds = scriptBounds,
): Promise<ScriptAnswer> {
  const answer = await runBounded({
    command: interpreter,
    args: ['-m', 'pilothouse', 'describe', script, '--more', JSON.stringify(more), '--overrides', ...words],
    folder,
    environment: { ...environment, PYTHONPATH: join(sdkFolder, 'src'), PYTHONDONTWRITEBYTECODE: '1' },
    ...bounds,
    signal,
  })
  const read = answer.end === 'ended' ? readAnswer(answer.stdout) : undefined
  if (read) return { description: read, isLasting: true }
  return { description: { ...nothing, fault: explainEnd(answer, interpreter, bounds) }, isLasting: false }
}

/** What stands between the marks; undefined where nothing does that is understood. */
function readAnswer(stdout: string): ScriptDescription | undefined {
  const text = /^<<<pilothouse describe\n(?<json>.*)\npilothouse describe>>>\n$/.exec(stdout)?.groups?.['json']
  if (text === undefined) return undefined
  try {
    return scriptDescription.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const nothing: ScriptDescription = {
  kind: 'none',
  recognised: null,
  library: null,
  python: '',
  description: null,
  fault: null,
  commands: [],
  fields: [],
  groups: [],
  config: null,
  errors: [],
  others: { checked: 0, errors: [] },
  notes: [],
}

function explainEnd(
  { end, exitCode, said }: BoundedAnswer,
  interpreter: string,
  bounds: ScriptBounds,
): ScriptDescription['fault'] {
  const hint = 'Move what takes long behind the reading of the arguments, or write the arguments as free ones.'
  const output = said.trim() === '' ? null : said.slice(-limits.scriptTextMax)
  const seconds = Math.round(bounds.timeoutMs / 1000)
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`
  switch (end) {
    case 'time':
      return { message: `The script did not read its arguments within ${seconds} s, and was ended.`, hint, output }
    case 'memory':
      return {
        message: `The script took more than ${mebibytes(bounds.memoryBytesMax)} of memory before it read its arguments, and was ended.`,
        hint,
        output,
      }
    case 'printed':
      return {
        message: `The script printed more than ${mebibytes(bounds.printedBytesMax)} before it read its arguments, and was ended.`,
        hint,
        output,
      }
    case 'stopped':
      return { message: 'It was broken off: the control room stops.', hint: 'Try again.', output }
    case 'not-started':
      return {
        message: `${interpreter} could not be started: ${said}`,
        hint: 'Choose another interpreter.',
        output: null,
      }
    case 'ended':
      return {
        message: `${interpreter} ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`} and told nothing.`,
        hint: 'It has to be Python 3.9 or newer. See what it printed.',
        output,
      }
  }
}
