import { useEffect, useRef } from 'react'
import type { BatchCard, BatchLog as Log } from '@pilothouse/contract'
import { formatClockTime, formatExactTime } from '../app/format-clock-time.ts'
import { useBatchLog } from './use-batches.ts'

const tones: Record<Log['lines'][number]['level'], string> = { info: '', warning: 'text-warn', error: 'text-bad' }
/** So near its end it is followed, px. */
const nearPx = 24

/** What happened to it, the newest at the foot, which is followed until somebody scrolls up. */
export function BatchLog({ batch }: { batch: Pick<BatchCard, 'id' | 'status'> }) {
  const log = useBatchLog(batch)
  const box = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  const lines = log.data?.lines ?? []
  const newest = lines.at(-1)?.n
  useEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight
  }, [newest])
  if (log.error && !log.data)
    return (
      <p role="alert" className="px-4 py-3 text-bad">
        The log could not be read: {log.error.message}
      </p>
    )
  return (
    <div
      ref={box}
      tabIndex={0}
      role="log"
      aria-label="Log of the batch"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < nearPx
      }}
      className="max-h-72 min-h-16 overflow-y-auto rounded-b-lg bg-log px-3 py-2 font-mono text-12 leading-5 -outline-offset-2 sm:px-4"
    >
      {lines.length === 0 ? <p className="text-muted">{log.isPending ? '' : 'Nothing happened yet.'}</p> : null}
      {lines.map(({ n, at, level, text }) => (
        <p key={n} className={`flex gap-3 ${tones[level]}`}>
          <time className="shrink-0 text-faint" title={formatExactTime(at)}>
            {formatClockTime(at)}
          </time>
          <span className="min-w-0 whitespace-pre-wrap wrap-anywhere">
            {level === 'info' ? '' : `${level}: `}
            {text}
          </span>
        </p>
      ))}
    </div>
  )
}
