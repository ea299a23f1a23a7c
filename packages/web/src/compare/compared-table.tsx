import type { ReactNode } from 'react'
import type { ComparedJob } from '@pilothouse/contract'
import type { TableRow } from '@pilothouse/signals'
import { JobHeads } from './job-heads.tsx'

/** Rows shown at most; the search field of the page finds the others. */
const rowsMax = 500

type TableProps = {
  title: string
  jobs: readonly ComparedJob[]
  rows: readonly TableRow[]
  nothing: string
  children?: ReactNode
  /** Heads of the columns, where these are not the jobs. */
  heads?: ReactNode
}

/** Names down, jobs across; the names stay in sight. */
export function ComparedTable({ title, jobs, rows, nothing, children, heads }: TableProps) {
  return (
    <section aria-label={title} className="overflow-hidden rounded-lg border border-line bg-surface">
      <header className="flex min-h-9 flex-wrap items-center gap-3 px-3 py-1.5">
        <h2 className="mr-auto font-medium">{title}</h2>
        {children}
      </header>
      {rows.length === 0 ? (
        <p className="border-t border-line px-3 py-3 text-muted">{nothing}</p>
      ) : (
        <div
          tabIndex={0}
          role="region"
          aria-label={`${title}, table`}
          className="max-h-[70dvh] overflow-auto border-t border-line -outline-offset-2"
        >
          <table className="border-collapse">
            <thead className="sticky top-0 z-20 bg-surface">
              <tr>
                <th
                  scope="col"
                  className="sticky left-0 z-10 bg-surface px-3 py-1.5 text-left text-12 font-normal text-muted"
                >
                  Name
                </th>
                {heads ?? <JobHeads jobs={jobs} />}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, rowsMax).map((row) => (
                <Row key={row.name} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > rowsMax ? (
        <p className="border-t border-line px-3 py-2 text-muted">and {rows.length - rowsMax} more rows</p>
      ) : null}
    </section>
  )
}

function Row({ row: { name, note, cells, marked } }: { row: TableRow }) {
  return (
    <tr className="border-t border-line">
      <th
        scope="row"
        title={name}
        className="sticky left-0 max-w-40 truncate bg-surface px-3 py-1 text-left font-normal text-muted sm:max-w-72"
      >
        {name}
        {note === undefined ? null : <span className="pl-1.5 text-12 text-faint">{note}</span>}
      </th>
      {cells.map((text, at) => (
        <td
          key={at}
          title={text}
          className={`max-w-56 truncate px-3 py-1 ${marked?.[at] ? 'font-semibold text-accent' : ''} ${text === undefined ? 'text-faint' : ''}`}
        >
          {text ?? '–'}
          {marked?.[at] ? <span className="sr-only"> (stands out)</span> : null}
        </td>
      ))}
    </tr>
  )
}
