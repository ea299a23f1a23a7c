/** Cuts the text of a search into parts: names, operators and values, each with its place. Pure. */
import type { SearchFault, SearchOperator } from './search-text.ts'

export type ScannedValue = { text: string; from: number; to: number; isQuoted: boolean }
/** A part without an operator is a free word. */
export type ScannedPart = {
  from: number
  to: number
  isNot: boolean
  name: ScannedValue
  operator?: SearchOperator | ':'
  /** As given, separated by commas. */
  values: ScannedValue[]
  fault?: SearchFault
}

const space = /\s/
const operators = [':>=', ':<=', '>=', '<=', '!=', '==', ':>', ':<', ':=', '>', '<', '=', ':'] as const

/** All parts in order. Never throws: what cannot be read carries its fault. */
export function scanSearchText(text: string): ScannedPart[] {
  const parts: ScannedPart[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const part = scanPart(text, at)
    parts.push(part)
    at = skipSpace(text, part.to)
  }
  return parts
}

function scanPart(text: string, start: number): ScannedPart {
  const isNot = text[start] === '-' && start + 1 < text.length && !space.test(text[start + 1] ?? '')
  const name = scanPiece(text, isNot ? start + 1 : start, isEndOfName)
  const found = findOperator(text, name.to)
  if (!found) {
    // A letter that begins an operator and is none, as «!» at the end of a word, belongs to the word.
    return closePart({ from: start, to: name.to, isNot, name, values: [] })
  }
  const values: Piece[] = []
  let at = found.to
  for (;;) {
    const value = scanPiece(text, at, isEndOfValue)
    values.push(value)
    at = value.to
    if (text[at] !== ',') break
    at += 1
  }
  return closePart({ from: start, to: at, isNot, name, operator: found.operator, values })
}

/** An open quote is the one thing that may be wrong with a part by itself. */
function closePart(
  part: Omit<ScannedPart, 'fault' | 'name' | 'values'> & { name: Piece; values: Piece[] },
): ScannedPart {
  const open = [part.name, ...part.values].find(({ isOpen }) => isOpen)
  if (!open) return part
  return { ...part, fault: { from: open.from, to: open.to, message: 'The closing quote is missing.' } }
}

/** After the name; blanks may stand around a comparison, as in `loss < 2`. */
function findOperator(text: string, end: number): { operator: SearchOperator | ':'; to: number } | undefined {
  const at = skipSpace(text, end)
  const sign = operators.find((one) => text.startsWith(one, at))
  if (sign === undefined || (sign.startsWith(':') && at > end)) return undefined
  const to = at + sign.length
  const operator = sign === '==' ? '=' : sign === ':' ? ':' : (sign.replace(/^:/, '') as SearchOperator) // the others, without a colon before
  return { operator, to: operator === ':' ? to : skipSpace(text, to) }
}

type Piece = ScannedValue & { isOpen: boolean }

/** Letters up to an end, quoted stretches taken as they are: `config."two words".x` is one piece. */
function scanPiece(text: string, start: number, isEnd: (text: string, at: number) => boolean): Piece {
  let [at, word, isQuoted, isOpen] = [start, '', false, false]
  while (at < text.length && !isEnd(text, at)) {
    if (text[at] !== '"') {
      word += text[at] ?? ''
      at += 1
      continue
    }
    isQuoted = true
    const close = findClose(text, at + 1)
    isOpen = close === -1
    const end = isOpen ? text.length : close
    word += text.slice(at + 1, end).replace(/\\(["\\])/g, '$1')
    at = Math.min(text.length, end + 1)
  }
  return { text: word, from: start, to: at, isQuoted, isOpen }
}

/** Place of the quote that closes; `\"` is a quote within. */
function findClose(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at
  }
  return -1
}

function isEndOfName(text: string, at: number): boolean {
  const letter = text[at] ?? ''
  return space.test(letter) || /[:<>=]/.test(letter) || (letter === '!' && text[at + 1] === '=')
}

function isEndOfValue(text: string, at: number): boolean {
  return space.test(text[at] ?? '') || text[at] === ','
}

function skipSpace(text: string, start: number): number {
  let at = start
  while (at < text.length && space.test(text[at] ?? '')) at += 1
  return at
}
