/** A plain table for a terminal: columns as wide as what they hold, the elastic one shortened to fit. */
import stringWidth from 'string-width'

export type Column = {
  title: string
  align?: 'left' | 'right'
  /** Gives way when the terminal is narrow; at most one. */
  elastic?: boolean
}
export type Cell = { text: string; paint?: (text: string) => string }

const gap = '  '
const elasticMin = 8

/** Lines of the table, the head first. Widths are terminal cells: an emoji takes two, a combining accent none. */
export function viewTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], width: number): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(stringWidth(title), ...rows.map((row) => stringWidth(row[at]?.text ?? ''))),
  )
  const excess = widths.reduce((sum, cells) => sum + cells, 0) + gap.length * (columns.length - 1) - width
  const elastic = columns.findIndex((column) => column.elastic === true)
  const given = widths[elastic]
  if (given !== undefined && excess > 0) widths[elastic] = Math.max(elasticMin, given - excess)
  const head = columns.map(({ title }) => ({ text: title }))
  return [head, ...rows].map((row) =>
    columns
      .map((column, at) => fitCell(row[at], column, widths[at] ?? 0))
      .join(gap)
      .trimEnd(),
  )
}

function fitCell(cell: Cell | undefined, { align = 'left' }: Column, width: number): string {
  const text = shorten(cell?.text ?? '', width)
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)))
  const painted = cell?.paint && text ? cell.paint(text) : text
  return align === 'left' ? painted + space : space + painted
}

/** Cuts a text to `width` cells, with an ellipsis where something was cut. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
