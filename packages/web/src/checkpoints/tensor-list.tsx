import { useRef, type CSSProperties, type ReactNode } from 'react'
import { formatCount, formatValue } from '@pilothouse/signals'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useRowWindow } from '../jobs/row-window.ts'
import type { TensorOrder, TensorRow, TensorSort } from './list-tensors.ts'

const rowHeight = 48
const headHeight = 32

type ListProps = {
  rows: readonly TensorRow[]
  /** Names of the two. */
  names: readonly [string, string]
  sort: TensorSort
  onSort: (sort: TensorSort) => void
}

const grid =
  'grid grid-cols-[minmax(0,1fr)_72px_72px] items-center gap-x-3 px-4 sm:grid-cols-[minmax(0,1fr)_72px_72px_72px_72px_72px] sm:px-6'

/** One tensor or layer a row; of thousands only those in sight are in the page. */
export function TensorList({ rows, names, sort, onSort }: ListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const seen = useRowWindow(scroller, { count: rows.length, rowHeight })
  const head = { sort, onSort }
  const style: CSSProperties = { height: headHeight + rows.length * rowHeight }
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="group"
      aria-label="Tensors, scrolls"
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain border-t border-line -outline-offset-2"
    >
      <div role="table" aria-label="Tensors" aria-rowcount={rows.length + 1} style={style}>
        <div role="rowgroup" className="sticky top-0 z-10 bg-surface">
          <div role="row" aria-rowindex={1} className={`${grid} h-8 border-b border-line text-12 text-muted`}>
            <SortHead by="name" {...head}>
              Name
            </SortHead>
            <SortHead by="normA" isRight isWide title={`Norm in ${names[0]}`} {...head}>
              Norm
            </SortHead>
            <SortHead by="normB" isRight isWide title={`Norm in ${names[1]}`} {...head}>
              Norm, 2nd
            </SortHead>
            <SortHead by="distance" isRight title="√Σ(a−b)²" {...head}>
              Distance
            </SortHead>
            <SortHead by="relative" isRight title={`Distance over the norm in ${names[0]}`} {...head}>
              Relative
            </SortHead>
            <SortHead by="cosine" isRight isWide title="Cosine of the angle between both" {...head}>
              Cosine
            </SortHead>
          </div>
        </div>
        <div role="rowgroup" style={{ transform: `translateY(${seen.first * rowHeight}px)` }}>
          {rows.slice(seen.first, seen.last).map((row, at) => (
            <Row key={row.name} row={row} names={names} index={seen.first + at + 2} />
          ))}
        </div>
      </div>
    </div>
  )
}

type HeadProps = Pick<ListProps, 'sort' | 'onSort'> & {
  by: TensorOrder
  isRight?: boolean
  /** Where there is room only. */
  isWide?: boolean
  title?: string
  children: ReactNode
}

function SortHead({ by, sort, onSort, isRight = false, isWide = false, title, children }: HeadProps) {
  const isSorted = sort.by === by
  const Arrow = sort.isDown ? ArrowDown : ArrowUp
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : undefined}
      className={`flex min-w-0 ${isRight ? 'justify-end' : ''} ${isWide ? 'max-sm:hidden' : ''}`}
    >
      <button
        type="button"
        title={title}
        onClick={() => onSort({ by, isDown: isSorted ? !sort.isDown : by !== 'name' })}
        className={`touchable inline-flex items-center gap-0.5 rounded-sm whitespace-nowrap hover:text-text ${isSorted ? 'font-medium text-text' : ''}`}
      >
        {isSorted ? <Arrow size={12} aria-hidden /> : null}
        {children}
      </button>
    </div>
  )
}

function Row({ row, names, index }: { row: TensorRow; names: readonly [string, string]; index: number }) {
  const { name, change, words, normA, normB, distance, relative, cosine, nonFinite, note } = row
  const fate = change === null ? undefined : describeFate(change, names)
  return (
    <div
      role="row"
      aria-rowindex={index}
      data-tensor={name}
      data-change={change ?? undefined}
      style={{ height: rowHeight }}
      className={`${grid} content-center border-b border-line ${fate === undefined ? '' : 'bg-accent-soft'}`}
    >
      <div role="cell" className="min-w-0 max-sm:contents" title={note ?? undefined}>
        <p className="truncate font-mono text-12 leading-5 max-sm:col-span-3" title={name}>
          {name}
        </p>
        <p className="truncate text-12 text-muted">
          {fate === undefined ? null : <span className="font-medium text-text">{fate}, </span>}
          {words}
          {nonFinite > 0 ? <span className="text-bad">, {formatCount(nonFinite)} not finite</span> : null}
          {note === null ? null : `, ${note}`}
        </p>
      </div>
      <Figure isWide isQuiet value={normA} />
      <Figure isWide isQuiet value={normB} />
      <Figure value={distance} />
      <Figure value={relative} />
      <Figure isWide isQuiet value={cosine} />
    </div>
  )
}

type FigureProps = { value: number | null; isWide?: boolean; isQuiet?: boolean }

function Figure({ value, isWide = false, isQuiet = false }: FigureProps) {
  return (
    <div
      role="cell"
      className={`truncate text-right font-mono text-12 ${isQuiet || value === 0 ? 'text-muted' : ''} ${isWide ? 'max-sm:hidden' : ''}`}
    >
      {value === null ? '–' : formatValue(value)}
    </div>
  )
}

/** What stands out: that there is no other to compare with. */
function describeFate(change: NonNullable<TensorRow['change']>, names: readonly [string, string]): string | undefined {
  switch (change) {
    case 'same':
    case 'changed':
      return undefined
    case 'onlyA':
      return `− only in ${names[0]}`
    case 'onlyB':
      return `+ only in ${names[1]}`
    case 'shape':
      return '≠ other shape'
    case 'unread':
      return '? not read'
    default:
      return change satisfies never
  }
}
