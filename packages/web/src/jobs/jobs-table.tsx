import { lazy, Suspense, useState, type CSSProperties, type RefObject } from 'react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { JobCard } from '@pilothouse/contract'
import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { StateSign } from '../ui/state-sign.tsx'
import { PlainCell, ValueCell } from './job-cells.tsx'
import {
  defaultColumns,
  firstOrder,
  isValueName,
  nameColumn,
  sortOf,
  widthOf,
  type Column,
  type Sort,
} from './job-columns.ts'
import type { JobsSearch } from './jobs-search.ts'
import { useRowWindow } from './row-window.ts'
import { SelectBox } from './selection.tsx'
import { useValues, type KnownValues } from './use-values.ts'

const ColumnsDialog = lazy(async () => ({ default: (await import('./columns-dialog.tsx')).ColumnsDialog }))

const rowHeight = 36
const headHeight = 32

type TableProps = {
  cards: readonly JobCard[]
  total: number
  now: number
  search: JobsSearch
  /** What the rows scroll in; both ways. */
  scroller: RefObject<HTMLDivElement | null>
}

/** The same jobs, one a line: the name stays in sight while columns scroll, and only rows in sight are rendered. */
export function JobsTable({ cards, total, now, search, scroller }: TableProps) {
  const columns = search.columns ?? defaultColumns
  const seen = useRowWindow(scroller, { count: cards.length, rowHeight })
  const values = useValues(cards, columns, seen)
  // A style of its own property: the compiler does not know custom ones.
  const style = { '--columns': layOut(columns), height: headHeight + cards.length * rowHeight } as CSSProperties
  return (
    <div
      role="table"
      aria-label="Jobs"
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 1}
      style={style}
      className="w-max min-w-full text-13 [--name-width:176px] sm:[--name-width:280px]"
    >
      <Head columns={columns} search={search} />
      <div role="rowgroup" style={{ transform: `translateY(${seen.first * rowHeight}px)` }}>
        {cards.slice(seen.first, seen.last).map((card, at) => (
          <JobRow key={card.uid} card={card} now={now} columns={columns} values={values} index={seen.first + at + 2} />
        ))}
      </div>
    </div>
  )
}

function layOut(columns: readonly Column[]): string {
  return `minmax(var(--name-width), 1fr) ${columns.map((column) => `${widthOf(column)}px`).join(' ')} 40px`
}

const grid = 'grid grid-cols-(--columns)'
const cell = 'flex min-w-0 items-center gap-2 px-3'
const stuck = 'sticky left-0 z-10 border-r border-line pl-4'

function Head({ columns, search }: { columns: readonly Column[]; search: JobsSearch }) {
  const [choosing, setChoosing] = useState(false)
  return (
    <div role="rowgroup" className="sticky top-0 z-20">
      <div role="row" aria-rowindex={1} className={`${grid} h-8 border-b border-line bg-surface text-12 text-muted`}>
        <HeadCell name="Name" sort="name" search={search} className={`${stuck} bg-surface`} />
        {columns.map((column) => (
          <HeadCell
            key={column}
            name={nameColumn(column)}
            sort={sortOf(column)}
            search={search}
            className={isValueName(column) || column === 'cost' ? 'justify-end' : ''}
          />
        ))}
        <div role="columnheader" className="sticky right-0 flex items-center justify-center bg-surface">
          <Button
            look="quiet"
            square
            aria-label="Choose columns"
            title="Choose columns"
            onClick={() => setChoosing(true)}
          >
            <Columns3 size={14} aria-hidden />
          </Button>
        </div>
      </div>
      {choosing ? (
        <Suspense fallback={null}>
          <ColumnsDialog columns={columns} onClose={() => setChoosing(false)} />
        </Suspense>
      ) : null}
    </div>
  )
}

type HeadCellProps = { name: string; sort: Sort | undefined; search: JobsSearch; className: string }

/** Pressed once it sorts, again the other way round, once more not at all. */
function HeadCell({ name, sort, search, className }: HeadCellProps) {
  const navigate = useNavigate({ from: '/' })
  const order = (search.sort ?? 'created') === sort ? (search.order ?? 'desc') : undefined
  if (sort === undefined) {
    return (
      <div role="columnheader" className={`${cell} ${className}`}>
        <span className="truncate" title={name}>
          {name}
        </span>
      </div>
    )
  }
  const first = firstOrder(sort)
  const next =
    order === undefined
      ? { sort, order: first }
      : order === first
        ? { sort, order: first === 'asc' ? 'desc' : 'asc' }
        : {}
  const press = (): void =>
    void navigate({
      search: ({ sort: _, order: __, ...rest }: JobsSearch) => ({ ...rest, ...next }),
      replace: true,
    })
  return (
    <div
      role="columnheader"
      aria-sort={order === undefined ? undefined : order === 'asc' ? 'ascending' : 'descending'}
      className={`${cell} ${className}`}
    >
      <button
        type="button"
        onClick={press}
        title={`Sort by ${name}`}
        className={`-mx-1 flex h-7 min-w-0 items-center gap-1 rounded-sm px-1 hover:text-text ${order === undefined ? '' : 'font-medium text-text'}`}
      >
        <span className="truncate">{name}</span>
        {order === 'asc' ? (
          <ArrowUp size={12} aria-hidden />
        ) : order === 'desc' ? (
          <ArrowDown size={12} aria-hidden />
        ) : null}
      </button>
    </div>
  )
}

type RowProps = {
  card: JobCard
  now: number
  columns: readonly Column[]
  values: KnownValues
  /** Counted from 1, the head included. */
  index: number
}

function JobRow({ card, now, columns, values, index }: RowProps) {
  const found = values.read(card.uid)
  return (
    <div
      role="row"
      aria-rowindex={index}
      className={`${grid} group relative h-9 overflow-x-clip border-b border-line bg-surface transition-colors hover:bg-hover has-[a:focus-visible]:bg-hover`}
    >
      <div
        role="cell"
        className={`${cell} ${stuck} bg-surface transition-colors group-hover:bg-hover group-has-[a:focus-visible]:bg-hover`}
      >
        <SelectBox card={card} />
        {columns.includes('state') ? null : <StateSign state={card.state} word={false} />}
        <Link
          to="/job/$uid"
          params={{ uid: card.uid }}
          title={card.name}
          data-job={card.uid}
          className="truncate font-medium outline-none after:absolute after:inset-y-0 after:left-0 after:w-dvw focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {card.name}
        </Link>
        {card.archivedAt === null ? null : <span className="ml-auto text-12 text-muted">archived</span>}
      </div>
      {columns.map((column) => (
        <div key={column} role="cell" className={cell}>
          {isValueName(column) ? (
            <ValueCell value={found?.[values.names.indexOf(column)]} />
          ) : (
            <PlainCell column={column} card={card} now={now} />
          )}
        </div>
      ))}
    </div>
  )
}
