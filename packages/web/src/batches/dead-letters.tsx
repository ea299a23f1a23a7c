import { lazy, Suspense, useState } from 'react'
import { useNavigate } from '@tanstack/react-router'
import type { BatchDetail, DeadLetter } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'
import { ChevronRight, Pencil, RotateCw } from 'lucide-react'
import { formatExactTime } from '../app/format-clock-time.ts'
import { Button } from '../ui/button.tsx'
import { Dot, Dotted } from '../ui/dotted.tsx'
import { countWords, failureWords, formatTook } from './batch-words.ts'
import { spreadBody } from './check-body.ts'
import { Panel } from './panel.tsx'
import { useBatchChanges, useDeadLetters } from './use-batches.ts'

/** Fetched when somebody edits one. */
const EditLetterDialog = lazy(async () => ({
  default: (await import('./edit-letter-dialog.tsx')).EditLetterDialog,
}))

type Code = DeadLetter['code']
type LettersProps = { batch: BatchDetail; code: Code | undefined; onCode: (code: Code | undefined) => void }

/** Requests that failed for good: why, what was asked, and the way to send them again. */
export function DeadLetters({ batch, code, onCode }: LettersProps) {
  const found = useDeadLetters(batch, code)
  const [edited, setEdited] = useState<DeadLetter>()
  const navigate = useNavigate()
  const open = (id: string): void => void navigate({ to: '/batches/$id', params: { id } })
  const letters = found.data?.pages.flatMap((page) => page.letters) ?? []
  const all = batch.failures.reduce((sum, { count }) => sum + count, 0)
  return (
    <Panel title="Failed requests" aside={<RetryAll batch={batch} count={all} onSent={open} />}>
      <Codes failures={batch.failures} code={code} all={all} onCode={onCode} />
      {found.error && !found.data ? (
        <p role="alert" className="px-4 py-3 text-bad">
          They could not be read: {found.error.message}
        </p>
      ) : null}
      <ul aria-label="Failed requests" aria-busy={found.isPlaceholderData}>
        {letters.map((letter) => (
          <Letter key={letter.line} id={batch.id} letter={letter} onEdit={() => setEdited(letter)} onSent={open} />
        ))}
      </ul>
      {found.hasNextPage ? (
        <div className="flex justify-center border-t border-line p-2">
          <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
      {edited ? (
        <Suspense fallback={null}>
          <EditLetterDialog id={batch.id} letter={edited} onClose={() => setEdited(undefined)} onSent={open} />
        </Suspense>
      ) : null}
    </Panel>
  )
}

function RetryAll({ batch, count, onSent }: { batch: BatchDetail; count: number; onSent: (id: string) => void }) {
  const { retry } = useBatchChanges()
  if (count === 0) return null
  return (
    <Button
      disabled={retry.isPending}
      onClick={() => retry.mutate({ id: batch.id }, { onSuccess: ({ id }) => onSent(id) })}
    >
      <RotateCw size={14} aria-hidden /> {retry.isPending ? 'Sending …' : `Send ${count === 1 ? 'it' : 'all'} again`}
    </Button>
  )
}

type CodesProps = Pick<LettersProps, 'code' | 'onCode'> & { failures: BatchDetail['failures']; all: number }

/** Failures by their class; one of them chosen shows only those. */
function Codes({ failures, code, all, onCode }: CodesProps) {
  return (
    <div role="group" aria-label="By class" className="flex flex-wrap gap-1.5 px-3 py-2 sm:px-4">
      <Button aria-pressed={code === undefined} onClick={() => onCode(undefined)}>
        All <span className="font-normal">{formatCount(all)}</span>
      </Button>
      {failures.map(({ code: one, count }) => (
        <Button key={one} title={failureWords[one].what} aria-pressed={code === one} onClick={() => onCode(one)}>
          {failureWords[one].name} <span className="font-normal">{formatCount(count)}</span>
        </Button>
      ))}
    </div>
  )
}

type LetterProps = { id: string; letter: DeadLetter; onEdit: () => void; onSent: (id: string) => void }

function Letter({ id, letter, onEdit, onSent }: LetterProps) {
  const { retry } = useBatchChanges()
  const { line, customId, code, message, status, attempts, tookMs, at, body } = letter
  return (
    <li className="border-t border-line">
      <details className="group">
        <summary className="flex cursor-pointer list-none gap-2 px-3 py-2 -outline-offset-2 hover:bg-hover sm:px-4 [&::-webkit-details-marker]:hidden">
          <ChevronRight
            size={14}
            aria-hidden
            className="mt-[3px] shrink-0 text-faint transition-transform group-open:rotate-90"
          />
          <div className="min-w-0 flex-1">
            <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
              <span className="min-w-0 font-mono text-12 leading-5 wrap-anywhere">{customId}</span>
              <span className="text-12 text-bad">
                {failureWords[code].name}
                {status === null ? '' : ` · ${status}`}
              </span>
            </div>
            <p className="line-clamp-2 wrap-anywhere text-muted group-open:line-clamp-none">{message}</p>
          </div>
        </summary>
        <div className="flex flex-col gap-2 px-3 pt-2 pb-3 pl-8.5 sm:px-4 sm:pl-9.5">
          <Dotted className="text-12 text-muted">
            <Dot>line {formatCount(line)}</Dot>
            <Dot>{countWords(attempts, 'attempt')}</Dot>
            <Dot>took {formatTook(tookMs)}</Dot>
            <Dot>{formatExactTime(at)}</Dot>
          </Dotted>
          {body === null ? (
            <p className="text-muted">
              What was asked is too long to be shown here. It stands in the file of requests.
            </p>
          ) : (
            <pre
              tabIndex={0}
              aria-label={`What ${customId} asked`}
              className="max-h-80 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-12 leading-5 whitespace-pre-wrap wrap-anywhere"
            >
              {spreadBody(body)}
            </pre>
          )}
          <div className="flex flex-wrap gap-1.5">
            <Button
              disabled={retry.isPending}
              onClick={() => retry.mutate({ id, lines: [line] }, { onSuccess: (child) => onSent(child.id) })}
            >
              <RotateCw size={14} aria-hidden /> Send again
            </Button>
            {body === null ? null : (
              <Button onClick={onEdit}>
                <Pencil size={14} aria-hidden /> Edit and send
              </Button>
            )}
          </div>
        </div>
      </details>
    </li>
  )
}
