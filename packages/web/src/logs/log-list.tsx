import { useImperativeHandle, useLayoutEffect, useRef, useState, type Ref } from 'react'
import { VList, type VListHandle } from 'virtua'
import type { LogLine } from '@pilothouse/contract'
import { ArrowDown } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import type { LogView } from './log-feed.ts'
import { LogRow, OpenRow } from './log-row.tsx'

export type LogListHandle = { scrollToLine: (line: number) => void; scrollToEnd: () => void }
export type LogListProps = {
  view: LogView
  search: string
  /** The line to begin at; undefined = the end. */
  start: number | undefined
  current: number | undefined
  onOlder: () => void
  onEnd: () => void
  ref: Ref<LogListHandle>
}

/** So near to its end a list counts as being there, px. */
const endSlackPx = 24
/** Older lines are fetched before the top is reached. */
const olderWithinPx = 400

type Item = LogLine | string

/** Only what can be seen is in the page. Follows the end until somebody scrolls up. */
export function LogList({ view, search, start, current, onOlder, onEnd, ref }: LogListProps) {
  const list = useRef<VListHandle>(null)
  const [follows, setFollows] = useState(start === undefined)
  const wanted = useRef(start)
  const lastOffset = useRef(0)
  const items: readonly Item[] = view.open === null || view.open === '' ? view.lines : [...view.lines, view.open]
  const letGo = (): void => setFollows(false)

  const reveal = (): void => {
    const at = view.lines.findIndex(({ n }) => n === wanted.current)
    if (at === -1) return
    wanted.current = undefined
    list.current?.scrollToIndex(at, { align: 'center' })
  }
  useImperativeHandle(ref, () => ({
    scrollToLine: (line) => {
      wanted.current = line
      letGo()
      reveal()
    },
    scrollToEnd: () => setFollows(true),
  }))
  useLayoutEffect(() => {
    if (wanted.current !== undefined) reveal()
    else if (follows && items.length > 0) list.current?.scrollToIndex(items.length - 1, { align: 'end' })
  })

  const onScroll = (offset: number): void => {
    const handle = list.current
    if (!handle) return
    const isAtEnd = offset + handle.viewportSize >= handle.scrollSize - endSlackPx
    if (isAtEnd && view.atEnd && wanted.current === undefined) setFollows(true)
    else if (offset < lastOffset.current - 1) letGo()
    lastOffset.current = offset
    if (offset < olderWithinPx && view.hasOlder) onOlder()
  }

  return (
    <div
      className="relative min-h-0 flex-1"
      data-follows={follows}
      onWheelCapture={(event) => (event.deltaY < 0 ? letGo() : undefined)}
      onKeyDownCapture={(event) => (['ArrowUp', 'PageUp', 'Home'].includes(event.key) ? letGo() : undefined)}
    >
      <VList
        ref={list}
        data={items}
        shift={view.shifted}
        itemSize={19}
        onScroll={onScroll}
        className="h-full overscroll-contain font-mono text-12 leading-[19px]"
        tabIndex={0}
        role="log"
        aria-label="Lines of the log"
        aria-live="off"
      >
        {(item) =>
          typeof item === 'string' ? (
            <OpenRow key="open" text={item} />
          ) : (
            <LogRow key={item.n} line={item} search={search} isCurrent={item.n === current} />
          )
        }
      </VList>
      {follows && view.atEnd ? null : (
        <Button
          className="arrives absolute right-4 bottom-3 shadow-float"
          onClick={() => {
            setFollows(true)
            onEnd()
          }}
        >
          <ArrowDown size={14} aria-hidden /> Jump to end
        </Button>
      )}
    </div>
  )
}
