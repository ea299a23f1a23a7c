/** The lines of a report as they are stored: cut, classified, one line each. Pure. */
import { type LogBlock, limits } from '@pilothouse/contract'
import { classifyLogLevel } from '@pilothouse/signals'
import { type LogRun, packFlags } from './log-codec.ts'

/** UTF-16 units that surely fit the limit in UTF-8. */
const surelyFits = Math.floor(limits.logLineBytesMax / 3)

/** Adds the lines of a block to a run. A text that holds line ends counts as several lines. */
export function takeLines(run: LogRun, { stream, times, lines }: LogBlock): void {
  lines.forEach((text, at) => {
    const parts = text.includes('\n') ? text.split(/\r?\n/) : [text]
    for (const part of parts) {
      const line = cutLine(part.isWellFormed() ? part : part.toWellFormed())
      run.times.push(times[at] ?? 0)
      run.flags.push(packFlags(stream, classifyLogLevel(line, stream)))
      run.texts.push(line)
    }
  })
}

/** A line no longer than the limit; what was cut off is said at its end. */
export function cutLine(text: string): string {
  if (text.length <= surelyFits) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= limits.logLineBytesMax) return text
  const mark = ` … [cut: the line had ${bytes.length} bytes]`
  let end = limits.logLineBytesMax - Buffer.byteLength(mark)
  // Not inside a character: bytes 10xxxxxx continue one.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end) + mark
}
