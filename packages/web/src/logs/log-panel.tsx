import { useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { LogLevel } from '@pilothouse/contract'
import { useCommands } from '../app/commands.ts'
import { useServices } from '../app/services.ts'
import type { LogFeed, LogView } from './log-feed.ts'
import { LogList, type LogListHandle } from './log-list.tsx'
import { LogToolbar } from './log-toolbar.tsx'
import { useErrorLine } from './use-error-line.ts'
import { useLogSearch } from './use-log-search.ts'

export type LogPanelProps = {
  feed: LogFeed
  uid: string
  attempt: number
  /** Why there may be no lines, in words. */
  emptyWords: string
  /** Number of the line to begin at; absent = the end. */
  line?: number | undefined
  /** Stands in front of the tools. */
  children?: ReactNode
  /** Folded: tools only. */
  isOpen?: boolean
}

/** The log as a terminal shows it, with what a terminal lacks: search, levels, download. */
export function LogPanel({ feed, uid, attempt, emptyWords, line, children, isOpen = true }: LogPanelProps) {
  const { client } = useServices()
  const view = useSyncExternalStore(feed.subscribe, feed.view)
  const [text, setText] = useState('')
  const [isRegex, setRegex] = useState(false)
  const [levels, setLevels] = useState<readonly LogLevel[]>([])
  const list = useRef<LogListHandle>(null)
  const show = (wanted: number): void => {
    list.current?.scrollToLine(wanted)
    void feed.show(wanted)
  }
  const isReady = view.status === 'ready'
  useEffect(() => {
    if (line === undefined || !isReady) return
    list.current?.scrollToLine(line)
    void feed.show(line)
  }, [feed, line, isReady])
  const { matches, step } = useLogSearch({ text, isRegex }, { client, uid, attempt, onShow: show })
  const { line: errorLine, find } = useErrorLine({ client, uid, attempt, onShow: show })
  useCommands({ nextError: () => find('forward'), previousError: () => find('backward') })
  const filter = (next: readonly LogLevel[]): void => {
    setLevels(next)
    void feed.setFilter(next)
  }
  return (
    <section aria-label="Log" className="flex h-full min-h-0 flex-col bg-log">
      <LogToolbar
        view={view}
        text={text}
        onText={setText}
        isRegex={isRegex}
        onRegex={setRegex}
        matches={matches}
        onStep={step}
        levels={levels}
        onLevels={filter}
        onClear={() => feed.clear()}
        isOpen={isOpen}
        downloadUrl={client.url('logs.text', { params: { uid }, query: { attempt, download: 'true' } })}
      >
        {children}
      </LogToolbar>
      {isOpen ? (
        <div className="flex min-h-0 flex-1 flex-col border-t border-line pt-1">
          {hasNothing(view) ? (
            <p className="px-4 py-2 text-13 text-faint sm:px-6">{describeNothing(view, levels, emptyWords)}</p>
          ) : (
            <LogList
              ref={list}
              view={view}
              search={text.trim() === '' || isRegex ? '' : text}
              start={line}
              current={errorLine ?? matches.lines[matches.at] ?? line}
              onOlder={() => void feed.loadOlder()}
              onEnd={() => void feed.jumpToEnd()}
            />
          )}
        </div>
      ) : null}
    </section>
  )
}

function hasNothing(view: LogView): boolean {
  return view.lines.length === 0 && (view.open === null || view.open === '')
}

function describeNothing(view: LogView, levels: readonly LogLevel[], emptyWords: string): string {
  if (view.status === 'failed')
    return `The log could not be read: ${view.error?.message ?? 'no reason given'} It is tried again.`
  if (view.status === 'loading') return ''
  if (levels.length > 0) return `No line of level ${levels.join(' or ')}.`
  return view.total > 0 ? 'The view was cleared. New lines appear here.' : emptyWords
}
