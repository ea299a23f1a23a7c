import { useMemo, useRef } from 'react'
import type { LogLine } from '@pilothouse/contract'
import { readPlainText } from './parse-ansi.ts'

const tabColumns = 8
/** From here on characters are two columns wide, about: Hangul, Chinese, Japanese, most emoji. */
const wideFrom = 0x11_00
const isPlain = /^[\u0020-\u007e]*$/

/** Columns that a printed text takes in a font of fixed width. */
export function countColumns(text: string): number {
  const plain = readPlainText(text)
  if (isPlain.test(plain)) return plain.length
  let columns = 0
  for (const character of plain) {
    if (character === '\t') columns += tabColumns - (columns % tabColumns)
    else columns += (character.codePointAt(0) ?? 0) < wideFrom ? 1 : 2
  }
  return columns
}

/** Columns of the longest line so far. Each line is measured once; it does not shrink, so the view stays where it is. */
export function useColumns(lines: readonly LogLine[], charactersMax: number): number {
  const measured = useRef({ from: Infinity, to: -1, columns: 0 })
  return useMemo(() => {
    const [first, last] = [lines[0]?.n ?? 0, lines.at(-1)?.n ?? -1]
    const { from, to } = measured.current
    let { columns } = measured.current
    for (const { n, text } of lines)
      if (n < from || n > to) columns = Math.max(columns, countColumns(text.slice(0, charactersMax)))
    const isApart = first > to || last < from
    measured.current = isApart
      ? { from: first, to: last, columns }
      : { from: Math.min(first, from), to: Math.max(last, to), columns }
    return columns
  }, [lines, charactersMax])
}
