import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { nudge, type Brush } from './parallel-axes.ts'
import { describeBrush, heightOf, plotSize, type StandingAxis } from './parallel-layout.ts'

/** Half of the width in which an axis is taken hold of; as wide as a button. */
const reach = 15
/** Shorter moves are clicks. */
const dragMin = 0.015
const keyStep = 0.05
/** Where a range begins that keys make. */
const firstRange: Brush = [0.75, 1]

type AxisBrushProps = {
  axis: StandingAxis
  brush: Brush | undefined
  /** While it is drawn; undefined: it is not any more. */
  onDraft: (brush: Brush | null | undefined) => void
  onBrush: (brush: Brush | null) => void
}

/** The range on one axis: drawn by dragging, moved and stretched by keys. */
export function AxisBrush({ axis, brush, onDraft, onBrush }: AxisBrushProps) {
  const start = useRef<number | null>(null)
  const { scale, name } = axis
  const ends = brush?.map(scale.toPlace).map((place) => Math.max(0, Math.min(1, place)))
  const places: Brush | undefined = ends && [ends[0] ?? 0, ends[1] ?? 1]
  const toBrush = (a: number, b: number): Brush => {
    // A range that ends at the end of its axis has all that lies there.
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    return [scale.toCoordinate(low), scale.toCoordinate(high)]
  }
  const move = (event: PointerEvent<SVGElement>, done: boolean): void => {
    if (start.current === null) return
    const [from, to] = [start.current, placeAt(event, axis)]
    if (done) start.current = null
    if (Math.abs(to - from) < dragMin) return onDraft(undefined)
    if (done) onBrush(toBrush(from, to))
    else onDraft(toBrush(from, to))
  }
  const press = (event: KeyboardEvent): void => {
    const next = readKey(event, axis.isFlipped)
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    if (next === null) return onBrush(null)
    onBrush(toBrush(...(places ? nudge(places, next) : firstRange)))
  }
  const [top, bottom] = places ? [heightOf(axis, places[1]), heightOf(axis, places[0])].sort((a, b) => a - b) : []
  return (
    <g
      role="slider"
      tabIndex={0}
      aria-label={`Range of ${name}`}
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * (places ? (places[0] + places[1]) / 2 : 0.5))}
      aria-valuetext={brush ? describeBrush(axis, brush) : 'all'}
      className="cursor-ns-resize touch-none"
      onKeyDown={press}
      onDoubleClick={() => onBrush(null)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = placeAt(event, axis)
      }}
      onPointerMove={(event) => move(event, false)}
      onPointerUp={(event) => move(event, true)}
      onPointerCancel={() => {
        start.current = null
        onDraft(undefined)
      }}
    >
      <rect
        x={axis.x - reach}
        y={plotSize.top - 8}
        width={2 * reach}
        height={plotSize.height - plotSize.top - plotSize.bottom + 16}
        fill="transparent"
      />
      {top === undefined || bottom === undefined ? null : (
        <rect
          data-brush={name}
          x={axis.x - 7}
          y={top}
          width={14}
          height={Math.max(3, bottom - top)}
          rx={2}
          fill="var(--accent)"
          fillOpacity={0.2}
          stroke="var(--accent)"
        />
      )}
    </g>
  )
}

/** Which place of the axis the pointer is at. */
function placeAt({ clientY, currentTarget }: PointerEvent<SVGElement>, { isFlipped }: StandingAxis): number {
  const box = currentTarget.ownerSVGElement?.getBoundingClientRect()
  if (!box || box.height === 0) return 0
  const y = ((clientY - box.top) / box.height) * plotSize.height
  const share = (plotSize.height - plotSize.bottom - y) / (plotSize.height - plotSize.top - plotSize.bottom)
  const place = Math.max(0, Math.min(1, share))
  return isFlipped ? 1 - place : place
}

/** Null takes the range away; undefined is no key of it. */
function readKey(
  { key, shiftKey }: KeyboardEvent,
  isFlipped: boolean,
): { by: number; grow: number } | null | undefined {
  if (key === 'Delete' || key === 'Backspace') return null
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined
  const isUp = key === 'ArrowUp'
  if (shiftKey) return { by: 0, grow: isUp ? keyStep : -keyStep }
  return { by: isUp === isFlipped ? -keyStep : keyStep, grow: 0 }
}
