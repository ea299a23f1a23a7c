/**
 * Lines of the screen as bytes for a terminal. A line that changed is written anew as a whole; all of a frame is one write inside
 * synchronised output (mode 2026), which a terminal that does not know it ignores.
 */
import { isSimple, splitClusters } from './cell-text.ts'
import type { Line, Segment } from './styled-line.ts'
import type { Theme } from './theme.ts'

const csi = '\u001B['
const eraseToEnd = `${csi}K`
const eraseLine = `${csi}2K`
const beginSync = `${csi}?2026h`
const endSync = `${csi}?2026l`

export type Frame = { cols: number; rows: number; lines: readonly string[] }

/** A frame of exactly `rows` lines, each as the bytes that draw it from its first column on. */
export function layFrame(view: readonly Line[], { cols, rows, theme }: Size & { theme: Theme }): Frame {
  return { cols, rows, lines: Array.from({ length: rows }, (_, at) => paintLine(view[at] ?? [], cols, theme)) }
}

type Size = { cols: number; rows: number }

/** What turns `before` into `after`; empty where nothing changed. Without `before`, or in another size, all is drawn. */
export function drawFrame(before: Frame | null, after: Frame): string {
  const known = before?.cols === after.cols && before.rows === after.rows ? before.lines : []
  const changed = after.lines.flatMap((line, at) => (line === known[at] ? [] : [`${csi}${at + 1};1H${line}`]))
  return changed.length === 0 ? '' : beginSync + changed.join('') + endSync
}

/** A line in `cols` cells. A wide character at the edge becomes a space. */
function paintLine(line: Line, cols: number, theme: Theme): string {
  const painter: Painter = { column: 0, cols, bytes: '' }
  for (const segment of line) {
    if (painter.column >= cols) break
    paintSegment(painter, segment, theme)
  }
  // Erasing from the last column would take the last character away: the cursor waits on it.
  if (painter.column < cols) painter.bytes += eraseToEnd
  return line.every(({ text }) => isSimple(text)) ? painter.bytes : eraseLine + painter.bytes
}

type Painter = { column: number; cols: number; bytes: string }

function paintSegment(painter: Painter, { text, role }: Segment, theme: Theme): void {
  const code = theme[role]
  if (code !== '') painter.bytes += `${csi}${code}m`
  if (isSimple(text)) {
    const kept = text.slice(0, painter.cols - painter.column)
    painter.bytes += kept
    painter.column += kept.length
  } else paintClusters(painter, text)
  if (code !== '') painter.bytes += `${csi}m`
}

/** Terminals disagree on how wide such a character is: behind each, the cursor is put where we count it. */
function paintClusters(painter: Painter, text: string): void {
  for (const { cluster, cells } of splitClusters(text)) {
    if (cells === 0) continue
    if (painter.column + cells > painter.cols) {
      painter.bytes += ' '.repeat(painter.cols - painter.column)
      painter.column = painter.cols
      return
    }
    painter.bytes += cluster
    painter.column += cells
    if (!isSimple(cluster) && painter.column < painter.cols) painter.bytes += `${csi}${painter.column + 1}G`
  }
}
