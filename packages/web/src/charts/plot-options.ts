import type uPlot from 'uplot'
import { byteSteps, durationSteps, formatXSplits, formatYSplits, wholeSteps, type ChartUnit } from '@pilothouse/signals'
import type { ChartLook } from './chart-frame.ts'
import { readPalette } from './palette.ts'

export type PlotWishes = {
  size: { width: number; height: number }
  look: ChartLook
  unit: ChartUnit
  rangeX: () => [number, number]
  rangeY: (scale: 'y' | 'y2') => [number, number]
  /** Some lines have their axis on the right side. */
  hasRight: boolean
  onDraw: (plot: uPlot) => void
  onCursor: (plot: uPlot) => void
  onRange: (range: readonly [number, number] | null) => void
}

const font = "11px 'Geist Variable', system-ui, sans-serif"
/** Room right of the plot for the newest values, CSS pixels. */
const labelRoom: Record<ChartUnit, number> = { value: 58, '%': 42, '°C': 46, W: 46, bytes: 62, 'bytes/s': 72 }

/** What uPlot needs to know. Series are painted by us: it gets one empty series, for its y scale. */
export function buildPlotOptions(wishes: PlotWishes): uPlot.Options {
  const { look, size } = wishes
  return {
    ...size,
    ms: 1,
    padding: [12, wishes.hasRight ? 0 : labelRoom[wishes.unit], 0, 0],
    legend: { show: false },
    series: [{}, ...(['y', 'y2'] as const).map((scale) => ({ scale, paths: () => null, points: { show: false } }))],
    scales: {
      x: { time: look.x === 'wall', distr: look.logX ? 3 : 1, range: () => wishes.rangeX() },
      y: { distr: look.log ? 3 : 1, range: () => wishes.rangeY('y') },
      y2: { distr: look.logRight ? 3 : 1, range: () => wishes.rangeY('y2') },
    },
    axes: [axisX(wishes), axisY(wishes, look.log), ...(wishes.hasRight ? [axisRight(wishes)] : [])],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 6 },
      bind: {
        mousedown: (plot, _, handler) => (event) => (event.shiftKey ? null : passOn(plot, handler, event)),
        dblclick: () => () => {
          wishes.onRange(null)
          return null
        },
      },
      sync: {
        key: `x:${look.x}`,
        scales: ['x', null],
        setSeries: false,
        filters: { pub: isMove, sub: isMove },
      },
    },
    hooks: {
      draw: [wishes.onDraw],
      setCursor: [wishes.onCursor],
      setSelect: [(plot) => takeSelection(plot, wishes.onRange)],
    },
  }
}

function axisX({ look }: PlotWishes): uPlot.Axis {
  const steps = stepsOf(look)
  return {
    font,
    stroke: () => readPalette().faint,
    size: 26,
    gap: 6,
    space: 72,
    ...(steps && !look.logX ? { incrs: [...steps] } : {}),
    values: (_, splits) => formatXSplits(splits, look.x),
    grid: { show: false },
    ticks: { show: false },
    border: { show: true, width: 1, stroke: () => readPalette().line },
  }
}

function stepsOf(look: ChartLook): readonly number[] | undefined {
  if (look.x === 'relative') return durationSteps
  return look.x === 'step' ? wholeSteps : undefined
}

function axisY({ unit }: PlotWishes, log: boolean): uPlot.Axis {
  return {
    font,
    stroke: () => readPalette().faint,
    // Rounded up to steps of 6 px, so that the plot does not shift with each digit.
    size: (_, values) =>
      Math.ceil((Math.max(3, ...(values ?? []).map((text) => String(text ?? '').length)) * 6 + 12) / 6) * 6,
    gap: 6,
    space: 36,
    ...(unit.startsWith('bytes') ? { incrs: [...byteSteps] } : {}),
    ...(log ? {} : { values: (_: uPlot, splits: number[]) => formatYSplits(splits, unit) }),
    grid: { stroke: () => readPalette().line, width: 1 },
    ticks: { show: false },
    border: { show: false },
  }
}

/** The same on the other side, without lines across. */
function axisRight(wishes: PlotWishes): uPlot.Axis {
  return { ...axisY(wishes, wishes.look.logRight), scale: 'y2', side: 1, grid: { show: false } }
}

function isMove(type: string): boolean {
  return type === 'mousemove' || type === 'mouseleave'
}

function passOn(_: uPlot, handler: (event: MouseEvent) => null, event: MouseEvent): null {
  return handler(event)
}

function takeSelection(plot: uPlot, onRange: PlotWishes['onRange']): void {
  const { left, width } = plot.select
  if (width < 6) return
  const from = plot.posToVal(left, 'x')
  const to = plot.posToVal(left + width, 'x')
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  onRange([from, to])
}
