import { readPalette } from './palette.ts'
import type { LineStyle } from '@pilothouse/signals'

type Entry = { label: string; style: LineStyle }
export type PictureWords = { title: string; entries: readonly Entry[] }

/** In pixels of the canvas for each CSS pixel: enough for print. */
const headPx = 44
const sidePx = 12
/** Lines that are named; more would not fit. */
const entriesMax = 8

/** Saves a chart as a PNG file, with its title and the names of its lines above it, in the colours of the page. */
export async function saveChartPicture(chart: HTMLCanvasElement, { title, entries }: PictureWords): Promise<void> {
  const ratio = window.devicePixelRatio
  const canvas = document.createElement('canvas')
  canvas.width = chart.width + 2 * sidePx * ratio
  canvas.height = chart.height + (headPx + sidePx) * ratio
  const context = canvas.getContext('2d')
  if (!context) return
  const palette = readPalette()
  context.fillStyle = palette.surface
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(chart, sidePx * ratio, headPx * ratio)
  context.scale(ratio, ratio)
  context.fillStyle = palette.text
  context.font = `500 14px ${getComputedStyle(document.body).fontFamily}`
  context.fillText(title, sidePx, 20)
  writeEntries(context, entries)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (blob) saveFile(blob, `${nameFile(title)}.png`)
}

function writeEntries(context: CanvasRenderingContext2D, entries: readonly Entry[]): void {
  const { series, muted } = readPalette()
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`
  let left = sidePx
  for (const { label, style } of entries.slice(0, entriesMax)) {
    context.strokeStyle = series[style.hue] ?? muted
    context.lineWidth = 2
    context.setLineDash([...style.dash])
    context.beginPath()
    context.moveTo(left, 34)
    context.lineTo(left + 16, 34)
    context.stroke()
    context.fillStyle = muted
    context.fillText(label, left + 22, 38)
    left += 22 + context.measureText(label).width + 16
  }
}

/** A title as the name of a file. */
export function nameFile(title: string): string {
  return title.replaceAll(/[^\w.-]+/g, '-')
}

export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has taken it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
