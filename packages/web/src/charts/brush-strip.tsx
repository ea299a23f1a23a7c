import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import type { XAxis } from '@pilothouse/contract'
import { formatX, nameAxis } from '@pilothouse/signals'
import { BrushScale, movePart, pressKey, spanPart, type Grip, type Part } from './brush-scale.ts'
import type { ChartFeed, Picture } from './chart-data.ts'
import { extentOfX } from './chart-extent.ts'
import type { Range } from './chart-search.ts'
import type { ChartView } from './chart-view.ts'
import { placeFrame } from './moving-frame.ts'
import type { Overlay } from './overlay.ts'
import { traceLines } from './trace-lines.ts'

/** As wide as a screen needs it, and no more. */
const points = 400
/** The strip is drawn again at most so often, and while it is dragged the charts follow at most so often. */
const redrawMs = 300
const followMs = 150

export type BrushStripProps = {
  feed: ChartFeed | Overlay
  view: ChartView
  x: XAxis
  /** What is drawn on it, so that one finds a place again. */
  keys: readonly string[]
  source: string
  byTime?: boolean
}

/** The whole axis in a low strip; the part that the charts show is lit, and can be drawn, moved and resized. */
export function BrushStrip({ feed, view, x, ...rest }: BrushStripProps) {
  const picture = usePicture({ feed, x, ...rest })
  const { range, last, onRange } = view.zoomOf(x)
  const { logX } = view
  const buffers = picture?.list().filter(({ size }) => size > 0) ?? []
  const drawn = extentOfX(buffers, logX)
  const newest = feed.newest?.(x)
  const shown = last === null || newest === undefined ? range : placeFrame(last, newest)
  if (!drawn) return <div aria-hidden className="h-12 rounded-lg border border-line bg-surface" />
  // Other metrics may be further than the one that is drawn.
  const extent = { min: drawn.min, max: Math.max(drawn.max, newest ?? drawn.max) }
  const scale = new BrushScale(extent, logX && x !== 'wall')
  return (
    <Strip
      part={scale.toPart(shown)}
      lines={traceLines(
        buffers,
        scale,
        (buffer, at) => ('members' in feed ? feed.find(buffer)?.place : undefined) ?? at,
      )}
      write={(place) => `${nameAxis(x)} ${formatX(x === 'step' ? Math.round(scale.toX(place)) : scale.toX(place), x)}`}
      onPart={(part) => onRange(snapRange(scale.toRange(part), x))}
    />
  )
}

/** Steps are whole. */
function snapRange(range: Range | null, x: XAxis): Range | null {
  return range && x === 'step' ? [Math.floor(range[0]), Math.ceil(range[1])] : range
}

type StripProps = {
  part: Part
  lines: readonly { path: string; hue: number }[]
  write: (place: number) => string
  onPart: (part: Part) => void
}

function Strip({ part: given, lines, write, onPart }: StripProps) {
  const track = useRef<HTMLDivElement>(null)
  const { drawn, drag, put } = useDraft(given, onPart)
  const part = drawn ?? given
  const [from, to] = part
  const placeOf = ({ clientX }: PointerEvent): number => {
    const { left = 0, width = 1 } = track.current?.getBoundingClientRect() ?? {}
    return (clientX - left) / width
  }
  const begin = (grip: Grip | undefined) => (event: PointerEvent) => {
    if (event.button !== 0) return
    event.stopPropagation()
    // What is shown already can only be drawn anew, not moved.
    const isAll = grip === 'both' && to - from >= 1
    drag(event, { at: placeOf(event), part, grip: isAll ? undefined : grip, placeOf })
  }
  const press = (grip: Grip) => (event: KeyboardEvent) => {
    const next = event.ctrlKey || event.metaKey || event.altKey ? undefined : pressKey(part, grip, event)
    if (!next) return
    event.preventDefault()
    event.stopPropagation()
    put(next)
  }
  const end = (grip: 'from' | 'to') => {
    const place = grip === 'from' ? from : to
    return (
      <div
        role="slider"
        tabIndex={0}
        aria-label={grip === 'from' ? 'Start of what is shown' : 'End of what is shown'}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(place * 100)}
        aria-valuetext={write(place)}
        className="touchable group absolute inset-y-0 -ml-2 flex w-4 cursor-ew-resize touch-none justify-center outline-none"
        style={{ left: `${place * 100}%` }}
        onPointerDown={begin(grip)}
        onKeyDown={press(grip)}
      >
        <span className="my-auto h-6 w-1.5 rounded-full border border-surface bg-accent group-focus-visible:ring-2 group-focus-visible:ring-accent group-focus-visible:ring-offset-1" />
      </div>
    )
  }
  return (
    <div
      role="group"
      aria-label="Shown part of the axis"
      className="h-12 rounded-lg border border-line bg-surface px-3 py-1 select-none"
    >
      <div
        ref={track}
        className="relative h-full cursor-crosshair touch-pan-y"
        onPointerDown={begin(undefined)}
        onDoubleClick={() => put([0, 1])}
      >
        <svg
          aria-hidden
          viewBox="0 0 1000 100"
          preserveAspectRatio="none"
          className="pointer-events-none absolute inset-0 h-full w-full"
        >
          {lines.map(({ path, hue }) => (
            <path
              key={path}
              d={path}
              fill="none"
              stroke={`var(--series-${hue + 1})`}
              strokeWidth="1"
              vectorEffect="non-scaling-stroke"
            />
          ))}
        </svg>
        <div
          aria-hidden
          className="pointer-events-none absolute inset-y-0 left-0 bg-surface/70"
          style={{ width: `${from * 100}%` }}
        />
        <div
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-0 bg-surface/70"
          style={{ width: `${(1 - to) * 100}%` }}
        />
        <div
          role="slider"
          tabIndex={0}
          aria-label="What is shown"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(((from + to) / 2) * 100)}
          aria-valuetext={`${write(from)} to ${write(to)}`}
          className={`absolute inset-y-0 touch-none rounded-sm bg-accent/8 ${to - from < 1 ? 'cursor-grab border-x border-accent' : 'cursor-crosshair'}`}
          style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
          onPointerDown={begin('both')}
          onKeyDown={press('both')}
        />
        {end('from')}
        {end('to')}
      </div>
    </div>
  )
}

type Drag = { at: number; part: Part; grip: Grip | undefined; placeOf: (event: PointerEvent) => number }

type Following = {
  onPart: (part: Part) => void
  isDragging: boolean
  timer?: ReturnType<typeof setTimeout>
  next?: Part
}

/** What is drawn right now; the charts follow a little more slowly. */
function useDraft(given: Part, onPart: (part: Part) => void) {
  const [drawn, setDrawn] = useState<Part>()
  const follow = useRef<Following>({ onPart, isDragging: false })
  useEffect(() => {
    follow.current.onPart = onPart
  })
  useEffect(() => () => clearTimeout(follow.current.timer), [])
  // What the address says takes over when it has what was drawn.
  const [from, to] = given
  useEffect(() => {
    const { isDragging, timer } = follow.current
    if (!isDragging && timer === undefined) setDrawn(undefined)
  }, [from, to])

  const tell = (): void => {
    const state = follow.current
    delete state.timer
    if (state.next) state.onPart(state.next)
    delete state.next
  }
  const put = (next: Part): void => {
    setDrawn(next)
    follow.current.next = next
    follow.current.timer ??= setTimeout(tell, followMs)
  }
  const drag = (event: PointerEvent, { at, part, grip, placeOf }: Drag): void => {
    const element = event.currentTarget as HTMLElement // a handler of an element
    element.setPointerCapture(event.pointerId)
    follow.current.isDragging = true
    const stop = new AbortController()
    const move = (moved: globalThis.PointerEvent): void => {
      const place = placeOf(moved as unknown as PointerEvent) // only its `clientX` is read
      if (grip === undefined && Math.abs(place - at) < 0.01) return
      put(grip === undefined ? spanPart(at, place) : movePart(part, grip, place - at))
    }
    const { signal } = stop
    element.addEventListener('pointermove', move, { signal })
    const release = (): void => {
      stop.abort()
      follow.current.isDragging = false
    }
    for (const end of ['pointerup', 'pointercancel'] as const) element.addEventListener(end, release, { signal })
  }
  return { drawn, put, drag }
}

/** The points of the strip, for as long as it is on the page; told of at most a few times a second. */
function usePicture({ feed, x, keys, source, byTime }: Omit<BrushStripProps, 'view'>): Picture | undefined {
  const [shown, setShown] = useState<{ picture: Picture; version: number }>()
  const names = keys.join('\n')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let waitMs = 0
    const { data, close } = feed.open({ keys: names.split('\n'), source, x, range: null, points, smooth: 0, byTime })
    const tell = (): void => {
      timer = undefined
      waitMs = redrawMs
      setShown((before) => ({ picture: data, version: (before?.version ?? 0) + 1 }))
    }
    data.onChange = () => {
      if (data.status !== 'loading') timer ??= setTimeout(tell, waitMs)
    }
    return () => {
      clearTimeout(timer)
      close()
    }
  }, [feed, names, source, x, byTime])
  return shown?.picture
}
