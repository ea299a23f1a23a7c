import { sanitizeForTerminal } from '@pilothouse/signals'

const colour = /(\u001B\[[\d;:]*m)/
const colourOrTab = /(\u001B\[[\d;:]*m|\t)/
const reset = '\u001B[0m'

/**
 * A line that a job printed, fit for the terminal of whoever reads it: its colours (when `colours` is set) and its tabs
 * are kept, and closed at the end; a cursor movement, a window title, a write to the clipboard would act on the reader's
 * terminal and are taken away.
 */
export function makeHarmless(text: string, { colours }: { colours: boolean }): string {
  if (!colours || !colour.test(text)) return text.split('\t').map(sanitizeForTerminal).join('\t')
  const parts = text.split(colourOrTab)
  return parts.map((part, at) => (at % 2 === 1 ? part : sanitizeForTerminal(part))).join('') + reset
}
