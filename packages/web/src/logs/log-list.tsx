import {
  type CSSProperties,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type Ref,
  type RefObject,
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
import { findMiddle, readMarked, readSeen, type PickedLines } from './picked-lines.ts'

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
/** So long after a jump to the end the rest of a turn of the wheel does not lead away from it again. */
const holdMs = 400
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
  const { follows, isFollowing, follow, letGo, heldUntil } = useFollowing(feed, start === undefined)
  const wanted = useRef(start)
  const lastOffset = useRef(0)
  const items: readonly Item[] = useMemo(
    () => (view.open === null || view.open === '' ? view.lines : [...view.lines, view.open]),
    [view.lines, view.open],
  )
  const columns = useColumns(look.wraps ? noLines : view.lines, shownCharactersMax)

  const reveal = (): void => {
    const at = findPlace(view, wanted.current ?? 0)
    if (at === undefined) return
    wanted.current = undefined
    list.current?.scrollToIndex(at, { align: 'center' })
  }
  const reach = (line: number): void => {
    wanted.current = line
    heldUntil.current = 0
    follow(false)
    reveal()
  }
  useImperativeHandle(ref, () => ({
    scrollToLine: reach,
    pickLines: () => readMarked(place.current) ?? readSeen(list.current, view.lines),
    findMiddle: () => (follows ? undefined : findMiddle(list.current, view.lines)),
  }))
  useLayoutEffect(() => {
    if (wanted.current !== undefined) reveal()
    else if (follows) scrollToEnd(place.current)
  })

  useStayAtEnd(place, () => {
    if (isFollowing.current && wanted.current === undefined) scrollToEnd(place.current)
  })

  const onScroll = (offset: number): void => {
    const handle = list.current
    if (!handle) return
    // Virtua knows what the browser has not laid out yet, and the browser what virtua has not measured yet: a filter that
    // leaves less scrolls as somebody would.
    const below = Math.min(handle.scrollSize - offset - handle.viewportSize, measureBelow(place.current))
    if (below <= endSlackPx && view.atEnd && wanted.current === undefined) follow(true)
    else if (performance.now() < heldUntil.current) scrollToEnd(place.current)
    else if (offset < lastOffset.current - 1) letGo()
    lastOffset.current = offset
    if (offset < moreWithinPx && view.hasOlder) void feed.loadOlder()
    if (below < moreWithinPx && !view.atEnd) void feed.loadNewer()
  }
  const jumpToEnd = (): void => {
    wanted.current = undefined
    heldUntil.current = performance.now() + holdMs
    follow(true)
    // Ends what virtua may still be scrolling to.
    list.current?.scrollToIndex(items.length - 1, { align: 'end' })
    void feed.jumpToEnd()
  }
  const jumpToBegin = (): void => {
    reach(0)
    void feed.show(0)
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
        if (['ArrowUp', 'PageUp'].includes(event.key)) letGo()
        if (event.key !== 'Home' && event.key !== 'End') return
        // The browser would scroll to the end of the window, for a while.
        event.preventDefault()
        if (event.key === 'Home') jumpToBegin()
        else jumpToEnd()
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
      {follows && view.atEnd ? null : <JumpButton onClick={jumpToEnd} />}
    </div>
  )
}

/** Whether the end is followed: for the picture, and known at once, before the next picture is made. */
function useFollowing(feed: LogFeed, begins: boolean) {
  const [follows, setFollows] = useState(begins)
  const isFollowing = useRef(begins)
  useEffect(() => feed.follow(follows), [feed, follows])
  const follow = (next: boolean): void => {
    isFollowing.current = next
    setFollows(next)
  }
  const heldUntil = useRef(0)
  const letGo = (): void => {
    if (performance.now() >= heldUntil.current) follow(false)
  }
  return { follows, isFollowing, follow, letGo, heldUntil }
}

/** At once: what virtua scrolls by itself, it goes on scrolling for a while, against whoever scrolls away. */
function scrollToEnd(place: HTMLElement | null): void {
  const scroller = findScroller(place)
  if (scroller) scroller.scrollTop = scroller.scrollHeight
}

/** How much of the list lies below what is seen, in pixels. */
function measureBelow(place: HTMLElement | null): number {
  const scroller = findScroller(place)
  return scroller ? scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight : 0
}

function findScroller(place: HTMLElement | null): Element | null {
  return place?.querySelector('[role="log"]') ?? null
}

/**
 * Long lines are found to be higher than they were taken for once they are in the page, and panels change their height:
 * whoever follows the end is taken there again.
 */
function useStayAtEnd(place: RefObject<HTMLElement | null>, stay: () => void): void {
  const latest = useRef(stay)
  useLayoutEffect(() => {
    latest.current = stay
  })
  useEffect(() => {
    const scroller = findScroller(place.current)
    const observer = new ResizeObserver(() => latest.current())
    for (const element of [scroller, scroller?.firstElementChild]) if (element) observer.observe(element)
    return () => observer.disconnect()
  }, [place])
}

function JumpButton({ onClick }: { onClick: () => void }) {
  return (
    <Button
      className="arrives absolute right-4 bottom-3 shadow-float"
      title="Jump to the newest line (End)"
      onClick={onClick}
    >
      <ArrowDown size={14} aria-hidden /> Jump to end
    </Button>
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
