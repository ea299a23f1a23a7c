import { VList } from 'virtua'
import { formatCount } from '@pilothouse/signals'
import { AnswerText } from './answer-text.tsx'
import type { JoinedRow } from './join-results.ts'
import { Letter } from './source-bar.tsx'
import type { NamedSource } from './use-results.ts'

/** Characters of an answer in a row; the sheet has all. */
const shownLengthMax = 1_200

type TableProps = {
  rows: readonly JoinedRow[]
  sources: readonly NamedSource[]
  marksDifferences: boolean
  onOpen: (customId: string) => void
}

/** A request a row, the answers beside each other; on a phone below each other. Only rows in sight are there. */
export function ResultsTable({ rows, sources, marksDifferences, onOpen }: TableProps) {
  const isPlural = sources.length > 1
  const columns = {
    gridTemplateColumns: `minmax(120px, 200px) repeat(${sources.length}, minmax(0, 1fr))${isPlural ? '' : ' 120px'}`,
  }
  return (
    <div
      role="table"
      aria-label="Results"
      aria-rowcount={rows.length + 1}
      className="flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-surface"
    >
      <div role="rowgroup" className="border-b border-line max-md:sr-only">
        <div role="row" style={columns} className="grid gap-x-4 px-3 py-1.5 text-12 text-muted md:pr-6">
          <span role="columnheader">custom_id</span>
          {sources.map(({ id, name }, at) => (
            <span key={id} role="columnheader" className="flex min-w-0 items-center gap-2">
              {isPlural ? <Letter at={at} /> : null}
              <span className="truncate">{isPlural ? name : 'Answer'}</span>
            </span>
          ))}
          {isPlural ? null : (
            <span role="columnheader" className="text-right">
              Tokens in, out
            </span>
          )}
        </div>
      </div>
      <VList
        data={rows}
        itemSize={64}
        className="min-h-0 flex-1"
        tabIndex={0}
        role="rowgroup"
        aria-label="Rows of results"
      >
        {(row) => (
          <Row
            key={row.customId}
            row={row}
            columns={columns}
            isPlural={isPlural}
            marksDifferences={marksDifferences}
            onOpen={() => onOpen(row.customId)}
          />
        )}
      </VList>
    </div>
  )
}

type RowProps = {
  row: JoinedRow
  columns: { gridTemplateColumns: string }
  isPlural: boolean
  marksDifferences: boolean
  onOpen: () => void
}

function Row({ row, columns, isPlural, marksDifferences, onOpen }: RowProps) {
  const [first] = row.cells
  return (
    <div
      role="row"
      style={columns}
      className="relative flex flex-col gap-1 border-b border-line px-3 py-2 hover:bg-hover md:grid md:gap-x-4 md:pr-6"
    >
      <div role="cell" className="flex min-w-0 flex-wrap items-start gap-x-2">
        <button
          type="button"
          onClick={onOpen}
          className="min-w-0 text-left font-mono text-12 leading-5 wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {row.customId}
        </button>
        {isPlural && row.isDifferent ? <span className="text-12 leading-5 text-warn">≠ different</span> : null}
      </div>
      {row.cells.map((cell, at) => (
        <div key={at} role="cell" className="flex min-w-0 gap-2">
          {isPlural ? (
            <span className="md:hidden">
              <Letter at={at} />
            </span>
          ) : null}
          <p className="line-clamp-6 min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap">
            <AnswerText cell={cell} base={marksDifferences && at > 0 ? first : undefined} lengthMax={shownLengthMax} />
          </p>
        </div>
      ))}
      {isPlural ? null : (
        <div role="cell" className="text-12 leading-5 text-muted md:text-right">
          {first?.tokens ? `${formatCount(first.tokens.input)}, ${formatCount(first.tokens.output)}` : '–'}
          <span className="md:hidden"> tokens in, out</span>
        </div>
      )}
    </div>
  )
}
