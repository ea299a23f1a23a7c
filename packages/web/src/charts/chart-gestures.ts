import type uPlot from 'uplot'
import type { SeriesBuffer } from './series-buffer.ts'

export type GestureCalls = {
  /** The element that takes the keys. */
  image: HTMLElement
  onRange: (range: readonly [number, number] | null) => void
  /** The series along which the arrow keys walk. */
  places: () => SeriesBuffer | undefined
  announce: () => void
}

/** Shift-drag pans, Ctrl-wheel and pinch zoom, a finger moves the cursor, arrow keys too. Returns the undo. */
export function bindGestures(plot: uPlot, calls: GestureCalls): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const { over } = plot
  over.addEventListener('mousedown', (event) => event.shiftKey && startPan(plot, event, calls), { signal })
  over.addEventListener('wheel', (event) => zoomByWheel(plot, event, calls), { signal, passive: false })
  bindTouch(plot, calls, signal)
  calls.image.addEventListener('keydown', (event) => walk(plot, event, calls), { signal })
  calls.image.addEventListener('blur', () => plot.setCursor({ left: -10, top: -10 }), { signal })
  return () => stop.abort()
}

function startPan(plot: uPlot, start: MouseEvent, calls: GestureCalls): void {
  const range = rangeOf(plot)
  const stop = new AbortController()
  const shifted = (event: MouseEvent): readonly [number, number] =>
    changeRange(plot, range, (from, to) => {
      const shift = ((start.clientX - event.clientX) / plot.over.clientWidth) * (to - from)
      return [from + shift, to + shift]
    })
  start.preventDefault()
  window.addEventListener('mousemove', (event) => setRange(plot, shifted(event)), { signal: stop.signal })
  window.addEventListener(
    'mouseup',
    (event) => {
      stop.abort()
      if (event.clientX !== start.clientX) calls.onRange(shifted(event))
    },
    { signal: stop.signal },
  )
}

function zoomByWheel(plot: uPlot, event: WheelEvent, calls: GestureCalls): void {
  if (!event.ctrlKey && !event.metaKey) return
  event.preventDefault()
  const centre = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, 'x')
  calls.onRange(scaleAround(plot, { range: rangeOf(plot), centre, factor: event.deltaY > 0 ? 1.25 : 0.8 }))
}

function bindTouch(plot: uPlot, calls: GestureCalls, signal: AbortSignal): void {
  const fingers = new Map<number, number>()
  let start: { spread: number; middle: number; range: readonly [number, number] } | undefined
  let tapAt = 0
  const place = (event: PointerEvent): number => event.clientX - plot.over.getBoundingClientRect().left
  const options = { signal }

  plot.over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType !== 'touch') return
      fingers.set(event.pointerId, place(event))
      plot.setCursor({ left: place(event), top: 0 }, true)
      if (fingers.size === 1 && event.timeStamp - tapAt < 300) calls.onRange(null)
      tapAt = event.timeStamp
      const [a = 0, b = 0] = [...fingers.values()]
      if (fingers.size === 2)
        start = { spread: Math.abs(a - b), middle: plot.posToVal((a + b) / 2, 'x'), range: rangeOf(plot) }
    },
    options,
  )
  plot.over.addEventListener(
    'pointermove',
    (event) => {
      if (!fingers.has(event.pointerId)) return
      fingers.set(event.pointerId, place(event))
      const [a = 0, b = 0] = [...fingers.values()]
      if (fingers.size === 1) plot.setCursor({ left: a, top: 0 }, true)
      else if (start)
        setRange(
          plot,
          scaleAround(plot, {
            range: start.range,
            centre: start.middle,
            factor: start.spread / Math.max(8, Math.abs(a - b)),
          }),
        )
    },
    options,
  )
  const lift = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || !start || fingers.size > 1) return
    start = undefined
    calls.onRange(rangeOf(plot))
  }
  plot.over.addEventListener('pointerup', lift, options)
  plot.over.addEventListener('pointercancel', lift, options)
}

function walk(plot: uPlot, event: KeyboardEvent, calls: GestureCalls): void {
  const buffer = calls.places()
  if (!buffer || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === 'Escape') return plot.setCursor({ left: -10, top: -10 })
  const [from, to] = rangeOf(plot)
  if (event.key === '0') return calls.onRange(null)
  if (event.key === '+' || event.key === '-') {
    return calls.onRange(
      scaleAround(plot, {
        range: [from, to],
        centre: plot.posToVal(plot.over.clientWidth / 2, 'x'),
        factor: event.key === '+' ? 0.5 : 2,
      }),
    )
  }
  const at = nextPlace(plot, buffer, event)
  if (at === undefined) return
  event.preventDefault()
  const x = Math.min(to, Math.max(from, buffer.x[at] ?? from))
  plot.setCursor({ left: plot.valToPos(x, 'x'), top: 0 }, true)
  calls.announce()
}

function nextPlace(plot: uPlot, buffer: SeriesBuffer, event: KeyboardEvent): number | undefined {
  const left = plot.cursor.left ?? -1
  const here = left >= 0 ? buffer.nearest(plot.posToVal(left, 'x')) : buffer.size - 1
  const stride = event.shiftKey ? 10 : 1
  if (event.key === 'ArrowLeft') return Math.max(0, here - stride)
  if (event.key === 'ArrowRight') return Math.min(buffer.size - 1, here + stride)
  if (event.key === 'Home') return 0
  return event.key === 'End' ? buffer.size - 1 : undefined
}

function rangeOf(plot: uPlot): readonly [number, number] {
  const { min = 0, max = 1 } = plot.scales['x'] ?? {}
  return [min, max]
}

function setRange(plot: uPlot, [min, max]: readonly [number, number]): void {
  plot.setScale('x', { min, max })
}

type Scaling = { range: readonly [number, number]; centre: number; factor: number }

function scaleAround(plot: uPlot, { range, centre, factor }: Scaling): readonly [number, number] {
  const middle = isLogarithmic(plot) ? Math.log(centre) : centre
  return changeRange(plot, range, (from, to) => [middle - (middle - from) * factor, middle + (to - middle) * factor])
}

/** Changes a range as it is seen: on a logarithmic axis, its logarithms. */
function changeRange(
  plot: uPlot,
  [from, to]: readonly [number, number],
  change: (from: number, to: number) => readonly [number, number],
): readonly [number, number] {
  if (!isLogarithmic(plot)) return change(from, to)
  const [low, high] = change(Math.log(from), Math.log(to))
  return [Math.exp(low), Math.exp(high)]
}

function isLogarithmic(plot: uPlot): boolean {
  return plot.scales['x']?.distr === 3
}
