import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { ArrowUpDown } from 'lucide-react'
import { moveName } from './parallel-axes.ts'
import { plotSize, type StandingAxis } from './parallel-layout.ts'

/** Shorter moves are clicks, CSS pixels. */
const dragMinPx = 5

type HeadsProps = {
  axes: readonly StandingAxis[]
  /** While a name is drawn along. */
  onMoving: (names: readonly string[] | null) => void
  onOrder: (names: string[]) => void
  onFlip: (name: string) => void
}

/** Names of the axes: drawn or moved by keys they take their axis along. */
export function AxisHeads({ axes, onMoving, onOrder, onFlip }: HeadsProps) {
  const row = useRef<HTMLDivElement>(null)
  const drag = useRef<{ name: string; from: number; names: string[] | null } | null>(null)
  const names = axes.map(({ name }) => name)
  const move = ({ clientX }: PointerEvent): void => {
    const held = drag.current
    const box = row.current?.getBoundingClientRect()
    if (!held || !box || (held.names === null && Math.abs(clientX - held.from) < dragMinPx)) return
    const x = ((clientX - box.left) / box.width) * plotSize.width
    const share = (x - plotSize.side) / (plotSize.width - 2 * plotSize.side)
    held.names = moveName(names, held.name, Math.round(share * (names.length - 1)))
    onMoving(held.names)
  }
  const drop = (isTaken: boolean): void => {
    const moved = drag.current?.names
    drag.current = null
    if (moved && isTaken) onOrder(moved)
    else onMoving(null)
  }
  const press = (event: KeyboardEvent, name: string, at: number): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return
    event.preventDefault()
    onOrder(moveName(names, name, at + (event.key === 'ArrowLeft' ? -1 : 1)))
  }
  return (
    <div ref={row} role="group" aria-label="Axes" className="relative h-14">
      {/* Always in the same order, so that a name that moves keeps the focus. */}
      {axes
        .map((axis, at) => ({ axis, at }))
        .toSorted((a, b) => (a.axis.name < b.axis.name ? -1 : 1))
        .map(({ axis, at }) => (
          <div
            key={axis.name}
            className="absolute top-0 flex -translate-x-1/2 flex-col items-center"
            style={{ left: `${(100 * axis.x) / plotSize.width}%`, maxWidth: `${95 / Math.max(2, axes.length)}%` }}
          >
            <button
              type="button"
              title={`${axis.name}: drag or press the arrow keys to move it`}
              className="flex h-7 max-w-full cursor-grab touch-none items-center rounded-md px-1.5 text-12 font-medium hover:bg-hover"
              onKeyDown={(event) => press(event, axis.name, at)}
              onPointerDown={(event) => {
                if (event.button !== 0) return
                event.currentTarget.setPointerCapture(event.pointerId)
                drag.current = { name: axis.name, from: event.clientX, names: null }
              }}
              onPointerMove={move}
              onPointerUp={() => drop(true)}
              onPointerCancel={() => drop(false)}
            >
              <span className="truncate">{axis.name}</span>
              {axis.scale.isLog ? <span className="shrink-0 font-normal whitespace-pre text-muted"> log</span> : null}
              <span className="sr-only">
                , axis {at + 1} of {axes.length}
              </span>
            </button>
            <button
              type="button"
              aria-label={`Flip ${axis.name}`}
              aria-pressed={axis.isFlipped}
              title={axis.isFlipped ? 'High values are at the foot; turn it back' : 'Turn the axis around'}
              className="flex h-7 w-8 items-center justify-center rounded-md text-faint hover:bg-hover aria-pressed:text-accent"
              onClick={() => onFlip(axis.name)}
            >
              <ArrowUpDown size={14} aria-hidden />
            </button>
          </div>
        ))}
    </div>
  )
}
