import { useId, useState, type ReactNode } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { SearchKeysAnswer } from '@pilothouse/contract'
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react'
import { useServices } from '../app/services.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { useJobStatistics } from './jobs-feed.ts'
import type { JobsSearch } from './jobs-search.ts'
import { columnsMax, nameColumn, plainColumns, type Column } from './job-columns.ts'

const offeredMax = 30

/** Which columns the table has, in which order: those of every job, metrics, settings. It shows at once. */
export function ColumnsDialog({ columns, onClose }: { columns: readonly Column[]; onClose: () => void }) {
  const navigate = useNavigate({ from: '/' })
  const change = (next: readonly Column[] | undefined): void =>
    void navigate({
      search: ({ columns: _, ...rest }: JobsSearch) => (next === undefined ? rest : { ...rest, columns: [...next] }),
      replace: true,
    })
  const move = (at: number, by: number): void => {
    const next = [...columns]
    next.splice(at + by, 0, ...next.splice(at, 1))
    change(next)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Columns"
      actions={
        <>
          <Button onClick={() => change(undefined)}>The usual ones</Button>
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <ol className="flex flex-col" aria-label="Columns of the table">
        {columns.map((column, at) => (
          <li key={column} className="flex h-8 items-center gap-1 rounded-md pl-1 hover:bg-hover">
            <span className="min-w-0 flex-1 truncate" title={column}>
              {nameColumn(column)}
            </span>
            <Tool name={`Move ${nameColumn(column)} up`} disabled={at === 0} onClick={() => move(at, -1)}>
              <ArrowUp size={14} aria-hidden />
            </Tool>
            <Tool
              name={`Move ${nameColumn(column)} down`}
              disabled={at === columns.length - 1}
              onClick={() => move(at, 1)}
            >
              <ArrowDown size={14} aria-hidden />
            </Tool>
            <Tool
              name={`Remove ${nameColumn(column)}`}
              disabled={columns.length === 1}
              onClick={() => change(columns.filter((one) => one !== column))}
            >
              <X size={14} aria-hidden />
            </Tool>
          </li>
        ))}
      </ol>
      <AddColumn columns={columns} add={(column) => change([...columns, column])} />
    </Dialog>
  )
}

function Tool({ name, ...rest }: { name: string; disabled: boolean; onClick: () => void; children: ReactNode }) {
  return <Button look="quiet" square aria-label={name} title={name} {...rest} />
}

function AddColumn({ columns, add }: { columns: readonly Column[]; add: (column: Column) => void }) {
  const { client } = useServices()
  const [text, setText] = useState('')
  const headId = useId()
  const keys = useQuery({
    queryKey: ['search-keys', 'columns', text],
    queryFn: async ({ signal }) => client.call('search.keys', { query: { search: text, limit: offeredMax }, signal }),
    staleTime: 30_000,
    placeholderData: (before) => before,
  })
  const lower = text.toLowerCase()
  const costWeek = useJobStatistics().data?.costWeek ?? null
  const plain = plainColumns.filter(
    (column) => nameColumn(column).toLowerCase().includes(lower) && (column !== 'cost' || costWeek !== null),
  )
  const offered = [...plain, ...(keys.data?.keys ?? []).flatMap(listColumnsOf)].filter((one) => !columns.includes(one))
  const isFull = columns.length >= columnsMax
  return (
    <section className="mt-3 flex flex-col gap-2 border-t border-line pt-3" aria-labelledby={headId}>
      <h3 id={headId} className="text-12 text-muted">
        {isFull ? `A table has at most ${columnsMax} columns` : 'Add a column'}
      </h3>
      <SearchField label="Search columns, metrics and settings" text={text} onText={setText} className="w-full" />
      {keys.isError ? <p className="text-bad">{keys.error.message}</p> : null}
      <ul className="flex h-44 flex-col overflow-y-auto" aria-label="Columns to add">
        {offered.map((column) => (
          <li key={column}>
            <button
              type="button"
              disabled={isFull}
              onClick={() => add(column)}
              className="touchable flex h-7 w-full items-center gap-2 rounded-sm px-1 text-left hover:bg-hover disabled:opacity-50"
            >
              <Plus size={12} className="shrink-0 text-faint" aria-hidden />
              <span className="min-w-0 truncate" title={column}>
                {nameColumn(column)}
              </span>
              <span className="ml-auto shrink-0 text-12 text-faint">{describeColumn(column)}</span>
            </button>
          </li>
        ))}
        {offered.length === 0 && keys.isFetched ? (
          <li className="px-1 text-faint">Nothing is called like this.</li>
        ) : null}
      </ul>
    </section>
  )
}

/** A metric can stand there with its last, lowest and highest value. */
function listColumnsOf({ kind, key }: SearchKeysAnswer['keys'][number]): Column[] {
  return kind === 'metric' ? [`metric:${key}`, `min:${key}`, `max:${key}`] : [`${kind}:${key}`]
}

function describeColumn(column: Column): string {
  if (column.startsWith('config:')) return 'Setting'
  if (column.startsWith('summary:')) return 'Summary'
  return column.includes(':') ? 'Metric' : ''
}
