import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { Job } from '@pilothouse/contract'
import { useCommands } from '../app/commands.ts'
import { useServices } from '../app/services.ts'
import { useStored } from '../ui/use-stored.ts'
import { logTimes } from './format-log-time.ts'
import type { LogFeed, LogView } from './log-feed.ts'
import { LogList, type LogListHandle } from './log-list.tsx'
import type { LogLook } from './log-menus.tsx'
import type { LogFilter } from './log-reader.ts'
import { LogToolbar } from './log-toolbar.tsx'
import { useErrorLine } from './use-error-line.ts'
import { useLogFilter } from './use-log-filter.ts'
import { useLogSearch } from './use-log-search.ts'

export type LogPanelProps = {
  feed: LogFeed
  job: Job
  /** Why there may be no lines, in words. */
  emptyWords: string
  /** Number of the line to begin at; absent = the end. */
  line?: number | undefined
  /** Stands in front of the tools. */
  children?: ReactNode
  /** Folded: tools only. */
  isOpen?: boolean
}

/** The log as a terminal shows it, with what a terminal lacks: search, levels, times, download. */
export function LogPanel({ feed, job, emptyWords, line, children, isOpen = true }: LogPanelProps) {
  const { client } = useServices()
  const { uid, attempt } = job
  const view = useSyncExternalStore(feed.subscribe, feed.view)
  const [text, setText] = useState('')
  const [isRegex, setRegex] = useState(false)
  const [filter, setFilter] = useLogFilter(feed)
  const [current, setCurrent] = useState(line)
  const list = useRef<LogListHandle>(null)
  const [start, setStart] = useState(line)
  // The list is made anew for the other way of wrapping, and stays where it was.
  const look = useLogLook({ onWrap: () => setStart(list.current?.findMiddle()) })
  const show = (wanted: number): void => {
    setCurrent(wanted)
    list.current?.scrollToLine(wanted)
    void feed.show(wanted)
  }
  const isReady = view.status === 'ready'
  useEffect(() => {
    if (line === undefined || !isReady) return
    setCurrent(line)
    list.current?.scrollToLine(line)
    void feed.show(line)
  }, [feed, line, isReady])
  const calls = { client, uid, attempt, filter, onShow: show }
  const { matches, step } = useLogSearch({ text, isRegex }, calls)
  const find = useErrorLine(calls)
  useCommands({ nextError: () => find('forward'), previousError: () => find('backward') })
  return (
    <section aria-label="Log" className="flex h-full min-h-0 flex-col bg-log">
      <LogToolbar
        view={view}
        text={text}
        onText={(next) => {
          setText(next)
          if (next.trim() === '') setCurrent(undefined)
        }}
        isRegex={isRegex}
        onRegex={setRegex}
        matches={matches}
        onStep={step}
        filter={filter}
        onFilter={setFilter}
        look={look}
        onClear={() => feed.clear()}
        onGo={show}
        isOpen={isOpen}
        source={{ uid, attempt }}
        pickLines={() => list.current?.pickLines()}
      >
        {children}
      </LogToolbar>
      {isOpen ? (
        <div className="flex min-h-0 flex-1 flex-col border-t border-line pt-1">
          {hasNothing(view) ? (
            <p className="px-4 py-2 text-13 text-faint sm:px-6">{describeNothing(view, filter, emptyWords)}</p>
          ) : (
            <LogList
              // Heights that were measured in one way are wrong in the other.
              key={String(look.wraps)}
              ref={list}
              feed={feed}
              view={view}
              search={text.trim() === '' || isRegex ? '' : text}
              start={start}
              current={current}
              look={look}
              origin={findOrigin(job)}
            />
          )}
        </div>
      ) : null}
    </section>
  )
}

/** How lines are shown in this browser. A phone has no room for times until somebody wants them. */
function useLogLook({ onWrap }: { onWrap: () => void }): LogLook {
  const isNarrow = window.matchMedia('(max-width: 640px)').matches
  const [time, setTime] = useStored(
    isNarrow ? 'log.time.narrow' : 'log.time',
    (stored) => logTimes.find((one) => one === stored) ?? (isNarrow ? 'off' : 'clock'),
  )
  const [wraps, setWraps] = useStored('log.wrap', (stored) => stored !== 'false')
  const wrap = (next: boolean): void => {
    onWrap()
    setWraps(next)
  }
  return { time, setTime, wraps, setWraps: wrap }
}

function findOrigin({ attempts, attempt, startedAt, createdAt }: Job): number {
  return attempts.find(({ number }) => number === attempt)?.startedAt ?? startedAt ?? createdAt
}

function hasNothing(view: LogView): boolean {
  return view.lines.length === 0 && (view.open === null || view.open === '')
}

function describeNothing(view: LogView, { levels, stream }: LogFilter, emptyWords: string): string {
  if (view.status === 'failed')
    return `The log could not be read: ${view.error?.message ?? 'no reason given'} It is tried again.`
  if (view.status === 'loading' || view.isMoving) return ''
  const where = stream === undefined ? '' : ` in ${stream}`
  if (levels.length > 0) return `No line of level ${levels.join(' or ')}${where}.`
  if (stream !== undefined && view.total > 0) return `No line${where}.`
  return view.total > 0 ? 'The view was cleared. New lines appear here.' : emptyWords
}
