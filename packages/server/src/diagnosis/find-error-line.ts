import type { LogLine } from '@pilothouse/contract'
import { stripAnsi } from '@pilothouse/signals'

/** Shorter messages («1») stand in many lines. */
const messageLengthMin = 6

/** Number of the last line that has the message of the error, else of the last one of level error. Pure; null for neither. */
export function findErrorLine(
  lines: readonly LogLine[],
  error: { type: string; message: string } | null,
): number | null {
  const [message = ''] = (error?.message ?? '').split('\n')
  const isBare = error === null || error.type === 'exit' || error.type === 'signal'
  const saying =
    isBare || message.length < messageLengthMin
      ? undefined
      : lines.findLast(({ text }) => text.includes(message) && !isCode(text))
  return (saying ?? lines.findLast(({ level, text }) => level === 'error' && !isFrame(text)))?.n ?? null
}

/** A line of source in a traceback: `    raise ValueError("no")`. */
function isCode(text: string): boolean {
  return /^\s{4,}\S/.test(stripAnsi(text))
}

function isFrame(text: string): boolean {
  return /^\s{2,}File "|^Traceback \(most recent call last\)/.test(stripAnsi(text))
}
