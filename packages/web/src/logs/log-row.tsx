import { memo, type ReactNode } from 'react'
import type { LogLine } from '@pilothouse/contract'
import { formatClockTime, formatExactTime } from '../app/format-clock-time.ts'
import { parseAnsi, type AnsiSpan } from './parse-ansi.ts'

/** The colour of a line by its level. */
export const tones = { debug: 'text-faint', info: '', warning: 'text-warn', error: 'text-bad' }
/** More of one line than this is cut in the view; the download has it whole. */
const shownCharactersMax = 8_000

/** One printed line: time, text with its colours, matches marked. */
export const LogRow = memo(function LogRow({
  line,
  search,
  isCurrent,
}: {
  line: LogLine
  search: string
  isCurrent: boolean
}) {
  return (
    <div className={`flex gap-3 px-4 hover:bg-hover sm:px-6 ${isCurrent ? 'bg-accent-soft' : ''}`} data-line={line.n}>
      <time
        className="shrink-0 text-faint select-none max-sm:hidden"
        title={`line ${line.n + 1}, ${formatExactTime(line.time)}, ${line.stream}`}
      >
        {formatClockTime(line.time)}
      </time>
      <LogText text={line.text} tone={tones[line.level]} search={search} />
    </div>
  )
})

/** The line that a progress bar is still writing. */
export function OpenRow({ text }: { text: string }) {
  return (
    <div className="flex gap-3 px-4 sm:px-6" data-open>
      <span className="shrink-0 text-faint select-none max-sm:hidden" title="This line is still being written.">
        {'      …\u00a0'}
      </span>
      <LogText text={text} tone="text-muted" search="" />
    </div>
  )
}

/** What was printed, with its colours; the text that is searched for is marked. */
export function LogText({ text, tone, search }: { text: string; tone: string; search: string }) {
  const cut = text.length > shownCharactersMax
  const spans = parseAnsi(cut ? text.slice(0, shownCharactersMax) : text)
  return (
    <span className={`min-w-0 flex-1 break-words whitespace-pre-wrap wrap-anywhere ${tone}`}>
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
