import {
  type CSSProperties,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
} from 'react'
import { type CustomItemComponentProps, VList, type VListHandle } from 'virtua'
import type { LogLine } from '@pilothouse/contract'
import { ArrowDown } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { formatLogTime, type LogTime } from './format-log-time.ts'
import { useColumns } from './log-columns.ts'
import type { LogFeed, LogView } from './log-feed.ts'
import type { LogLook } from './log-menus.tsx'
import { LogRow, OpenRow, shownCharactersMax } from './log-row.tsx'

/** Numbers of the first line and of the last. */
export type PickedLines = { first: number; last: number }
export type LogListHandle = {
  scrollToLine: (line: number) => void
  /** The lines that are marked, or those in sight. */
  pickLines: () => PickedLines | undefined
  /** The line in the middle; undefined while the end is followed. */
  findMiddle: () => number | undefined
}
export type LogListProps = {
  feed: LogFeed
  view: LogView
  search: string
  /** The line to begin at; undefined = the end. */
  start: number | undefined
  current: number | undefined
  look: LogLook
  /** When the attempt began. */
  origin: number
  ref: Ref<LogListHandle>
}

const linePx = 19
/** So near to its end a list counts as being there, px. */
const endSlackPx = 24
/** More lines are fetched before the end of those that are there is reached. */
const moreWithinPx = 200 * linePx
/** Times stand in a column. */
const timeClasses: Record<LogTime, string> = {
  off: '',
  clock: 'w-[8ch]',
  start: 'w-[10ch] text-right',
  before: 'w-[9ch] text-right',
}

type Item = LogLine | string
const noLines: readonly LogLine[] = []

/** Only what can be seen is in the page. Follows the end until somebody scrolls up. */
export function LogList({ feed, view, search, start, current, look, origin, ref }: LogListProps) {
  const list = useRef<VListHandle>(null)
  const place = useRef<HTMLDivElement>(null)
  const [follows, setFollows] = useState(start === undefined)
  const wanted = useRef(start)
  const lastOffset = useRef(0)
  const items: readonly Item[] = useMemo(
    () => (view.open === null || view.open === '' ? view.lines : [...view.lines, view.open]),
    [view.lines, view.open],
  )
  const columns = useColumns(look.wraps ? noLines : view.lines, shownCharactersMax)
  const letGo = (): void => setFollows(false)
  useEffect(() => feed.follow(follows), [feed, follows])

  const reveal = (): void => {
    const at = findPlace(view, wanted.current ?? 0)
    if (at === undefined) return
    wanted.current = undefined
    list.current?.scrollToIndex(at, { align: 'center' })
  }
  useImperativeHandle(ref, () => ({
    scrollToLine: (line) => {
      wanted.current = line
      letGo()
      reveal()
    },
    pickLines: () => readMarked(place.current) ?? readSeen(list.current, view.lines),
    findMiddle: () => (follows ? undefined : findMiddle(list.current, view.lines)),
  }))
  useLayoutEffect(() => {
    if (wanted.current !== undefined) reveal()
    else if (follows && items.length > 0) list.current?.scrollToIndex(items.length - 1, { align: 'end' })
  })

  const onScroll = (offset: number): void => {
    const handle = list.current
    if (!handle) return
    const below = handle.scrollSize - offset - handle.viewportSize
    if (below <= endSlackPx && view.atEnd && wanted.current === undefined) setFollows(true)
    else if (offset < lastOffset.current - 1) letGo()
    lastOffset.current = offset
    if (offset < moreWithinPx && view.hasOlder) void feed.loadOlder()
    if (below < moreWithinPx && !view.atEnd) void feed.loadNewer()
  }
  const jumpToEnd = (): void => {
    wanted.current = undefined
    setFollows(true)
    void feed.jumpToEnd()
  }
  const jumpToBegin = (): void => {
    wanted.current = 0
    letGo()
    void feed.show(0).then(reveal)
  }

  const timeClass = timeClasses[look.time]
  const style = { '--columns': `${columns}ch` } as CSSProperties // which know no properties of one's own
  return (
    <div
      ref={place}
      className="relative min-h-0 flex-1"
      data-follows={follows}
      onWheelCapture={(event) => (event.deltaY < 0 ? letGo() : undefined)}
      onKeyDownCapture={(event) => {
        if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) letGo()
        if (event.key === 'Home' && view.hasOlder) jumpToBegin()
        if (event.key === 'End' && !view.atEnd) jumpToEnd()
      }}
      style={style}
    >
      <VList
        ref={list}
        data={items}
        shift={view.shifted}
        itemSize={linePx}
        item={look.wraps ? 'div' : LongPlace}
        onScroll={onScroll}
        className="h-full overscroll-contain font-mono text-12 leading-[19px]"
        tabIndex={0}
        role="log"
        aria-label="Lines of the log"
        aria-live="off"
      >
        {(item, at) => {
          if (typeof item === 'string')
            return (
              <OpenRow
                key="open"
                text={item}
                time={look.time === 'off' ? undefined : ''}
                timeClass={timeClass}
                wraps={look.wraps}
              />
            )
          const before = view.lines[at - 1]?.time ?? (item.n === 0 ? item.time : undefined)
          return (
            <LogRow
              key={item.n}
              line={item}
              search={search}
              isCurrent={item.n === current}
              time={look.time === 'off' ? undefined : formatLogTime(look.time, { time: item.time, origin, before })}
              timeClass={timeClass}
              wraps={look.wraps}
            />
          )
        }}
      </VList>
      {follows && view.atEnd ? null : (
        <Button className="arrives absolute right-4 bottom-3 shadow-float" onClick={jumpToEnd}>
          <ArrowDown size={14} aria-hidden /> Jump to end
        </Button>
      )}
    </div>
  )
}

/** Where a line stands among those shown, or the next one that is shown; undefined where the window is elsewhere. */
function findPlace({ lines, hasOlder, atEnd }: LogView, line: number): number | undefined {
  const at = lines.findIndex(({ n }) => n >= line)
  if (at === -1) return atEnd && lines.length > 0 ? lines.length - 1 : undefined
  return at === 0 && hasOlder && lines[0]?.n !== line ? undefined : at
}

/**
 * The place of a line that is not wrapped: as wide as the longest line of the window (`--columns`), the time and the space
 * around it. Lists of virtua hold what is too wide for them for paint, to which nobody can scroll.
 */
function LongPlace({ style, ref, children }: CustomItemComponentProps & { ref?: Ref<HTMLDivElement> }) {
  return (
    <div ref={ref} style={{ ...style, minWidth: 'max(100%, calc(var(--columns) + 20ch))' }}>
      {children}
    </div>
  )
}

/** The lines that the selection of the browser touches. */
function readMarked(place: HTMLElement | null): PickedLines | undefined {
  const selection = window.getSelection()
  if (!place || !selection || selection.isCollapsed) return undefined
  const [one, other] = [selection.anchorNode, selection.focusNode].map((node) => {
    const element = node instanceof Element ? node : node?.parentElement
    const row = element?.closest<HTMLElement>('[data-line]')
    return row && place.contains(row) ? Number(row.dataset['line']) : undefined
  })
  if (one === undefined || other === undefined) return undefined
  return { first: Math.min(one, other), last: Math.max(one, other) }
}

function findMiddle(list: VListHandle | null, lines: readonly LogLine[]): number | undefined {
  return list ? lines[list.findItemIndex(list.scrollOffset + list.viewportSize / 2)]?.n : undefined
}

function readSeen(list: VListHandle | null, lines: readonly LogLine[]): PickedLines | undefined {
  if (!list) return undefined
  const first = lines[list.findItemIndex(list.scrollOffset)]?.n
  const last = (lines[list.findItemIndex(list.scrollOffset + list.viewportSize - 1)] ?? lines.at(-1))?.n
  return first === undefined || last === undefined ? undefined : { first, last }
}
