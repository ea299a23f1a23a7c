/** Text as cells of a terminal. Whatever comes from elsewhere is made harmless here, before it is measured. */
import { sanitizeForTerminal } from '@pilothouse/signals'
import stringWidth from 'string-width'

const plain = /^[ -~]*$/
/** What we draw ourselves and ASCII: one cell each in every terminal. */
const simple = /^[ -~·…≈×«»–─│┤┼┴└↑↓←→⏎▲▼▸●○◌◔✓✗‖⊘€£¥\u202F\u2581-\u258F\u2800-\u28FF]*$/

// Made at first use: it loads tables that most screens never need.
let segmenter: Intl.Segmenter | undefined

/** A text without anything that a terminal would act on. */
export function cleanText(text: string): string {
  return plain.test(text) ? text : sanitizeForTerminal(text)
}

/** True when every character takes one cell, whichever terminal shows it. */
export function isSimple(text: string): boolean {
  return simple.test(text)
}

/** Cells that a clean text takes: two for a wide character, none for a combining one. */
export function measureCells(text: string): number {
  return isSimple(text) ? text.length : stringWidth(text)
}

/** What stands together in one cell or two. */
export function* splitClusters(text: string): Generator<{ cluster: string; cells: number }> {
  segmenter ??= new Intl.Segmenter()
  for (const { segment } of segmenter.segment(text)) yield { cluster: segment, cells: stringWidth(segment) }
}

/** Cuts a clean text to `width` cells; an ellipsis says that something was cut. */
export function cutText(text: string, width: number): string {
  if (width <= 0) return ''
  if (measureCells(text) <= width) return text
  if (isSimple(text)) return `${text.slice(0, width - 1)}…`
  let kept = ''
  let used = 0
  for (const { cluster, cells } of splitClusters(text)) {
    if (used + cells > width - 1) break
    kept += cluster
    used += cells
  }
  return `${kept}…`
}

/** A clean text in exactly `width` cells: cut, or filled with spaces. */
export function fitText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = cutText(text, width)
  const space = ' '.repeat(Math.max(0, width - measureCells(cut)))
  return align === 'left' ? cut + space : space + cut
}

/** The text without its first `cells` cells; half of a wide character that is cut becomes a space. */
export function skipCells(text: string, cells: number): string {
  if (cells <= 0) return text
  if (isSimple(text)) return text.slice(cells)
  let passed = 0
  let rest = ''
  for (const part of splitClusters(text)) {
    if (passed >= cells) rest += part.cluster
    else if (passed + part.cells > cells) rest += ' '.repeat(passed + part.cells - cells)
    passed += part.cells
  }
  return rest
}
