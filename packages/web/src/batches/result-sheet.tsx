import { useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { formatCount } from '@pilothouse/signals'
import { CopyButton } from '../ui/copyable.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { Sheet } from '../ui/sheet.tsx'
import { AnswerText } from './answer-text.tsx'
import { spreadBody } from './check-body.ts'
import type { JoinedRow } from './join-results.ts'
import type { ResultLine } from './result-line.ts'
import { Letter } from './source-bar.tsx'
import type { NamedSource } from './use-results.ts'

/** More would hold up the browser; the file has all of it. */
const shownLengthMax = 200_000

type SheetProps = { row: JoinedRow; sources: readonly NamedSource[]; marksDifferences: boolean; onClose: () => void }

/** All of one request's results: the whole answers, tokens, and the lines as they stand in the files. */
export function ResultSheet({ row, sources, marksDifferences, onClose }: SheetProps) {
  const [first] = row.cells
  return (
    <Sheet open wide onClose={onClose} title={row.customId}>
      <div className="flex flex-col gap-6 px-4 py-4 sm:px-6">
        {sources.map((named, at) => (
          <section key={named.id} aria-label={named.name} className="flex min-w-0 flex-col gap-2">
            <div className="flex items-center gap-2">
              {sources.length > 1 ? <Letter at={at} /> : null}
              <h3 className="min-w-0 flex-1 truncate font-medium" title={named.name}>
                {named.name}
              </h3>
              {row.cells[at] ? (
                <CopyButton text={row.cells[at].text} label={`Copy the answer of ${named.name}`} />
              ) : null}
            </div>
            <CellFacts cell={row.cells[at]} about={named.about} />
            {named.prompts ? <Asked named={named} customId={row.customId} opensAtOnce={at === 0} /> : null}
            <p className="rounded-md border border-line bg-sunken px-3 py-2 wrap-anywhere whitespace-pre-wrap">
              <AnswerText
                cell={row.cells[at]}
                base={marksDifferences && at > 0 ? first : undefined}
                lengthMax={shownLengthMax}
              />
            </p>
            {row.cells[at] ? <RawLine named={named} cell={row.cells[at]} isOpen={sources.length === 1} /> : null}
          </section>
        ))}
      </div>
    </Sheet>
  )
}

function CellFacts({ cell, about }: { cell: ResultLine | undefined; about: string }) {
  if (!cell) return null
  const { tokens, status } = cell
  return (
    <Dotted className="text-12 text-muted">
      {about === '' ? null : <Dot>{about}</Dot>}
      {status === null ? null : <Dot>HTTP {status}</Dot>}
      {tokens === null ? null : (
        <Dot>
          {formatCount(tokens.input)} tokens in, {formatCount(tokens.output)} out
        </Dot>
      )}
    </Dotted>
  )
}

/** What was asked, looked for once somebody wants it; of the first at once. */
function Asked({ named, customId, opensAtOnce }: { named: NamedSource; customId: string; opensAtOnce: boolean }) {
  const [isOpen, setOpen] = useState(opensAtOnce)
  const asked = useQuery({
    queryKey: ['results', 'asked', named.id, customId],
    queryFn: async ({ signal }) => (await named.prompts?.find(customId, signal)) ?? null,
    enabled: isOpen,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <details
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      className="rounded-md border border-line"
    >
      <summary className="cursor-pointer px-3 py-1.5 text-12 text-muted hover:text-text">What was asked</summary>
      <p
        tabIndex={0}
        role="region"
        aria-label={`What was asked of ${named.name}`}
        aria-busy={asked.isFetching}
        className="max-h-80 overflow-auto border-t border-line px-3 py-2 wrap-anywhere whitespace-pre-wrap"
      >
        {asked.data?.slice(0, shownLengthMax) ?? <span className="text-faint">{describeMissing(asked)}</span>}
      </p>
    </details>
  )
}

function describeMissing({ isError, isFetched }: { isError: boolean; isFetched: boolean }): string {
  if (isError) return 'The file of requests cannot be read: perhaps it was deleted.'
  return isFetched ? 'It does not stand in the part of the file that is looked through.' : 'It is looked for …'
}

function RawLine({ named, cell, isOpen }: { named: NamedSource; cell: ResultLine; isOpen: boolean }) {
  const raw = useQuery({
    queryKey: ['results', 'raw', named.id, cell.place.part, cell.place.from],
    queryFn: async ({ signal }) => spreadBody(await named.source.readRaw(cell, signal)).slice(0, shownLengthMax),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <details open={isOpen} className="group rounded-md border border-line">
      <summary className="cursor-pointer px-3 py-1.5 text-12 text-muted hover:text-text">
        The line as it stands in the file
      </summary>
      {raw.error ? (
        <p role="alert" className="px-3 pb-2 wrap-anywhere text-bad">
          {raw.error.message}
        </p>
      ) : (
        <pre
          tabIndex={0}
          aria-label={`JSON of ${named.name}`}
          className="max-h-96 overflow-auto border-t border-line px-3 py-2 font-mono text-12 leading-5 wrap-anywhere whitespace-pre-wrap"
        >
          {raw.data ?? ''}
        </pre>
      )}
    </details>
  )
}
