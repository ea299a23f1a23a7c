import { type LogLevel, type LogStream, PilothouseError } from '@pilothouse/contract'
import { LinearRegex, RegexRefusal } from '@pilothouse/signals'
import { type DecodedRun, levelOf, streamOf, textsOf } from './log-codec.ts'
import type { Range } from './read-segments.ts'

/** Which lines are wanted, as a query says it. */
export type LineQuery = {
  text?: string | undefined
  regex?: boolean
  level?: LogLevel[] | undefined
  stream?: LogStream | undefined
}

/** The same, ready to be asked of every line. */
export type LineFilter = {
  /** False where it is seen from the text of many lines, in lower case, that none of them can be wanted. */
  mayFind: ((lower: string) => boolean) | undefined
  find: ((text: string) => boolean) | undefined
  /** `find` runs an expression, which may take long. */
  isSlow: boolean
  levels: ReadonlySet<LogLevel> | undefined
  stream: LogStream | undefined
}

const everyText = { mayFind: undefined, find: undefined, isSlow: false }
export const everyLine: LineFilter = { ...everyText, levels: undefined, stream: undefined }

export type Matches = {
  /** Places in the run, in order. */
  places: number[]
  texts: readonly string[]
}

/** @throws PilothouseError `invalid` when `text` is no regular expression that can be run in bounded time. */
export function readLineFilter({ text = '', regex = false, level, stream }: LineQuery): LineFilter {
  return { ...readText(text, regex), levels: level && new Set(level), stream }
}

export function isFiltered({ text = '', level, stream }: LineQuery): boolean {
  return text !== '' || level !== undefined || stream !== undefined
}

/** True for a line of a wanted level and stream; its text has not been looked at. */
function isOfKind(flags: number, { levels, stream }: LineFilter): boolean {
  return (levels === undefined || levels.has(levelOf(flags))) && (stream === undefined || streamOf(flags) === stream)
}

/** A head counts the lines of each level, so a segment without the wanted ones need not be read. */
export function mayHold(head: Readonly<Record<LogLevel, number>>, { levels }: LineFilter): boolean {
  return levels === undefined || [...levels].some((level) => head[level] > 0)
}

/** The lines of a run that match. Its text is not decoded where no line is of the wanted kind. */
export function matchLines(
  run: DecodedRun,
  filter: LineFilter,
  { firstLine, from, to }: { firstLine: number } & Range,
): Matches {
  const places: number[] = []
  const end = Math.min(run.count, to - firstLine)
  for (let at = Math.max(0, from - firstLine); at < end; at += 1)
    if (isOfKind(run.flags[at] ?? 0, filter)) places.push(at)
  if (places.length === 0) return { places, texts: [] }
  const { mayFind, find } = filter
  if (mayFind && !mayFind(Buffer.from(run.text).toString('utf8').toLowerCase())) return { places: [], texts: [] }
  const texts = textsOf(run)
  return { places: find ? places.filter((at) => find(texts[at] ?? '')) : places, texts }
}

function readText(text: string, regex: boolean): Pick<LineFilter, 'mayFind' | 'find' | 'isSlow'> {
  if (text === '') return everyText
  if (!regex) {
    const needle = text.toLowerCase()
    const mayFind = (lower: string): boolean => lower.includes(needle)
    return { mayFind, find: (line) => mayFind(line.toLowerCase()), isSlow: false }
  }
  try {
    const expression = new LinearRegex(text, { ignoreCase: true })
    if (expression.needles.length === 0)
      return { mayFind: undefined, find: (line) => expression.test(line), isSlow: true }
    const mayFind = (lower: string): boolean => expression.mayMatch(lower)
    return { mayFind, find: (line) => mayFind(line.toLowerCase()) && expression.test(line), isSlow: true }
  } catch (cause) {
    if (!(cause instanceof RegexRefusal)) throw cause
    throw new PilothouseError('invalid', `This is no regular expression that can be searched for: ${cause.message}`, {
      cause,
      field: 'text',
      expected: 'a regular expression without look-around and references',
    })
  }
}
