/** Takes the strokes of a painter as SVG elements: the part of a canvas context that our charts use. */
import type { Brush } from './chart-painter.ts'

type Look = Pick<
  Brush,
  ('strokeStyle' | 'fillStyle' | 'lineWidth' | 'lineJoin') | ('globalAlpha' | 'font' | 'textAlign' | 'textBaseline')
> & { dash: readonly number[] }

export class SvgBrush implements Brush {
  strokeStyle: Brush['strokeStyle'] = '#000'
  fillStyle: Brush['fillStyle'] = '#000'
  lineWidth = 1
  lineJoin: CanvasLineJoin = 'miter'
  globalAlpha = 1
  /** Lines are painted whole here: their dashes begin where they begin. */
  lineDashOffset = 0
  font = '10px sans-serif'
  textAlign: CanvasTextAlign = 'left'
  textBaseline: CanvasTextBaseline = 'alphabetic'
  readonly #colourOf: (colour: string) => string
  readonly #parts: string[] = []
  readonly #saved: { look: Look; open: number }[] = []
  #dash: readonly number[] = []
  #path = ''
  /** Groups that wait for their end. */
  #open = 0
  #clips = 0

  constructor(colourOf: (colour: string) => string) {
    this.#colourOf = colourOf
  }

  toString(): string {
    return this.#parts.join('\n')
  }

  save(): void {
    const { strokeStyle, fillStyle, lineWidth, lineJoin, globalAlpha, font, textAlign, textBaseline } = this
    const look = { strokeStyle, fillStyle, lineWidth, lineJoin, globalAlpha, font, textAlign, textBaseline }
    this.#saved.push({ look: { ...look, dash: this.#dash }, open: this.#open })
  }

  restore(): void {
    const saved = this.#saved.pop()
    if (!saved) return
    const { dash, ...look } = saved.look
    Object.assign(this, look)
    this.#dash = dash
    for (; this.#open > saved.open; this.#open -= 1) this.#parts.push('</g>')
  }

  beginPath(): void {
    this.#path = ''
  }

  closePath(): void {
    this.#path += 'Z'
  }

  moveTo(x: number, y: number): void {
    this.#path += `M${round(x)} ${round(y)}`
  }

  /** As on a canvas, the first of a path only moves. */
  lineTo(x: number, y: number): void {
    this.#path += `${this.#path === '' ? 'M' : 'L'}${round(x)} ${round(y)}`
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#path += `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}Z`
  }

  /** Whole circles only. */
  arc(x: number, y: number, radius: number): void {
    const [r, across] = [round(radius), round(2 * radius)]
    this.#path += `M${round(x - radius)} ${round(y)}a${r} ${r} 0 1 0 ${across} 0a${r} ${r} 0 1 0 -${across} 0Z`
  }

  clip(): void {
    const id = `clip-${(this.#clips += 1)}`
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path}"/></clipPath>`, `<g clip-path="url(#${id})">`)
    this.#open += 1
  }

  setLineDash(segments: Iterable<number>): void {
    this.#dash = [...segments]
  }

  stroke(): void {
    if (this.#path === '') return
    const dash = this.#dash.length > 0 ? ` stroke-dasharray="${this.#dash.map(round).join(' ')}"` : ''
    const look = `stroke="${this.#colour(this.strokeStyle)}" stroke-width="${round(this.lineWidth)}" stroke-linejoin="${this.lineJoin}"`
    this.#parts.push(`<path d="${this.#path}" fill="none" ${look}${dash}${this.#alpha('stroke')}/>`)
  }

  fill(): void {
    if (this.#path === '') return
    this.#parts.push(`<path d="${this.#path}" fill="${this.#colour(this.fillStyle)}"${this.#alpha('fill')}/>`)
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const before = this.#path
    this.#path = ''
    this.rect(x, y, width, height)
    this.fill()
    this.#path = before
  }

  fillText(text: string, x: number, y: number): void {
    const [, weight = '400', size = '10', family = 'sans-serif'] = /^(?:(\d+) )?([\d.]+)px (.+)$/.exec(this.font) ?? []
    const anchor = { left: 'start', start: 'start', center: 'middle', right: 'end', end: 'end' }[this.textAlign]
    // Readers differ in what they know of baselines: the shift is written out.
    const shift = { middle: 0.35, top: 0.8 }[String(this.textBaseline)] ?? 0
    const place = `x="${round(x)}" y="${round(y + shift * Number(size))}" text-anchor="${anchor}"`
    const look = `font-size="${size}" font-weight="${weight}" font-family="${escapeWords(family)}" fill="${this.#colour(this.fillStyle)}"`
    this.#parts.push(`<text ${place} ${look}>${escapeWords(text)}</text>`)
  }

  #colour(colour: Brush['fillStyle']): string {
    return typeof colour === 'string' ? this.#colourOf(colour) : 'none'
  }

  #alpha(of: 'stroke' | 'fill'): string {
    return this.globalAlpha === 1 ? '' : ` ${of}-opacity="${this.globalAlpha}"`
  }
}

/** Hundredths of a pixel. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}

function escapeWords(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
