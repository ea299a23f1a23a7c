/**
 * Reads colours out of a printed line. Everything else that a terminal would obey (cursor movements, window titles,
 * links, bells) is dropped; the text is only ever put into the page as text.
 */
export type AnsiSpan = {
  text: string
  colour: string | null
  ground: string | null
  bold: boolean
  faint: boolean
  italic: boolean
  underline: boolean
}
type Style = Omit<AnsiSpan, 'text'>

const plain: Style = { colour: null, ground: null, bold: false, faint: false, italic: false, underline: false }
// CSI sequences; OSC and other strings up to their end; any other escape; control characters but the tab.
const sequence =
  /\u001b\[([0-9;:]*)[ -/]*([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\u001b[^[\]]?|\u009b[0-?]*[ -/]*[@-~]?|[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Splits a line into runs of one style. */
export function parseAnsi(line: string): AnsiSpan[] {
  if (!needsReading(line)) return line === '' ? [] : [{ ...plain, text: line }]
  const spans: AnsiSpan[] = []
  let style = plain
  let from = 0
  for (const match of line.matchAll(sequence)) {
    if (match.index > from) spans.push({ ...style, text: line.slice(from, match.index) })
    if (match[2] === 'm') style = applyCodes(style, match[1] ?? '')
    from = match.index + match[0].length
  }
  if (from < line.length) spans.push({ ...style, text: line.slice(from) })
  return spans
}

/** The text of a line as `parseAnsi` leaves it. */
export function readPlainText(line: string): string {
  return needsReading(line) ? line.replace(sequence, '') : line
}

function needsReading(line: string): boolean {
  return /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(line)
}

function applyCodes(style: Style, text: string): Style {
  const codes = text.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)))
  let next = style
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0
    if (code === 38 || code === 48) {
      const { colour, taken } = readExtended(codes.slice(at + 1))
      next = code === 38 ? { ...next, colour } : { ...next, ground: colour }
      at += taken
    } else {
      next = applyCode(next, code)
    }
  }
  return next
}

function applyCode(style: Style, code: number): Style {
  if (code === 0) return plain
  if (code === 1) return { ...style, bold: true }
  if (code === 2) return { ...style, faint: true }
  if (code === 3) return { ...style, italic: true }
  if (code === 4) return { ...style, underline: true }
  if (code === 22) return { ...style, bold: false, faint: false }
  if (code === 23) return { ...style, italic: false }
  if (code === 24) return { ...style, underline: false }
  if (code === 39) return { ...style, colour: null }
  if (code === 49) return { ...style, ground: null }
  if (code >= 30 && code <= 37) return { ...style, colour: nameColour(code - 30) }
  if (code >= 90 && code <= 97) return { ...style, colour: nameColour(code - 82) }
  if (code >= 40 && code <= 47) return { ...style, ground: nameGround(code - 40) }
  if (code >= 100 && code <= 107) return { ...style, ground: nameGround(code - 92) }
  return style
}

/** `5;n` of the 256 colours, or `2;r;g;b`. */
function readExtended(codes: readonly number[]): { colour: string | null; taken: number } {
  const [kind, ...rest] = codes
  if (kind === 2 && rest.length >= 3) return { colour: `rgb(${rest.slice(0, 3).map(clampByte).join(' ')})`, taken: 4 }
  if (kind !== 5 || rest[0] === undefined) return { colour: null, taken: codes.length }
  const index = clampByte(rest[0])
  if (index < 16) return { colour: nameColour(index), taken: 2 }
  if (index >= 232)
    return {
      colour: `rgb(${Array(3)
        .fill(8 + (index - 232) * 10)
        .join(' ')})`,
      taken: 2,
    }
  const cube = [36, 6, 1].map((place) => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / place) % 6])
  return { colour: `rgb(${cube.join(' ')})`, taken: 2 }
}

/** Bright colours are the plain ones here: the tokens are chosen to be legible, bright ones would not be. */
function nameColour(index: number): string {
  return `var(--ansi-${index === 8 ? 8 : index % 8})`
}

function nameGround(index: number): string {
  return `color-mix(in oklch, var(--ansi-${index === 8 ? 8 : index % 8}) 22%, transparent)`
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.trunc(value) || 0))
}
