/** A chart as an SVG file: the strokes that the painter makes on the canvas, as paths, with axes, title and names. */
import type uPlot from 'uplot'
import { paintSeries, type Painting } from './chart-painter.ts'
import { readPalette } from './palette.ts'
import { nameFile, saveFile } from './save-chart-picture.ts'
import { SvgBrush } from './svg-brush.ts'

/** CSS pixels. */
const headPx = 44
const sidePx = 12
const entriesMax = 8
/** About what a letter of 12 px takes: a file has no canvas to measure with. */
const letterPx = 6.6

export function saveChartVector(plot: uPlot, painting: Painting, title: string): void {
  const text = drawChartVector(plot, painting, title)
  saveFile(new Blob([text], { type: 'image/svg+xml' }), `${nameFile(title)}.svg`)
}

function drawChartVector(plot: uPlot, painting: Painting, title: string): string {
  const ratio = devicePixelRatio
  const { canvas } = plot.ctx
  const brush = new SvgBrush(toPlainColour)
  const [width, height] = [canvas.width / ratio + 2 * sidePx, canvas.height / ratio + headPx + sidePx]
  drawAxes(brush, plot)
  const { bbox, scales } = plot
  paintSeries(
    { ctx: brush, bbox, scales, valToPos: (value, scale) => plot.valToPos(value, scale, true) },
    { ...painting, isVector: true },
  )
  const head = new SvgBrush(toPlainColour)
  drawHead(head, painting, title)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="100%" height="100%" fill="${toPlainColour(readPalette().surface)}"/>`,
    head.toString(),
    `<g transform="translate(${sidePx} ${headPx}) scale(${1 / ratio})">`,
    brush.toString(),
    '</g></svg>\n',
  ].join('\n')
}

function drawHead(brush: SvgBrush, { series }: Painting, title: string): void {
  const palette = readPalette()
  brush.fillStyle = palette.text
  brush.font = '500 14px Geist, system-ui, sans-serif'
  brush.fillText(title, sidePx, 20)
  brush.font = '12px Geist, system-ui, sans-serif'
  let left = sidePx
  for (const { label, style } of series.slice(0, entriesMax)) {
    brush.strokeStyle = palette.series[style.hue] ?? palette.muted
    brush.lineWidth = 2
    brush.setLineDash([...style.dash])
    brush.beginPath()
    brush.moveTo(left, 34)
    brush.lineTo(left + 16, 34)
    brush.stroke()
    brush.fillStyle = palette.muted
    brush.fillText(label, left + 22, 38)
    left += 22 + label.length * letterPx + 16
  }
}

/** Where uPlot has put its labels, and what they say; it keeps them beside what its types tell. */
type DrawnAxis = uPlot.Axis & { _splits?: (number | null)[]; _values?: (string | number | null)[] }

function drawAxes(brush: SvgBrush, plot: uPlot): void {
  const { bbox, axes } = plot
  const palette = readPalette()
  const ratio = devicePixelRatio
  const [across, ...upright] = axes as DrawnAxis[] // see DrawnAxis
  const bottom = bbox.top + bbox.height
  brush.font = `${11 * ratio}px Geist, system-ui, sans-serif`
  brush.lineWidth = ratio
  const line = (from: [number, number], to: [number, number]): void => {
    brush.strokeStyle = palette.line
    brush.beginPath()
    brush.moveTo(...from)
    brush.lineTo(...to)
    brush.stroke()
  }
  brush.fillStyle = palette.faint
  brush.textBaseline = 'middle'
  for (const axis of upright) {
    if (axis.show === false) continue
    const isRight = axis.side === 1
    brush.textAlign = isRight ? 'left' : 'right'
    for (const [value, label] of listLabels(axis)) {
      const y = plot.valToPos(value, axis.scale ?? 'y', true)
      if (y < bbox.top - 1 || y > bottom + 1) continue
      if (axis.grid?.show !== false) line([bbox.left, y], [bbox.left + bbox.width, y])
      brush.fillText(label, isRight ? bbox.left + bbox.width + 6 * ratio : bbox.left - 6 * ratio, y)
    }
  }
  line([bbox.left, bottom], [bbox.left + bbox.width, bottom])
  brush.textAlign = 'center'
  brush.textBaseline = 'top'
  for (const [value, label] of across ? listLabels(across) : []) {
    const x = plot.valToPos(value, 'x', true)
    if (x >= bbox.left - 1 && x <= bbox.left + bbox.width + 1) brush.fillText(label, x, bottom + 7 * ratio)
  }
}

function listLabels({ _splits = [], _values = [] }: DrawnAxis): [number, string][] {
  return _splits.flatMap((value, at): [number, string][] => {
    const label = _values[at]
    return value === null || label === null || label === undefined || label === '' ? [] : [[value, String(label)]]
  })
}

let probe: CanvasRenderingContext2D | null | undefined

/** A colour as every program reads it: the page's own are written in OKLCH. */
function toPlainColour(colour: string): string {
  probe ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  })
  if (!probe) return colour
  probe.clearRect(0, 0, 1, 1)
  probe.fillStyle = colour
  probe.fillRect(0, 0, 1, 1)
  const [red = 0, green = 0, blue = 0] = probe.getImageData(0, 0, 1, 1).data
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
