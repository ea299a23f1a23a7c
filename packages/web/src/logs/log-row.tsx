import { memo, type ReactNode } from 'react'
import type { LogLine } from '@pilothouse/contract'
import { formatExactTime } from '../app/format-clock-time.ts'
import { parseAnsi, type AnsiSpan } from './parse-ansi.ts'

/** The colour of a line by its level. */
export const tones = { debug: 'text-faint', info: '', warning: 'text-warn', error: 'text-bad' }
/** More of one line than this is cut in the view; the download has it whole. */
export const shownCharactersMax = 8_000

export type RowLook = {
  /** What stands before the line; undefined = nothing does. */
  time: string | undefined
  timeClass: string
  wraps: boolean
}

const rowClass = 'flex gap-3 px-4 sm:px-6'

/** One printed line: time, text with its colours, matches marked. */
export const LogRow = memo(function LogRow({
  line,
  search,
  isCurrent,
  time,
  timeClass,
  wraps,
}: RowLook & { line: LogLine; search: string; isCurrent: boolean }) {
  return (
    <div className={`${rowClass} hover:bg-hover ${isCurrent ? 'bg-accent-soft' : ''}`} data-line={line.n}>
      {time === undefined ? null : (
        <time
          className={`shrink-0 text-faint select-none ${timeClass}`}
          title={`line ${line.n + 1}, ${formatExactTime(line.time)}, ${line.stream}`}
        >
          {time}
        </time>
      )}
      <LogText text={line.text} tone={tones[line.level]} search={search} wraps={wraps} />
    </div>
  )
})

/** The line that a progress bar is still writing. */
export function OpenRow({ text, time, timeClass, wraps }: RowLook & { text: string }) {
  return (
    <div className={rowClass} data-open>
      {time === undefined ? null : (
        <span
          className={`shrink-0 text-right text-faint select-none ${timeClass}`}
          title="This line is still being written."
        >
          …
        </span>
      )}
      <LogText text={text} tone="text-muted" search="" wraps={wraps} />
    </div>
  )
}

/** What was printed, with its colours; the text that is searched for is marked. */
export function LogText({
  text,
  tone,
  search,
  wraps = true,
}: {
  text: string
  tone: string
  search: string
  wraps?: boolean
}) {
  const cut = text.length > shownCharactersMax
  const spans = parseAnsi(cut ? text.slice(0, shownCharactersMax) : text)
  return (
    <span
      className={`${wraps ? 'min-w-0 flex-1 break-words whitespace-pre-wrap wrap-anywhere' : 'whitespace-pre'} ${tone}`}
    >
      {spans.length === 0 ? '\u00a0' : spans.map((span, at) => renderSpan(span, at, search))}
      {cut ? <span className="text-faint"> … {text.length - shownCharactersMax} more characters</span> : null}
    </span>
  )
}

function renderSpan(span: AnsiSpan, key: number, search: string): ReactNode {
  const content = search === '' ? span.text : markMatches(span.text, search)
  const { colour, ground, bold, faint, italic, underline } = span
  if (colour === null && ground === null && !bold && !faint && !italic && !underline)
    return <span key={key}>{content}</span>
  const look = `${bold ? 'font-semibold ' : ''}${faint ? 'opacity-75 ' : ''}${italic ? 'italic ' : ''}${underline ? 'underline' : ''}`
  return (
    <span
      key={key}
      className={look}
      style={{ ...(colour === null ? {} : { color: colour }), ...(ground === null ? {} : { background: ground }) }}
    >
      {content}
    </span>
  )
}

function markMatches(text: string, search: string): ReactNode {
  const needle = search.toLowerCase()
  const pieces: ReactNode[] = []
  let from = 0
  for (let at = text.toLowerCase().indexOf(needle); at !== -1; at = text.toLowerCase().indexOf(needle, from)) {
    if (at > from) pieces.push(text.slice(from, at))
    pieces.push(
      <mark key={at} className="rounded-[2px] bg-[color-mix(in_oklch,var(--warn)_35%,transparent)] text-inherit">
        {text.slice(at, at + needle.length)}
      </mark>,
    )
    from = at + needle.length
  }
  pieces.push(text.slice(from))
  return pieces
}
