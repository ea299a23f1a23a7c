/** Answers of several batches to the same request beside each other; what they do not share is marked. */
import { formatCount, sanitizeForTerminal } from '@pilothouse/signals'
import stringWidth from 'string-width'
import type { Paint } from './paint.ts'
import { shorten } from './table.ts'

/** What a batch has of a request; null: nothing. */
export type ComparedAnswer = { text: string; isFailure: boolean } | null
export type ComparedRequest = { customId: string; isSame: boolean; answers: readonly ComparedAnswer[] }
export type ComparisonCounts = { requests: number; same: number; different: number; missing: number }

type View = { paint: Paint; width: number; /** Of an answer; what is longer is cut. */ linesMax: number }
type Word = { text: string; isMarked: boolean }

const gap = ' │ '
const columnMin = 8

/** The names of the batches above their columns. */
export function viewComparisonHead(names: readonly string[], { paint, width }: Omit<View, 'linesMax'>): string {
  const room = columnWidth(names.length, width)
  return paint(
    'dim',
    names
      .map((name) => pad(shorten(sanitizeForTerminal(name), room), room))
      .join(gap)
      .trimEnd(),
  )
}

/** One request: a line with its id, then its answers in columns. */
export function viewComparedRequest({ customId, isSame, answers }: ComparedRequest, view: View): string[] {
  const { paint, width, linesMax } = view
  const sign = isSame ? paint('green', '=') : paint('yellow', '≠')
  const room = columnWidth(answers.length, width)
  const marked = markDifferences(answers.map((answer) => readWords(answer)))
  const columns = marked.map((words) => wrapWords(words, room, linesMax))
  const height = Math.max(...columns.map((lines) => lines.length))
  const rows = Array.from({ length: height }, (_, at) =>
    columns
      .map((lines, column) => viewCell(lines[at] ?? [], { room, paint, isFailure: answers[column]?.isFailure ?? true }))
      .join(paint('dim', gap))
      .trimEnd(),
  )
  return [`${sign} ${paint('bold', shorten(sanitizeForTerminal(customId), Math.max(1, width - 2)))}`, ...rows]
}

export function viewComparisonEnd({ requests, same, different, missing }: ComparisonCounts): string {
  const apart = missing === 0 ? '' : `, ${formatCount(missing)} not in all of them`
  return `${formatCount(requests)} requests: ${formatCount(same)} the same, ${formatCount(different)} different${apart}`
}

function columnWidth(count: number, width: number): number {
  return Math.max(columnMin, Math.floor((width - gap.length * (count - 1)) / Math.max(1, count)))
}

/** Words in order; a line break is a word of its own. */
function readWords(answer: ComparedAnswer): string[] {
  const text = answer === null ? '–' : answer.text === '' ? '(empty)' : answer.text
  const lines = text.split(/\r?\n/).map((line) => line.split(/\s+/).filter((word) => word !== ''))
  return lines
    .flatMap((words, at) => (at === 0 ? words : ['\n', ...words]))
    .map((word) => (word === '\n' ? word : sanitizeForTerminal(word)))
}

/** What is between the beginning and the end that all of them share. */
function markDifferences(texts: readonly string[][]): Word[][] {
  const least = Math.min(...texts.map((words) => words.length))
  const first = texts[0] ?? []
  let head = 0
  while (head < least && texts.every((words) => words[head] === first[head])) head += 1
  let tail = 0
  while (tail < least - head && texts.every((words) => words.at(-1 - tail) === first.at(-1 - tail))) tail += 1
  return texts.map((words) => words.map((text, at) => ({ text, isMarked: at >= head && at < words.length - tail })))
}

/** Lines of a column, `linesMax` at most: nothing behind them is looked at. */
function wrapWords(words: readonly Word[], room: number, linesMax: number): Word[][] {
  const lines: Word[][] = [[]]
  let used = 0
  for (const word of splitWords(words, room)) {
    const width = word.text === '\n' ? room : stringWidth(word.text)
    const isBreak = word.text === '\n' || (used > 0 && used + 1 + width > room)
    if (isBreak && lines.length === linesMax) return [...lines.slice(0, -1), [{ text: '…', isMarked: false }]]
    if (isBreak) lines.push([])
    if (word.text === '\n') used = 0
    else {
      lines.at(-1)?.push(word)
      used = isBreak || used === 0 ? width : used + 1 + width
    }
  }
  return lines
}

/** Words that are wider than their column in pieces, as far as they are asked for. */
function* splitWords(words: readonly Word[], room: number): Generator<Word> {
  for (const word of words) {
    let piece = ''
    for (const { segment } of stringWidth(word.text) <= room ? [] : new Intl.Segmenter().segment(word.text)) {
      if (piece !== '' && stringWidth(piece + segment) > room) {
        yield { ...word, text: piece }
        piece = ''
      }
      piece += segment
    }
    yield piece === '' ? word : { ...word, text: piece }
  }
}

type CellView = { room: number; paint: Paint; isFailure: boolean }

function viewCell(words: readonly Word[], { room, paint, isFailure }: CellView): string {
  const plain = words.map(({ text }) => text).join(' ')
  const style = isFailure ? 'red' : 'yellow'
  const painted = words.map(({ text, isMarked }) => (isMarked || isFailure ? paint(style, text) : text)).join(' ')
  return painted + ' '.repeat(Math.max(0, room - stringWidth(plain)))
}

function pad(text: string, room: number): string {
  return text + ' '.repeat(Math.max(0, room - stringWidth(text)))
}
