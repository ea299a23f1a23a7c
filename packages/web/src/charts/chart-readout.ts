/** What a chart says in text: values in its legend, the tooltip at the cursor, and the words for a screen reader. */
import type uPlot from 'uplot'
import type { AnnotationMarks } from './annotation-marks.ts'
import type { ChartLook, ChartParts } from './chart-frame.ts'
import { lineOf, type DrawnSeries } from './chart-painter.ts'
import { formatUnit, formatX, nameAxis, type ChartUnit, type LineStyle } from '@pilothouse/signals'
import { readPalette } from './palette.ts'
import type { SeriesBuffer } from './series-buffer.ts'

type Entry = {
  name: string
  style: LineStyle
  value: number
  raw: number
  y: number
  /** Its job has nothing near the cursor. */
  isAbsent: boolean
}

type ReadParts = { drawn: readonly DrawnSeries[]; look: ChartLook; marks: Pick<AnnotationMarks, 'near'> }
type Written = Pick<ReadParts, 'drawn' | 'look'> & {
  x: number
  entries: Entry[]
  left: number
  said: readonly string[]
}

/** A legend names at most so many series; the tooltip has more. */
const legendMax = 24
/** A tooltip lists at most so many series; the rest is counted. */
const tooltipRowsMax = 12

export class ChartReadout {
  readonly #parts: ChartParts
  readonly #unit: ChartUnit
  readonly #title: string
  readonly #tooltip = make('div', 'chart-tooltip')
  readonly #dots: HTMLElement[] = []
  #legendNames = ''
  #spoken = ''

  constructor(parts: ChartParts, { unit, title }: { unit: ChartUnit; title: string }) {
    this.#parts = parts
    this.#unit = unit
    this.#title = title
    this.#tooltip.hidden = true
    this.#tooltip.setAttribute('aria-hidden', 'true')
    parts.plot.append(this.#tooltip)
  }

  update(plot: uPlot, { drawn, look, marks }: ReadParts): void {
    const left = plot.cursor.left ?? -1
    const isOver = left >= 0 && left <= plot.over.clientWidth
    const x = isOver ? plot.posToVal(left, 'x') : null
    const isThere = x === null ? () => true : tellPresence(plot, drawn, x)
    const entries = drawn.map((one) => {
      const entry = readEntry(plot, one, x)
      return { ...entry, isAbsent: !isThere(one.buffer) }
    })
    this.#writeLegend(entries)
    this.#placeDots(plot, isOver ? drawn : [], x ?? 0)
    const said = isOver ? marks.near(left) : []
    const isOwn = isOver && plot.cursor.event !== undefined && plot.over.matches(':hover')
    this.#writeTooltip(plot, isOwn && x !== null ? { x, entries, left, look, drawn, said } : null)
    this.#spoken = x === null ? '' : [this.#speak(x, entries, look), ...said].join('. ')
  }

  /** Says the values at the cursor, after a key moved it. */
  announce(): void {
    this.#parts.announcer.textContent = this.#spoken
  }

  destroy(): void {
    this.#tooltip.remove()
    this.#parts.legend.replaceChildren()
  }

  #speak(x: number, entries: readonly Entry[], look: ChartLook): string {
    const values = entries
      .filter(({ isAbsent }) => !isAbsent)
      .map(({ name, value }) => `${name} ${formatUnit(value, this.#unit)}`)
    return `${nameAxis(look.x)} ${formatX(x, look.x)}: ${values.join(', ')}`
  }

  #writeLegend(entries: readonly Entry[]): void {
    const names = entries.map(({ name, style }) => `${name}\n${style.hue}\n${String(style.dash)}`).join('\n\n')
    if (names !== this.#legendNames || this.#parts.legend.childElementCount === 0) {
      this.#legendNames = names
      this.#parts.legend.replaceChildren(
        ...entries.slice(0, legendMax).map((entry) => makeLegendEntry(entry, this.#title)),
      )
    }
    const { children } = this.#parts.legend
    entries.slice(0, legendMax).forEach(({ value, raw, isAbsent }, at) => {
      const cell = children[at]?.lastElementChild
      const text = isAbsent ? '–' : formatUnit(value, this.#unit)
      if (cell && cell.textContent !== text) cell.textContent = text
      if (cell instanceof HTMLElement)
        cell.title = raw === value ? '' : `smoothed; as logged ${formatUnit(raw, this.#unit)}`
    })
  }

  #placeDots(plot: uPlot, drawn: readonly DrawnSeries[], x: number): void {
    const palette = readPalette()
    const isThere = tellPresence(plot, drawn, x)
    drawn.forEach((one, rank) => {
      const { buffer, style } = one
      const dot = (this.#dots[rank] ??= make('div', 'chart-dot'))
      if (dot.parentElement !== plot.over) plot.over.append(dot)
      const at = buffer.nearest(x)
      const value = lineOf(one)[at] ?? Number.NaN
      const top = plot.valToPos(value, one.scale)
      const place = plot.valToPos(buffer.x[at] ?? Number.NaN, 'x')
      dot.hidden = !(
        isThere(buffer) &&
        top >= -2 &&
        top <= plot.over.clientHeight + 2 &&
        place >= -2 &&
        place <= plot.over.clientWidth + 2
      )
      dot.style.transform = `translate(${place}px, ${top}px)`
      dot.style.background = palette.series[style.hue] ?? palette.text
    })
    for (const dot of this.#dots.slice(drawn.length)) dot.hidden = true
  }

  #writeTooltip(plot: uPlot, shown: Written | null): void {
    this.#tooltip.hidden = shown === null
    if (!shown) return
    const sorted = shown.entries
      .filter(({ value, raw, isAbsent }) => !isAbsent && (!Number.isNaN(value) || Number.isNaN(raw)))
      .sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value))
    const head = make('div', 'chart-tooltip-head')
    head.textContent = `${nameAxis(shown.look.x)} ${formatX(findNearest(shown.drawn, shown.x), shown.look.x)}`
    const rows = sorted.slice(0, tooltipRowsMax).map((entry) => this.#makeRow(entry))
    const hidden = sorted.length - rows.length
    if (hidden > 0) rows.push(Object.assign(make('div', 'chart-tooltip-more'), { textContent: `and ${hidden} more` }))
    const said = shown.said.map((text) => Object.assign(make('div', 'chart-tooltip-said'), { textContent: text }))
    this.#tooltip.replaceChildren(head, ...rows, ...said)
    placeBeside(this.#tooltip, plot, shown.left)
  }

  #makeRow({ name, style, value, raw }: Entry): HTMLElement {
    const row = make('div', 'chart-tooltip-row')
    const label = make('span', 'chart-tooltip-name')
    const figure = make('span', 'chart-tooltip-value')
    label.textContent = name
    figure.textContent = formatUnit(value, this.#unit)
    row.append(makeSwatch(style), label, figure)
    if (!Object.is(raw, value)) {
      row.append(Object.assign(make('span', 'chart-tooltip-raw'), { textContent: formatUnit(raw, this.#unit) }))
    }
    return row
  }
}

/** Right of the cursor if there is room, else left of it; never over it. */
function placeBeside(tooltip: HTMLElement, plot: uPlot, left: number): void {
  const plotLeft = plot.over.offsetLeft
  const width = tooltip.offsetWidth
  const room = plot.width
  const right = plotLeft + left + 14
  const place = right + width <= room ? right : Math.max(0, plotLeft + left - 14 - width)
  tooltip.style.transform = `translate(${Math.round(place)}px, 8px)`
}

function readEntry(plot: uPlot, drawn: DrawnSeries, x: number | null): Omit<Entry, 'isAbsent'> {
  const { buffer, style, label } = drawn
  const index = x === null ? buffer.size - 1 : buffer.nearest(x)
  const value = lineOf(drawn)[index] ?? Number.NaN
  const raw = buffer.value[index] ?? Number.NaN
  const shown = Number.isFinite(raw) ? value : raw
  return { name: label, style, value: shown, raw, y: plot.valToPos(shown, drawn.scale) }
}

/** The x of the entry nearest to the cursor, over all series. */
function findNearest(drawn: readonly DrawnSeries[], x: number): number {
  let best = Number.NaN
  for (const { buffer } of drawn) {
    const place = buffer.x[buffer.nearest(x)] ?? Number.NaN
    if (Number.isNaN(best) || Math.abs(place - x) < Math.abs(best - x)) best = place
  }
  return Number.isNaN(best) ? x : best
}

/** So far outside of what a job has logged the cursor says nothing of it, CSS pixels. */
const reachPx = 12

/** Tells whether a job among several has anything near `x`: one that ended long before has no value there. */
function tellPresence(plot: uPlot, drawn: readonly DrawnSeries[], x: number): (buffer: SeriesBuffer) => boolean {
  const spans = new Map<string, { first: number; last: number }>()
  for (const { buffer } of drawn) {
    const known = spans.get(buffer.member) ?? { first: Infinity, last: -Infinity }
    const first = Math.min(known.first, buffer.x[0] ?? Infinity)
    spans.set(buffer.member, { first, last: Math.max(known.last, buffer.x[buffer.size - 1] ?? -Infinity) })
  }
  const cursor = plot.valToPos(x, 'x')
  return ({ member }) => {
    const { first, last } = spans.get(member) ?? { first: x, last: x }
    return plot.valToPos(first, 'x') - cursor <= reachPx && cursor - plot.valToPos(last, 'x') <= reachPx
  }
}

function makeLegendEntry({ name, style }: Entry, title: string): HTMLElement {
  const entry = make('span', 'chart-legend-entry')
  const label = make('span', 'chart-legend-name')
  label.textContent = name
  label.title = name
  label.hidden = name === title
  entry.append(makeSwatch(style), label, make('span', 'chart-legend-value'))
  return entry
}

function makeSwatch({ hue, dash, isFaint = false }: LineStyle): HTMLElement {
  const swatch = make('span', 'chart-swatch')
  swatch.style.color = `var(--series-${hue + 1})`
  const [stroke] = dash
  if (isFaint) swatch.style.opacity = '0.55'
  if (stroke !== undefined) swatch.classList.add(stroke < 2 ? 'chart-swatch-dotted' : 'chart-swatch-dashed')
  return swatch
}

function make(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag)
  element.className = className
  return element
}
