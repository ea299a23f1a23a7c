import { useCallback, useEffect, useRef, type RefObject } from 'react'
import { themeEvent } from '../app/theme.ts'
import { cancelDraw, requestDraw } from '../charts/frame-loop.ts'

export type CanvasSize = { width: number; height: number }
export type Paint = (context: CanvasRenderingContext2D, size: CanvasSize) => void

/** A canvas that is painted again when its size, the theme or what it shows changes, at most once a frame. */
export function useCanvas(paint: Paint): { canvas: RefObject<HTMLCanvasElement | null>; redraw: () => void } {
  const canvas = useRef<HTMLCanvasElement>(null)
  const latest = useRef(paint)
  const draw = useCallback(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (element && context) drawSharp(element, context, latest.current)
  }, [])
  useEffect(() => {
    latest.current = paint
  })
  const redraw = useCallback(() => requestDraw(draw), [draw])
  useEffect(() => {
    const element = canvas.current
    if (!element) return undefined
    const observer = new ResizeObserver(redraw)
    observer.observe(element)
    window.addEventListener(themeEvent, redraw)
    return () => {
      observer.disconnect()
      window.removeEventListener(themeEvent, redraw)
      cancelDraw(draw)
    }
  }, [draw, redraw])
  return { canvas, redraw }
}

/** Paints in CSS pixels on as many real ones as the screen has. */
function drawSharp(element: HTMLCanvasElement, context: CanvasRenderingContext2D, paint: Paint): void {
  const { width, height } = element.getBoundingClientRect()
  const ratio = window.devicePixelRatio || 1
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (wide === 0 || high === 0) return
  if (element.width !== wide || element.height !== high) {
    element.width = wide
    element.height = high
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  paint(context, { width, height })
}
