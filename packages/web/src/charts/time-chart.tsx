import { lazy, Suspense, useEffect, useId, useRef, useState, type ReactNode } from 'react'
import type { XAxis } from '@pilothouse/contract'
import { keyOfAxis } from '@pilothouse/contract/wire'
import { Ellipsis, Minimize2, Pin, RotateCcw } from 'lucide-react'
import { bindKeys } from '../app/shortcuts.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Menu } from '../ui/menu.tsx'
import { ChartFrame, type ChartLook, type ChartState, type ChartSubject } from './chart-frame.ts'
import type { ChartMenuProps } from './chart-menu-items.tsx'
import type { ChartFeed } from './chart-data.ts'
import type { Smooth } from './chart-search.ts'
import { useAnnotationMarks } from './use-annotation-marks.ts'

/** Fetched when somebody opens them. */
const ChartMenuItems = lazy(async () => ({ default: (await import('./chart-menu-items.tsx')).ChartMenuItems }))
const ChartTable = lazy(async () => ({ default: (await import('./chart-table.tsx')).ChartTable }))

export type TimeChartProps = {
  feed: ChartFeed
  title: string
  subject: ChartSubject
  x: XAxis
  /** Which axis that is, where the charts beside it may have others, and why. */
  note?: { text: string; why: string } | undefined
  /** Several jobs: their names need a line of their own. */
  isCrowded?: boolean
  smoothing: Smooth
  log: boolean
  logRight?: boolean
  logX?: boolean
  clip: boolean
  range: readonly [number, number] | null
  last?: number | null
  onRange: (range: readonly [number, number] | null) => void
  onLog?: (log: boolean) => void
  /** Where the chart has an axis on the right. */
  onLogRight?: ((log: boolean) => void) | undefined
  isTable: boolean
  /** It fills the window. */
  isFull: boolean
  onFull: (on: boolean) => void
  onTable: (isTable: boolean) => void
  /** Where its metrics come from, and which of that it shows. */
  sources?: { all: readonly string[]; mode: string; onMode: (mode: string) => void } | undefined
  /** Chooses what lies on it. */
  onLines?: (() => void) | undefined
  /** It stands above the others. Without `onPin` it cannot. */
  isPinned?: boolean
  onPin?: (on: boolean) => void
  /** Line of code that logs what is missing. */
  emptyCode?: string
}

/** The one chart of the page. React draws its frame; lines, cursor and values live outside of React (chart-frame.ts). */
export function TimeChart(props: TimeChartProps) {
  const { title, range, last = null, onRange, isTable, isCrowded = false, isFull, onFull } = props
  const id = useId()
  const { frame, parts, state, error } = useChartFrame(props)
  const annotate = useAnnotationMarks(frame)
  useChartKeys(frame, props)
  return (
    <section
      aria-labelledby={id}
      className={`flex min-w-0 flex-col border-line bg-surface ${isFull ? 'fixed inset-0 z-40' : 'rounded-lg border'}`}
      data-chart={title}
      data-state={state}
    >
      <header className={`flex items-center gap-x-3 pr-1.5 pl-3 ${isCrowded ? 'h-15 flex-wrap content-start' : 'h-9'}`}>
        <h3
          id={id}
          className={`truncate font-medium ${isCrowded ? 'h-9 flex-1 leading-9' : 'shrink-0 max-sm:max-w-32'}`}
          title={title}
        >
          {title}
        </h3>
        {props.note ? (
          <span className="-ml-1.5 min-w-0 shrink truncate text-12 text-faint" title={props.note.why}>
            {props.note.text}
          </span>
        ) : null}
        <div
          ref={parts.legend}
          {...(isCrowded ? { tabIndex: 0, role: 'group', 'aria-label': `Lines of ${title}` } : {})}
          className={`flex min-w-0 items-center gap-3 text-12 ${isCrowded ? 'order-last h-6 basis-full overflow-x-auto [scrollbar-width:none] *:shrink-0' : 'flex-1 overflow-hidden'}`}
        />
        {range === null && last === null ? null : (
          <Button
            look="quiet"
            square
            aria-label={`Show all of ${title}`}
            title="Show all (double click)"
            onClick={() => onRange(null)}
          >
            <RotateCcw size={14} aria-hidden />
          </Button>
        )}
        {props.onPin ? (
          <Button
            look="quiet"
            square
            aria-label={`Pin ${title}`}
            aria-pressed={props.isPinned ?? false}
            title={props.isPinned ? 'Take back from the top (t)' : 'Pin to the top (t)'}
            className="-mr-2"
            onClick={() => props.onPin?.(!props.isPinned)}
          >
            <Pin size={14} aria-hidden />
          </Button>
        ) : null}
        <ChartMenu
          {...props}
          onAnnotate={state === 'ready' ? annotate : undefined}
          onPicture={frame && state === 'ready' ? () => void frame.savePicture() : undefined}
          onVector={frame && state === 'ready' ? () => void frame.saveVector() : undefined}
        />
        {isFull ? (
          <Button
            look="quiet"
            square
            aria-label={`Leave full size of ${title}`}
            title="Back (Escape)"
            onClick={() => onFull(false)}
          >
            <Minimize2 size={14} aria-hidden />
          </Button>
        ) : null}
      </header>
      <div className={isFull ? 'relative min-h-0 flex-1' : 'relative h-60'}>
        <div
          ref={parts.image}
          role="img"
          aria-label={`${title}: no points yet`}
          tabIndex={state === 'ready' && !isTable ? 0 : -1}
          className={`absolute inset-0 -outline-offset-2 rounded-b-lg ${isTable || state !== 'ready' ? 'invisible' : ''}`}
        >
          <div ref={parts.plot} className="absolute inset-x-2 top-0 bottom-1 overflow-hidden" />
        </div>
        <div
          ref={parts.marks}
          className={`pointer-events-none absolute inset-x-2 top-0 bottom-1 ${isTable || state !== 'ready' ? 'invisible' : ''}`}
        />
        {isTable && frame ? (
          <Suspense fallback={null}>
            <ChartTable frame={frame} title={title} x={props.x} unit={props.subject.unit} />
          </Suspense>
        ) : null}
        <ChartWords
          state={state}
          error={error}
          title={title}
          code={props.emptyCode}
          isZoomed={range !== null || last !== null}
          x={props.x}
          byTime={props.subject.byTime ?? false}
        />
        <div ref={parts.announcer} aria-live="polite" className="sr-only" />
      </div>
    </section>
  )
}

/** `f` fills the window with the chart under the cursor, and gives it back; so does Escape. `t` pins it to the top. */
function useChartKeys(frame: ChartFrame | undefined, { isFull, onFull, isPinned, onPin }: TimeChartProps): void {
  useEffect(
    () =>
      bindKeys(({ key }) => {
        if (key === 'f' && (isFull || frame?.isAimedAt())) onFull(!isFull)
        else if (key === 't' && onPin && frame?.isAimedAt()) onPin(!isPinned)
        else if (key === 'Escape' && isFull) onFull(false)
        else return false
        return true
      }),
    [frame, isFull, onFull, isPinned, onPin],
  )
}

function ChartMenu(props: ChartMenuProps) {
  return (
    <Menu
      trigger={
        <Button look="quiet" square aria-label={`Settings of ${props.title}`} title="Settings of this chart">
          <Ellipsis size={14} aria-hidden />
        </Button>
      }
    >
      <Suspense fallback={null}>
        <ChartMenuItems {...props} />
      </Suspense>
    </Menu>
  )
}

type WordsProps = {
  state: ChartState
  error: Error | undefined
  title: string
  code: string | undefined
  isZoomed: boolean
  x: XAxis
  byTime: boolean
}

function ChartWords({ state, error, title, code, isZoomed, x, byTime }: WordsProps): ReactNode {
  if (state === 'ready') return null
  if (state === 'loading') return <div className="waits absolute inset-3 rounded-md bg-hover" aria-busy="true" />
  return (
    <div className="absolute inset-0 flex flex-col justify-center gap-2 px-6 text-muted">
      {state === 'failed' ? (
        <p role="alert">The points could not be read: {error?.message} It is tried again by itself.</p>
      ) : (
        <>
          <p>{byTime && !isZoomed && isPlaced(x) ? describeUnplaced(title, x) : describeEmpty(title, x, isZoomed)}</p>
          {code !== undefined && !isZoomed && x !== 'epoch' && keyOfAxis(x) === undefined ? (
            <Copyable text={code} label="Python line" />
          ) : null}
        </>
      )}
    </div>
  )
}

function isPlaced(x: XAxis): boolean {
  return x === 'step' || x === 'epoch'
}

function describeUnplaced(title: string, x: XAxis): string {
  return `No ${title} has a place over ${x} yet: it begins with the first metric that is logged at ${x === 'step' ? 'a step' : 'an epoch'}.`
}

function describeEmpty(title: string, x: XAxis, isZoomed: boolean): string {
  if (isZoomed) return `No ${title} in this range.`
  const over = keyOfAxis(x)
  if (over !== undefined)
    return `No ${title} has a place over ${over} yet: it needs a value of ${over} at its step or before.`
  return x === 'epoch' ? `No ${title} was logged together with an epoch.` : `No ${title} logged yet.`
}

/** Ties a chart frame to its elements for as long as they are on the page. */
function useChartFrame({
  feed,
  subject,
  x,
  smoothing,
  log,
  logRight = false,
  logX: wantsLogX = false,
  clip,
  range,
  last = null,
  onRange,
}: TimeChartProps) {
  const plot = useRef<HTMLDivElement>(null)
  const legend = useRef<HTMLDivElement>(null)
  const image = useRef<HTMLDivElement>(null)
  const announcer = useRef<HTMLDivElement>(null)
  const marks = useRef<HTMLDivElement>(null)
  const [frame, setFrame] = useState<ChartFrame>()
  const [{ state, error }, setState] = useState<{ state: ChartState; error?: Error | undefined }>({ state: 'loading' })
  // A time of day has no logarithm that says anything.
  const logX = wantsLogX && x !== 'wall'
  const look: ChartLook = { x, smoothing, log, logRight, logX, clip, range, last }
  const latest = useRef({ onRange, subject, look })
  useEffect(() => {
    latest.current = { onRange, subject, look }
  })
  // Keys and source say what the chart is about; everything else can change while it stands.
  const about = [subject.source, String(subject.isMean), ...subject.keys, '', ...(subject.right ?? [])].join('\n')
  useEffect(() => {
    if (!plot.current || !legend.current || !image.current || !announcer.current || !marks.current) return undefined
    const made = new ChartFrame(feed, {
      subject: latest.current.subject,
      look: latest.current.look,
      parts: {
        plot: plot.current,
        legend: legend.current,
        image: image.current,
        announcer: announcer.current,
        marks: marks.current,
      },
      calls: {
        onState: (next, problem) => setState({ state: next, error: problem }),
        onRange: (next) => latest.current.onRange(next),
      },
    })
    setFrame(made)
    return () => made.destroy()
  }, [feed, about])
  const [from, to] = range ?? []
  useEffect(() => {
    const part = from === undefined || to === undefined ? null : ([from, to] as const)
    frame?.setLook({ x, smoothing, log, logRight, logX, clip, range: part, last })
  }, [frame, x, smoothing, log, logRight, logX, clip, from, to, last])
  return { frame, parts: { plot, legend, image, announcer, marks }, state, error }
}
