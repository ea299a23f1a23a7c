/**
 * A text as a tool prints it, with holes: `No module named '{module}'`. A hole takes any characters up to the text behind
 * it; `{}` has no name. `^` in front means the start of the line, `$` at its end the end.
 *
 * Literals are looked for one behind the other, each at its first place, so that a line is read in time proportional to its
 * length times the literals, whatever stands in it. No pattern of this form needs to go back: if the rest is not found
 * behind the first place of a literal, it is not found behind a later one.
 */

export type TextPattern = {
  literals: readonly string[]
  /** Name of the hole behind each literal; empty for one without a name. */
  holes: readonly string[]
  atStart: boolean
  atEnd: boolean
  /** The longest literal: most lines lack it, and are done with. */
  longest: string
}

/** What stood in the holes, by name. */
export type Captures = Readonly<Record<string, string>>

/** Characters kept of what stands in a hole. */
const captureLengthMax = 160
const hole = /\{(\w{0,32})\}/

/** Reads a pattern from its source. */
export function readTextPattern(source: string): TextPattern {
  const atStart = source.startsWith('^')
  const atEnd = source.endsWith('$')
  const parts = source.slice(atStart ? 1 : 0, atEnd ? -1 : undefined).split(hole)
  const literals = parts.filter((_, at) => at % 2 === 0)
  return {
    literals,
    holes: parts.filter((_, at) => at % 2 === 1),
    atStart,
    atEnd,
    longest: literals.reduce((best, one) => (one.length > best.length ? one : best)),
  }
}

/** What stands in the holes of a pattern, or null where the line does not have its text. */
export function matchText(pattern: TextPattern, text: string): Captures | null {
  return text.includes(pattern.longest) ? readHoles(pattern, text) : null
}

function readHoles({ literals, holes, atStart, atEnd }: TextPattern, text: string): Captures | null {
  const captures: Record<string, string> = {}
  let end = 0
  for (const [at, literal] of literals.entries()) {
    const isLast = at === literals.length - 1
    const found = findLiteral({ text, literal, from: end, fixed: at === 0 && atStart, last: isLast && atEnd })
    if (found === -1) return null
    const name = holes[at - 1]
    if (name) captures[name] = cutCapture(text.slice(end, found))
    end = found + literal.length
    // An open hole at the end takes the rest of the line.
    if (isLast && literal === '' && name && !atEnd) captures[name] = cutCapture(text.slice(found))
  }
  return captures
}

type Search = { text: string; literal: string; from: number; fixed: boolean; last: boolean }

function findLiteral({ text, literal, from, fixed, last }: Search): number {
  if (last) {
    const at = text.length - literal.length
    return at >= from && text.endsWith(literal) && (!fixed || at === from) ? at : -1
  }
  if (fixed) return text.startsWith(literal, from) ? from : -1
  return text.indexOf(literal, from)
}

function cutCapture(text: string): string {
  const trimmed = text.trim()
  return trimmed.length > captureLengthMax ? `${trimmed.slice(0, captureLengthMax - 1)}…` : trimmed
}

const word = /\{(\w{1,32})\|([^{}|]{0,120})\}/g

/** Words of a rule with its holes filled: `{module|a module}` is what was captured, or else the words behind the bar. */
export function fillWords(words: string, captures: Captures): string {
  return words.replace(word, (_, name: string, otherwise: string) => captures[name] || otherwise)
}
