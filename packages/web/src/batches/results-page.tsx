import { lazy, Suspense, useMemo } from 'react'
import { getRouteApi } from '@tanstack/react-router'
import { formatCount } from '@pilothouse/signals'
import { Download } from 'lucide-react'
import { usePageName } from '../app/crumbs.tsx'
import { nameFile, saveFile } from '../charts/save-chart-picture.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuAction, MenuLabel } from '../ui/menu.tsx'
import { ErrorNotice, Notice } from '../ui/notice.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { useSettled } from '../ui/use-settled.ts'
import { useStored } from '../ui/use-stored.ts'
import { readIds, type ResultFilter, type ResultsSearch } from './batches-search.ts'
import { countWords } from './batch-words.ts'
import { writeCsv, writeJsonl } from './export-results.ts'
import { filterRows, type JoinedRow, joinResults } from './join-results.ts'
import { NoPermission } from './no-permission.tsx'
import { ResultsTable } from './results-table.tsx'
import { SourceBar } from './source-bar.tsx'
import { SourcePicker, useDatasets } from './source-picker.tsx'
import { useBatchRights } from './use-batches.ts'
import { type NamedSource, useSources, useSourceStates } from './use-results.ts'

/** Fetched when somebody opens a row. */
const ResultSheet = lazy(async () => ({ default: (await import('./result-sheet.tsx')).ResultSheet }))
const route = getRouteApi('/frame/batches/compare')
/** Words are looked for when they rest so long, ms. */
const restMs = 200

/** Answers of batches, one beside the other. */
export function ResultsPage() {
  usePageName('Results', 'Results of batches')
  return useBatchRights().maySubmit ? <Results /> : <NoPermission />
}

function Results() {
  const ids = readIds(route.useSearch().ids)
  const { sources, error, retry } = useSources(ids)
  const navigate = route.useNavigate()
  const choose = (next: readonly string[]): void =>
    void navigate({ search: next.length === 0 ? {} : { ids: next.join(',') }, replace: true })
  return (
    <div className="flex h-full flex-col gap-3 overflow-y-auto px-4 py-4 sm:px-6">
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-20 font-semibold tracking-tight">Results</h1>
        <SourcePicker ids={ids} onAdd={(id) => choose([...ids, id])} />
      </header>
      {ids.length === 0 ? (
        <NoSources />
      ) : error ? (
        <ErrorNotice error={error} onRetry={retry} />
      ) : sources ? (
        <Loaded sources={sources} onRemove={(id) => choose(ids.filter((one) => one !== id))} />
      ) : (
        <div className="waits h-40 rounded-lg border border-line bg-surface" aria-busy="true" aria-label="On its way" />
      )}
    </div>
  )
}

function NoSources() {
  const { data } = useDatasets()
  return (
    <Notice title="Choose what to read">
      <p>
        «Add results …» lists batches, the files they have made, and files of results in folders of the server. One
        alone is a table of its answers; up to four stand side by side by the custom_id of their requests, with what
        differs marked word by word.
      </p>
      {data?.datasets.length === 0 ? (
        <p>
          Of older tools there are no files yet: PILOTHOUSE_RESULT_FOLDERS names folders of the server, in which it
          looks for .jsonl files.
        </p>
      ) : null}
      {data?.isCut ? <p>Of the files in folders the first {formatCount(data.datasets.length)} are listed.</p> : null}
    </Notice>
  )
}

function Loaded({ sources, onRemove }: { sources: readonly NamedSource[]; onRemove: (id: string) => void }) {
  const states = useSourceStates(sources)
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const text = useSettled(search.q ?? '', restMs)
  const [marks, setMarks] = useStored('batches.marks', (kept) => kept !== 'false')
  const joined = useMemo(() => joinResults(states), [states])
  const rows = useMemo(() => filterRows(joined, search.only, text), [joined, search.only, text])
  const opened = search.row === undefined ? undefined : joined.find(({ customId }) => customId === search.row)
  const openRow = (row: string | undefined): void =>
    void navigate({ search: ({ row: _, ...rest }) => (row === undefined ? rest : { ...rest, row }) })
  const isReading = states.some((state) => state.isReading)
  return (
    <>
      <SourceBar
        sources={sources}
        states={states}
        onRemove={onRemove}
        onReadOn={({ source }) => void source.readOn(new AbortController().signal)}
      />
      <Toolbar search={search} rows={rows} joined={joined} sources={sources} marks={marks} onMarks={setMarks} />
      {rows.length > 0 ? (
        <div className="flex min-h-96 flex-1 flex-col">
          <ResultsTable rows={rows} sources={sources} marksDifferences={marks} onOpen={openRow} />
        </div>
      ) : (
        <p className="py-10 text-center text-muted">{describeNone(search, joined.length, isReading)}</p>
      )}
      {opened ? (
        <Suspense fallback={null}>
          <ResultSheet row={opened} sources={sources} marksDifferences={marks} onClose={() => openRow(undefined)} />
        </Suspense>
      ) : null}
    </>
  )
}

function describeNone({ only, q }: ResultsSearch, total: number, isReading: boolean): string {
  if (total === 0) return isReading ? 'The results are being read.' : 'There are no results yet.'
  if (q !== undefined) return 'No result that was read has these words.'
  return only === 'failed' ? 'None of what was read has failed.' : 'All that was read says the same.'
}

type ToolbarProps = {
  search: ResultsSearch
  rows: readonly JoinedRow[]
  joined: readonly JoinedRow[]
  sources: readonly NamedSource[]
  marks: boolean
  onMarks: (marks: boolean) => void
}

function Toolbar({ search, rows, joined, sources, marks, onMarks }: ToolbarProps) {
  const navigate = route.useNavigate()
  const isPlural = sources.length > 1
  const setText = (text: string): void =>
    void navigate({ search: ({ q: _, ...rest }) => (text === '' ? rest : { ...rest, q: text }), replace: true })
  const turn = (filter: ResultFilter): void =>
    void navigate({
      search: ({ only, ...rest }) => (only === filter ? rest : { ...rest, only: filter }),
      replace: true,
    })
  return (
    <div className="flex flex-wrap items-center gap-2">
      <SearchField label="Find in ids and answers" text={search.q ?? ''} onText={setText} className="w-full sm:w-72" />
      {isPlural ? (
        <Button aria-pressed={search.only === 'different'} onClick={() => turn('different')}>
          Only different{' '}
          <span className="font-normal">{formatCount(joined.filter((row) => row.isDifferent).length)}</span>
        </Button>
      ) : null}
      <Button aria-pressed={search.only === 'failed'} onClick={() => turn('failed')}>
        Only failed <span className="font-normal">{formatCount(joined.filter((row) => row.hasFailed).length)}</span>
      </Button>
      {isPlural ? (
        <Button aria-pressed={marks} onClick={() => onMarks(!marks)}>
          Mark differences
        </Button>
      ) : null}
      <span className="ml-auto text-12 text-muted" role="status">
        {rows.length === joined.length
          ? countWords(joined.length, 'request')
          : `${formatCount(rows.length)} of ${countWords(joined.length, 'request')}`}
      </span>
      <ExportMenu rows={rows} sources={sources} />
    </div>
  )
}

function ExportMenu({ rows, sources }: Pick<ToolbarProps, 'rows' | 'sources'>) {
  const names = sources.map(({ name }, at) => (sources.length > 1 ? `${String.fromCharCode(65 + at)} ${name}` : name))
  const save = (text: string, type: string, ending: string): void =>
    saveFile(new Blob([text], { type }), `${nameFile(`results ${names.join(' ')}`)}.${ending}`)
  return (
    <Menu
      align="end"
      trigger={
        <Button disabled={rows.length === 0}>
          <Download size={14} aria-hidden /> Export
        </Button>
      }
    >
      <MenuLabel>{countWords(rows.length, 'row')} as they are read and filtered</MenuLabel>
      <MenuAction onClick={() => save(writeCsv(rows, names), 'text/csv', 'csv')}>CSV</MenuAction>
      <MenuAction onClick={() => save(writeJsonl(rows, names), 'application/jsonl', 'jsonl')}>JSONL</MenuAction>
    </Menu>
  )
}
