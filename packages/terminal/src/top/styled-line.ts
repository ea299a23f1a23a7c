/** A line of the screen as plain data: what is said, and in which role. A theme decides how a role looks. */
import { cleanText, cutText, measureCells } from './cell-text.ts'

export type Role =
  | 'plain'
  | 'dim'
  | 'bold'
  | 'title'
  | 'good'
  | 'neutral'
  | 'warning'
  | 'error'
  | 'accent'
  | 'curve'
  | 'curve2'
  | 'selected'
  | 'prompt'

export type Segment = { text: string; role: Role }
export type Line = readonly Segment[]

/** A piece of a line; its text is made harmless. */
export function say(text: string, role: Role = 'plain'): Segment {
  return { text: cleanText(text), role }
}

/** Cells that a line takes. */
export function measureLine(line: Line): number {
  return line.reduce((sum, { text }) => sum + measureCells(text), 0)
}

/** What stands left and what stands right, with space between; the right side is left out where both do not fit. */
export function spread(left: Line, right: Line, cols: number): Line {
  const space = cols - measureLine(left) - measureLine(right)
  return space < 1 ? left : [...left, say(' '.repeat(space)), ...right]
}

/** A rule across the screen with its title, `── Log ─────`, and what stands at its right end. */
export function viewRule(title: string, cols: number, note = ''): Line {
  const head = `── ${cleanText(title)} `
  const tail = note === '' ? '' : ` ${cleanText(note)} ─`
  const rest = cols - measureCells(head) - measureCells(tail)
  if (rest < 0) return viewTightRule(title, cols, note)
  return [say('── ', 'dim'), say(`${title} `, 'title'), say('─'.repeat(rest), 'dim'), say(tail, 'dim')]
}

/** Of the title the end gives way, where something is left of it; else the note. */
function viewTightRule(title: string, cols: number, note: string): Line {
  const room = cols - measureCells(cleanText(note)) - ruleCells
  if (note === '' || room < titleMin) return [say(`── ${title} `, 'dim')]
  return viewRule(cutText(cleanText(title), room), cols, note)
}

/** What a rule with a note takes beside its words: `── `, ` `, ` `, ` ─`. */
const ruleCells = 7
const titleMin = 6

/** Pieces that follow each other with a dot between, as many as fit. */
export function joinParts(parts: readonly Line[], cols: number): Line {
  const joined: Segment[] = []
  let used = 0
  for (const part of parts) {
    const between = joined.length === 0 ? [] : [say(' · ', 'dim')]
    const width = measureLine(between) + measureLine(part)
    if (used + width > cols && used > 0) break
    joined.push(...between, ...part)
    used += width
  }
  return joined
}

/** The same pieces on as many lines as they need. */
export function wrapParts(parts: readonly Line[], cols: number): Line[] {
  const lines: Line[][] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && measureLine(joinParts([...last, part], Number.POSITIVE_INFINITY)) <= cols) last.push(part)
    else lines.push([part])
  }
  return lines.map((line) => joinParts(line, cols))
}

/** A line as several of `cols` cells, broken between words; of a word that is longer than a line the end is cut. At most `max`: the last says that it was cut. */
export function wrapLine(line: Line, cols: number, max: number): Line[] {
  const lines: Segment[][] = [[]]
  let used = 0
  for (const { text, role } of line) {
    for (const word of text.split(/(?<= )/)) {
      const cells = measureCells(word.trimEnd())
      if (used > 0 && used + cells > cols) {
        lines.push([])
        used = 0
      }
      lines.at(-1)?.push({ text: used === 0 ? cutText(word, cols) : word, role })
      used += measureCells(word)
    }
  }
  const kept = lines.slice(0, max)
  if (lines.length > max) kept.at(-1)?.push({ text: '…', role: 'dim' })
  return kept
}
