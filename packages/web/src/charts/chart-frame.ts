/**
 * One chart outside React: uPlot for axes, scales, cursor and zoom; our painter for the series; the feed for the points.
 * Points never pass through React. Drawing happens at most once a frame, and only while the chart can be seen.
 */
import uPlot from 'uplot'
import type { XAxis } from '@pilothouse/contract'
import { AnnotationMarks } from './annotation-marks.ts'
import type { Annotation, AnnotationPlace } from './annotations.ts'
import type { DrawnSeries, Painting } from './chart-painter.ts'
import { ChartReadout } from './chart-readout.ts'
import { extentOfBulk, extentOfX, extentOfY } from './chart-extent.ts'
import type { Smooth } from './chart-search.ts'
import { chooseYRange, type ChartUnit, type Extent, type LineStyle } from '@pilothouse/signals'
import { describeChart } from './describe-chart.ts'
import { findPlace, type Aim } from './find-place.ts'
import { holdAxis, holdEnd, holdMoving } from './hold-scale.ts'
import { beginOfFrame, isOutgrown, placeFrame } from './moving-frame.ts'
import { PaintedPicture } from './painted-picture.ts'
import { buildPlotOptions } from './plot-options.ts'
import { cancelDraw, requestDraw } from './frame-loop.ts'
import type { ChartFeed, Picture } from './chart-data.ts'
import { readPalette } from './palette.ts'
import type { SeriesBuffer } from './series-buffer.ts'
import { themeEvent } from '../app/theme.ts'

export type ChartSubject = {
  /** A series that is called as the chart itself needs no name in the legend. */
  title: string
  keys: readonly string[]
  /** Those that have their axis on the right side. */
  right?: readonly string[]
  source: string
  /** Its points know the time, and steps only by the job's (place-in-time.ts of the contract). */
  byTime?: boolean
  /** Of the sources their mean is shown (source-mean.ts). */
  isMean?: boolean
  unit: ChartUnit
  nameOf: (buffer: SeriesBuffer) => string
  styleOf: (buffer: SeriesBuffer, rank: number) => LineStyle
  /** A series with fewer points is drawn as it is: an average over a handful only misleads. */
  smoothFrom: (buffer: SeriesBuffer) => number
}
export type ChartLook = {
  x: XAxis
  smoothing: Smooth
  log: boolean
  /** Of the axis on the right. */
  logRight: boolean
  logX: boolean
  clip: boolean
  range: readonly [number, number] | null
  /** So much of the axis up to where the job is, moving along (moving-frame.ts). */
  last: number | null
}
export type ChartState = 'loading' | 'empty' | 'ready' | 'failed'
export type ChartParts = {
  plot: HTMLElement
  legend: HTMLElement
  image: HTMLElement
  announcer: HTMLElement
  /** Annotations stand here, over the plot: nothing inside of a picture can be reached by a key. */
  marks: HTMLElement
}
export type ChartCalls = {
  onState: (state: ChartState, error?: Error) => void
  onRange: (range: readonly [number, number] | null) => void
}

const describeEveryMs = 4_000
/** Points of each of many sources, which are drawn over one another. */
const sourcePointsMax = 400
/** A slider that is being drawn along asks for an average when it rests so long. */
const restMs = 120

export class ChartFrame {
  readonly #feed: ChartFeed
  readonly #subject: ChartSubject
  readonly #parts: ChartParts
  readonly #calls: ChartCalls
  readonly #readout: ChartReadout
  readonly #marks: AnnotationMarks
  readonly #picture = new PaintedPicture()
  readonly #undo: (() => void)[] = []
  readonly #draw = (): void => this.#drawNow()
  #look: ChartLook
  #plot: uPlot | undefined
  #unbind: (() => void) | undefined
  #unwatch: (() => void) | undefined
  #shown: { data: Picture; close: () => void } | undefined
  #coming: { data: Picture; close: () => void } | undefined
  #drawn: DrawnSeries[] = []
  #held: { x?: Extent; y?: Extent; y2?: Extent } = {}
  #isVisible = false
  #width = 0
  #height = 0
  #state: ChartState | undefined
  #describedAt = 0
  #describedNames = ''
  #aim: Aim | null = null
  /** Where the part of the axis begins that was asked for last. */
  #begin = Number.NEGATIVE_INFINITY
  #combine: ((buffers: readonly SeriesBuffer[]) => SeriesBuffer[]) | undefined
  #restTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    feed: ChartFeed,
    options: { subject: ChartSubject; look: ChartLook; parts: ChartParts; calls: ChartCalls },
  ) {
    this.#feed = feed
    this.#subject = options.subject
    this.#look = options.look
    this.#parts = options.parts
    this.#calls = options.calls
    this.#readout = new ChartReadout(options.parts, options.subject)
    this.#marks = new AnnotationMarks(options.parts.marks)
    if (options.subject.isMean) void this.#loadMean()
    this.#watchNewest()
    this.#watchSize()
    this.#watchSight()
    const repaint = (): void => this.#recreate()
    window.addEventListener(themeEvent, repaint)
    this.#undo.push(() => window.removeEventListener(themeEvent, repaint))
  }

  /** Other axis, smoothing, scale or range: what is shown stays until the new data is there. */
  setLook(look: ChartLook): void {
    const before = this.#look
    this.#look = look
    const asksAnew = look.x !== before.x || String(look.range) !== String(before.range) || look.last !== before.last
    this.#watchNewest()
    if (asksAnew && this.#shown) this.#open()
    else if (look.smoothing !== before.smoothing) {
      clearTimeout(this.#restTimer)
      this.#restTimer = setTimeout(() => this.#shown && this.#open(), restMs)
    }
    const names = ['x', 'log', 'logRight', 'logX'] as const
    if (names.some((name) => look[name] !== before[name])) this.#recreate()
    else requestDraw(this.#draw)
  }

  /** What people left on its points, and what opens it. */
  annotate(list: readonly Annotation[], onOpen: (annotation: Annotation) => void): void {
    this.#marks.list = list
    this.#marks.onOpen = onOpen
    requestDraw(this.#draw)
  }

  /** True while the cursor is in this very chart. */
  isAimedAt(): boolean {
    const { image } = this.#parts
    return (
      (this.#plot?.cursor.left ?? -1) >= 0 && (this.#plot?.over.matches(':hover') || document.activeElement === image)
    )
  }

  /** The point that the cursor is at, or was last, else the newest one. */
  findPlace(): AnnotationPlace | undefined {
    // Of an overlay only the job whose page this is: notes are on its points.
    // A mean of several sources has no points that anything could be said of.
    const own = this.#drawn.filter(({ buffer }) => buffer.member === '' && !buffer.isMean)
    return this.#plot && findPlace(this.#plot, own, { aim: this.#aim, x: this.#look.x })
  }

  /** Saves the picture as a PNG file: as it stands, with its title and its lines by name. */
  async savePicture(): Promise<void> {
    if (!this.#plot) return
    const { saveChartPicture } = await import('./save-chart-picture.ts')
    const entries = this.#drawn.map(({ label, style }) => ({ label, style }))
    await saveChartPicture(this.#plot.ctx.canvas, { title: this.#subject.title, entries })
  }

  /** The same as vectors. */
  async saveVector(): Promise<void> {
    if (!this.#plot) return
    const { saveChartVector } = await import('./save-chart-vector.ts')
    saveChartVector(this.#plot, this.#painting(this.#plot), this.#subject.title)
  }

  /** Rows for the table view: x, and the value of each series there. */
  table(): { names: string[]; rows: { x: number; values: number[] }[] } {
    const places = [...new Set(this.#drawn.flatMap(({ buffer }) => [...buffer.x.subarray(0, buffer.size)]))]
    const window = this.#window()
    const rows = places
      .filter((x) => x >= window.min && x <= window.max)
      .sort((a, b) => b - a)
      .map((x) => ({ x, values: this.#drawn.map(({ buffer }) => valueAt(buffer, x)) }))
    return { names: this.#drawn.map(({ label }) => label), rows }
  }

  destroy(): void {
    this.#undo.forEach((undo) => undo())
    this.#unwatch?.()
    cancelDraw(this.#draw)
    clearTimeout(this.#restTimer)
    this.#shown?.close()
    this.#coming?.close()
    this.#unbind?.()
    this.#plot?.destroy()
    this.#plot = undefined
    this.#readout.destroy()
    this.#marks.clear()
  }

  async #loadMean(): Promise<void> {
    this.#combine = (await import('./source-mean.ts')).averageSources
    requestDraw(this.#draw)
  }

  /** A frame moves with the job, also where this chart gets no points. */
  #watchNewest(): void {
    if (this.#look.last === null) {
      this.#unwatch?.()
      this.#unwatch = undefined
    } else this.#unwatch ??= this.#feed.subscribeLatest?.(() => requestDraw(this.#draw))
  }

  #watchSize(): void {
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {}
      if (width === this.#width && height === this.#height) return
      this.#width = width
      this.#height = height
      this.#plot?.setSize({ width, height })
      requestDraw(this.#draw)
    })
    observer.observe(this.#parts.plot)
    this.#undo.push(() => observer.disconnect())
  }

  #watchSight(): void {
    const observer = new IntersectionObserver(
      (entries) => {
        this.#isVisible = entries.at(-1)?.isIntersecting ?? false
        if (!this.#isVisible) return
        if (!this.#shown && !this.#coming) this.#open()
        requestDraw(this.#draw)
      },
      { rootMargin: '40px' },
    )
    observer.observe(this.#parts.plot)
    this.#undo.push(() => observer.disconnect())
  }

  #open(): void {
    const { keys, source, byTime } = this.#subject
    const { x, smoothing } = this.#look
    const range = this.#askedRange()
    this.#begin = range?.[0] ?? Number.NEGATIVE_INFINITY
    this.#coming?.close()
    // Widths are rounded so that charts of about the same width share one query.
    const points = Math.min(
      source === '*' ? sourcePointsMax : 2_000,
      Math.max(400, Math.ceil((this.#width || 600) / 400) * 400),
    )
    const coming = this.#feed.open({ keys, source, x, range, points, smooth: smoothing, byTime })
    this.#coming = coming
    coming.data.onChange = () => {
      if (coming.data.status === 'loading') return
      if (this.#coming === coming) this.#swap()
      requestDraw(this.#draw)
    }
    if (!this.#shown) this.#enter('loading')
  }

  #askedRange(): readonly [number, number] | null {
    const { x, range, last } = this.#look
    const newest = this.#feed.newest?.(x)
    if (last === null || newest === undefined) return range
    return [beginOfFrame(last, newest), Number.POSITIVE_INFINITY]
  }

  #swap(): void {
    this.#shown?.close()
    this.#shown = this.#coming
    this.#coming = undefined
    // Another picture: its words are due at once.
    this.#describedAt = 0
  }

  #recreate(): void {
    this.#unbind?.()
    this.#unbind = undefined
    this.#plot?.destroy()
    this.#plot = undefined
    this.#picture.forget()
    requestDraw(this.#draw)
  }

  #drawNow(): void {
    const data = this.#shown?.data
    if (!this.#isVisible || !data || this.#width < 40) return
    if (data.status === 'failed') return this.#enter('failed', data.error)
    if (this.#subject.isMean && !this.#combine) return
    this.#followFrame()
    this.#drawn = this.#arrange(data)
    const extent = extentOfX(this.#drawn.map(({ buffer }) => buffer))
    if (!extent) return this.#enter('empty')
    this.#enter('ready')
    this.#plot ??= this.#create()
    this.#show(this.#plot)
    this.#readout.update(this.#plot, { drawn: this.#drawn, look: this.#look, marks: this.#marks })
    this.#describe()
  }

  /** Where no scale moves, only what came since is painted. */
  #show(plot: uPlot): void {
    const x = this.#window()
    const scales = { x, y: this.#rangeY('y'), y2: this.#rangeY('y2') }
    if (this.#picture.goOn(plot, this.#painting(plot), scales)) return this.#placeMarks(plot)
    plot.setData([
      [x.min, x.max],
      [null, null],
      [null, null],
    ])
  }

  #followFrame(): void {
    const { x, last } = this.#look
    const newest = this.#feed.newest?.(x)
    if (last === null || newest === undefined || this.#coming) return
    if (isOutgrown(this.#begin, last, newest)) this.#open()
  }

  #arrange(data: Picture): DrawnSeries[] {
    const { nameOf, styleOf } = this.#subject
    const all = data.list().filter(({ size }) => size > 0)
    const filled = this.#combine?.(all) ?? all
    return filled.map((buffer, rank) => ({
      buffer,
      label: nameOf(buffer),
      style: styleOf(buffer, rank),
      scale: this.#subject.right?.includes(buffer.key) ? ('y2' as const) : ('y' as const),
      isSmoothed: buffer.isSmoothed && buffer.total >= this.#subject.smoothFrom(buffer),
    }))
  }

  #window(): Extent {
    const { last, logX, x } = this.#look
    const newest = last === null ? undefined : this.#feed.newest?.(x)
    if (last !== null && newest !== undefined) {
      const [min, max] = placeFrame(last, newest)
      return (this.#held.x = holdMoving(this.#held.x, { min, max }))
    }
    const { range } = this.#look
    const buffers = this.#drawn.map(({ buffer }) => buffer)
    const extent = extentOfX(buffers, logX) ?? { min: 1, max: 2 }
    if (range) return { min: logX && range[0] <= 0 ? Math.min(extent.min, range[1] / 10) : range[0], max: range[1] }
    if (extent.max > extent.min) return logX ? extent : (this.#held.x = holdEnd(this.#held.x, extent))
    return logX ? { min: extent.min / 2, max: extent.max * 2 } : { min: extent.min - 1, max: extent.max + 1 }
  }

  #create(): uPlot {
    const options = buildPlotOptions({
      size: { width: this.#width, height: this.#height },
      look: this.#look,
      unit: this.#subject.unit,
      rangeX: () => [this.#window().min, this.#window().max],
      rangeY: (scale) => {
        const { min, max } = this.#rangeY(scale)
        return [min, max]
      },
      hasRight: (this.#subject.right?.length ?? 0) > 0,
      onDraw: (plot) => this.#paint(plot),
      onCursor: (plot) => this.#follow(plot),
      onRange: this.#calls.onRange,
    })
    const plot = new uPlot(
      options,
      [
        [0, 1],
        [null, null],
        [null, null],
      ],
      this.#parts.plot,
    )
    void this.#bindGestures(plot)
    return plot
  }

  /** They are fetched when the first picture stands. */
  async #bindGestures(plot: uPlot): Promise<void> {
    const { bindGestures } = await import('./chart-gestures.ts')
    if (this.#plot !== plot) return
    this.#unbind = bindGestures(plot, {
      image: this.#parts.image,
      onRange: this.#calls.onRange,
      places: () => this.#drawn[0]?.buffer,
      announce: () => this.#readout.announce(),
    })
  }

  #follow(plot: uPlot): void {
    this.#readout.update(plot, { drawn: this.#drawn, look: this.#look, marks: this.#marks })
    if (!this.isAimedAt()) return
    const { left = 0, top = 0 } = plot.cursor
    this.#aim = { x: plot.posToVal(left, 'x'), top: plot.over.matches(':hover') ? top : null }
  }

  #rangeY(scale: 'y' | 'y2'): Extent {
    const buffers = this.#drawn.flatMap((one) => (one.scale === scale ? [one.buffer] : []))
    const { clip, ...look } = this.#look
    const log = scale === 'y' ? look.log : look.logRight
    const extent = (clip ? extentOfBulk : extentOfY)(buffers, this.#window(), log)
    const [min, max] = chooseYRange(extent, this.#subject.unit, log)
    return (this.#held[scale] = holdAxis(this.#held[scale], { min, max }, log))
  }

  #paint(plot: uPlot): void {
    // Only now the plot knows where places lie.
    this.#placeMarks(plot)
    this.#picture.paint(plot, this.#painting(plot))
  }

  #placeMarks(plot: uPlot): void {
    this.#marks.update(plot, { ...this.#subject, x: this.#look.x, origin: this.#feed.origin ?? 0 })
  }

  #painting(plot: uPlot): Painting {
    return {
      // What lies behind is drawn first.
      series: this.#drawn.toSorted((one, other) => Number(other.style.isFaint ?? 0) - Number(one.style.isFaint ?? 0)),
      gaps: this.#look.x === 'relative' || this.#look.x === 'wall',
      log: { y: this.#look.log, y2: this.#look.logRight },
      clip: this.#look.clip,
      unit: this.#subject.unit,
      palette: readPalette(),
      window: { min: plot.scales['x']?.min ?? 0, max: plot.scales['x']?.max ?? 1 },
    }
  }

  #describe(): void {
    const now = performance.now()
    const names = this.#drawn.map(({ label }) => label).join('\n')
    if (names === this.#describedNames && now - this.#describedAt < describeEveryMs && this.#describedAt > 0) return
    this.#describedNames = names
    this.#describedAt = now
    const text = describeChart(this.#drawn, { unit: this.#subject.unit, x: this.#look.x })
    this.#parts.image.setAttribute('aria-label', text)
  }

  #enter(state: ChartState, error?: Error): void {
    if (state === this.#state) return
    this.#state = state
    this.#calls.onState(state, error)
  }
}

function valueAt(buffer: SeriesBuffer, x: number): number {
  const at = buffer.nearest(x)
  return at >= 0 && buffer.x[at] === x ? (buffer.value[at] ?? Number.NaN) : Number.NaN
}
