import { formatBytes, formatCount } from '@pilothouse/signals'
import { Link } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { countWords } from './batch-words.ts'
import type { SourceState } from './result-source.ts'
import type { NamedSource } from './use-results.ts'

type BarProps = {
  sources: readonly NamedSource[]
  states: readonly SourceState[]
  onRemove: (id: string) => void
  onReadOn: (source: NamedSource) => void
}

/** Which results stand side by side, how far each is read, and the way to read on. */
export function SourceBar({ sources, states, onRemove, onReadOn }: BarProps) {
  return (
    <ul aria-label="Sources" className="grid gap-2 sm:grid-cols-2 xl:grid-cols-4">
      {sources.map((named, at) => {
        const state = states[at]
        return (
          <li key={named.id} className="min-w-0 rounded-lg border border-line bg-surface p-2.5">
            <div className="flex items-center gap-2">
              {sources.length > 1 ? <Letter at={at} /> : null}
              <SourceLink named={named} />
              <Button
                look="quiet"
                square
                aria-label={`Take ${named.name} away`}
                title="Take away"
                onClick={() => onRemove(named.id)}
              >
                <X size={14} aria-hidden />
              </Button>
            </div>
            {state ? <Reading named={named} state={state} onReadOn={() => onReadOn(named)} /> : null}
          </li>
        )
      })}
    </ul>
  )
}

/** Names a source in a few pixels: A, B, C, D. */
export function Letter({ at }: { at: number }) {
  return (
    <span className="inline-flex size-5 shrink-0 items-center justify-center rounded-sm bg-hover font-mono text-12 font-medium">
      {String.fromCharCode(65 + at)}
    </span>
  )
}

function SourceLink({ named: { id, name } }: { named: NamedSource }) {
  const look = 'min-w-0 flex-1 truncate font-medium'
  if (!id.startsWith('batch_'))
    return (
      <span className={look} title={name}>
        {name}
      </span>
    )
  return (
    <Link to="/batches/$id" params={{ id }} title={name} className={`${look} touchable rounded-sm hover:underline`}>
      {name}
    </Link>
  )
}

function Reading({ named, state, onReadOn }: { named: NamedSource; state: SourceState; onReadOn: () => void }) {
  const { lines, readBytes, totalBytes, isReading, isWhole, isFull, error, strange } = state
  const share = isWhole ? 1 : totalBytes === null || totalBytes === 0 ? null : Math.min(1, readBytes / totalBytes)
  return (
    <div className="flex flex-col gap-1">
      <div className="flex min-h-7 items-center justify-between gap-2 text-12 text-muted">
        <span className="min-w-0 wrap-anywhere">
          {named.about === '' ? '' : `${named.about} · `}
          {countWords(lines.length, 'result')}
          {isWhole
            ? ''
            : totalBytes === null
              ? ', more to read'
              : `, ${formatBytes(readBytes)} of ${formatBytes(totalBytes)}`}
          {strange > 0 ? `, ${formatCount(strange)} strange lines` : ''}
        </span>
        {isReading ? (
          <span>reading …</span>
        ) : isWhole || isFull ? null : (
          <Button aria-label={`Read on in ${named.name}`} onClick={onReadOn}>
            Read on
          </Button>
        )}
      </div>
      {share === null || isWhole ? null : (
        <div
          role="progressbar"
          aria-label={`Read of ${named.name}`}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(share * 100)}
          className="h-1 overflow-hidden rounded-full bg-line"
        >
          <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {isFull ? <p className="text-12 text-warn">No more fits here: download the file for the rest.</p> : null}
      {error === undefined ? null : (
        <p role="alert" className="text-12 wrap-anywhere text-bad">
          {error}
        </p>
      )}
    </div>
  )
}
