import { useMemo, useRef, useState } from 'react'
import { Virtualizer } from 'virtua'
import type { Sample, TableBody } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { SearchField } from '../ui/search-field.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { arrangeRows, chooseWidths, isNumeric, type TableSort } from './table-rows.ts'
import { formatScalar } from './text-list.tsx'
import { useSampleBody } from './use-samples.ts'

type TableSample = Sample & { kind: 'table' }

const rowPx = 32
const heightMaxPx = 520
const numberWidthPx = 56

export function SampleTables({ uid, tables }: { uid: string; tables: readonly TableSample[] }) {
  return tables.map((table) => <SampleTable key={`${table.key}/${table.index}`} uid={uid} table={table} />)
}

function SampleTable({ uid, table }: { uid: string; table: TableSample }) {
  const { body, error } = useSampleBody(uid, table)
  if (error)
    return (
      <p role="alert" className="text-bad">
        This table could not be read: {error.message}
      </p>
    )
  return body ? (
    <TableView body={body} caption={table.caption} />
  ) : (
    <div className="waits h-64 rounded-lg bg-hover" aria-busy="true" />
  )
}

/** A table of which only what can be seen is in the page: sorted by its heads, searched, one row read whole. */
function TableView({ body, caption }: { body: TableBody; caption: string | null }) {
  const [words, setWords] = useState('')
  const [sort, setSort] = useState<TableSort | null>(null)
  const [open, setOpen] = useState<number>()
  const places = useMemo(() => arrangeRows(body, words, sort), [body, words, sort])
  return (
    <section
      aria-label={caption ?? 'Table'}
      className="min-w-0 overflow-hidden rounded-lg border border-line bg-surface"
    >
      <div className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 py-1 pr-1 pl-3">
        {caption === null ? null : <h4 className="truncate font-medium">{caption}</h4>}
        <span className="mr-auto text-12 whitespace-nowrap text-muted">{describeRows(body, places.length)}</span>
        <SearchField label="Search rows" text={words} onText={setWords} className="w-40" />
      </div>
      <Rows body={body} places={places} sort={sort} onSort={setSort} onOpen={setOpen} />
      {places.length === 0 ? (
        <p className="border-t border-line px-3 py-4 text-muted">
          {body.rows.length === 0 ? 'This table has no rows.' : `No row holds «${words}».`}
        </p>
      ) : null}
      {open === undefined ? null : <RowSheet body={body} at={open} onClose={() => setOpen(undefined)} />}
    </section>
  )
}

function describeRows({ rows, rowsLeftOut = 0 }: TableBody, shown: number): string {
  const all = `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}`
  const left = rowsLeftOut > 0 ? `, ${formatCount(rowsLeftOut)} more were left out when it was logged` : ''
  return `${shown === rows.length ? all : `${formatCount(shown)} of ${all}`}${left}`
}

type RowsProps = {
  body: TableBody
  places: readonly number[]
  sort: TableSort | null
  onSort: (sort: TableSort | null) => void
  onOpen: (at: number) => void
}

function Rows({ body, places, sort, onSort, onOpen }: RowsProps) {
  const frame = useRef<HTMLDivElement>(null)
  const widths = useMemo(() => chooseWidths(body), [body])
  const numeric = useMemo(() => body.columns.map((_, column) => isNumeric(body, column)), [body])
  const columns = `${numberWidthPx}px ${widths.map((width) => `minmax(${width}px, ${width}fr)`).join(' ')}`
  const width = widths.reduce((sum, one) => sum + one, numberWidthPx)
  return (
    <div
      ref={frame}
      tabIndex={0}
      role="table"
      aria-label="Rows"
      aria-rowcount={body.rows.length + 1}
      aria-colcount={body.columns.length + 1}
      className="relative overflow-auto overscroll-contain border-t border-line -outline-offset-2"
      style={{ height: Math.min(heightMaxPx, (places.length + 1) * rowPx + 2) }}
    >
      <div style={{ minWidth: width }}>
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-10 grid h-8 bg-surface text-12"
          style={{ gridTemplateColumns: columns }}
        >
          <span
            role="columnheader"
            className="sticky left-0 z-10 border-b border-line bg-surface px-3 leading-[31px] text-faint"
          >
            #
          </span>
          {body.columns.map((name, column) => (
            <Head
              key={column}
              name={name}
              column={column}
              numeric={numeric[column] ?? false}
              sort={sort}
              onSort={onSort}
            />
          ))}
        </div>
        <Virtualizer scrollRef={frame} startMargin={rowPx} itemSize={rowPx}>
          {places.map((place) => (
            <div
              key={place}
              role="row"
              aria-rowindex={place + 2}
              className="group grid h-8 border-b border-line hover:bg-hover"
              style={{ gridTemplateColumns: columns }}
            >
              <span role="cell" className="sticky left-0 bg-surface group-hover:bg-hover">
                <button
                  type="button"
                  aria-label={`Read row ${place + 1} whole`}
                  title="Read this row whole"
                  onClick={() => onOpen(place)}
                  className="h-full w-full px-3 text-left text-12 text-faint -outline-offset-2 hover:text-accent hover:underline"
                >
                  {place + 1}
                </button>
              </span>
              {body.columns.map((_, column) => (
                <Cell key={column} value={body.rows[place]?.[column] ?? null} numeric={numeric[column] ?? false} />
              ))}
            </div>
          ))}
        </Virtualizer>
      </div>
    </div>
  )
}

type HeadProps = Pick<RowsProps, 'sort' | 'onSort'> & { name: string; column: number; numeric: boolean }

/** Rising, falling, and as it was logged, one after the other. */
function Head({ name, column, numeric, sort, onSort }: HeadProps) {
  const isOn = sort?.column === column
  const next: TableSort | null = !isOn
    ? { column, descending: false }
    : sort.descending
      ? null
      : { column, descending: true }
  const Arrow = isOn && sort.descending ? ArrowDown : ArrowUp
  return (
    <span
      role="columnheader"
      aria-sort={isOn ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className="min-w-0 border-b border-line"
    >
      <button
        type="button"
        onClick={() => onSort(next)}
        title={`Sort by ${name}`}
        className={`group/head flex h-full w-full items-center gap-1 px-3 -outline-offset-2 hover:text-text ${numeric ? 'flex-row-reverse justify-start' : ''} ${isOn ? 'text-text' : 'text-muted'}`}
      >
        <span className="truncate">{name}</span>
        <Arrow size={12} className={`shrink-0 ${isOn ? '' : 'opacity-0 group-hover/head:opacity-50'}`} aria-hidden />
      </button>
    </span>
  )
}

function Cell({ value, numeric }: { value: TableBody['rows'][number][number]; numeric: boolean }) {
  const text = formatScalar(value)
  return (
    <span
      role="cell"
      title={text.length > 24 ? text.slice(0, 1_000) : undefined}
      className={`truncate px-3 leading-[31px] ${numeric ? 'text-right' : ''} ${value === null ? 'text-faint' : ''}`}
    >
      {text}
    </span>
  )
}

/** All of one row: long texts are read here. */
function RowSheet({ body, at, onClose }: { body: TableBody; at: number; onClose: () => void }) {
  return (
    <Sheet open onClose={onClose} title={`Row ${formatCount(at + 1)}`}>
      <dl className="flex flex-col px-4 py-2 sm:px-6">
        {body.columns.map((name, column) => (
          <div key={column} className="border-t border-line py-2 first:border-t-0">
            <dt className="text-12 text-faint">{name}</dt>
            <dd className="wrap-anywhere whitespace-pre-wrap">{formatScalar(body.rows[at]?.[column] ?? null)}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  )
}
