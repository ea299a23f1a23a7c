import type { LogLevel, LogLine } from '@pilothouse/contract'
import { makeHarmless } from './harmless-text.ts'
import type { Paint, PaintStyle } from './paint.ts'

const levelStyles: Readonly<Record<LogLevel, PaintStyle | null>> = {
  debug: 'dim',
  info: null,
  warning: 'yellow',
  error: 'red',
}

/** One line of a log. A line with colours of its own keeps them; else its level gives it one. */
export function viewLogLine({ text, level }: LogLine, { paint, colours }: { paint: Paint; colours: boolean }): string {
  const harmless = makeHarmless(text, { colours })
  const style = levelStyles[level]
  return style === null || harmless.includes('\u001B') ? harmless : paint(style, harmless)
}
