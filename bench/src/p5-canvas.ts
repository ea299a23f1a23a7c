/**
 * Runs in the page: watches what the canvas of the chart «clock» is told to write. Its painter writes the newest value at the
 * end of the line, left-aligned beside the plot, in the same go as the line itself; axes are aligned otherwise.
 */

/** A value that the chart showed as its newest, and when that frame was done, ms of the wall clock. */
export type Drawn = { value: number; at: number }

/** What is used here of the browser's own class; its types do not go together with those of Node. */
type Context = {
  textAlign: string
  canvas: { closest(selector: string): unknown }
  fillText(text: string, ...place: number[]): void
}

declare const CanvasRenderingContext2D: { prototype: Context }
declare global {
  var drawn: Drawn[]
}

/** To be run before any script of the page. */
export function watchCanvas(): void {
  globalThis.drawn = []
  const write = CanvasRenderingContext2D.prototype.fillText
  const afterFrame = new MessageChannel()
  let newest = -1
  // A message from within a frame is delivered when its painting is through.
  afterFrame.port1.addEventListener('message', () => {
    if (newest > (globalThis.drawn.at(-1)?.value ?? -1)) globalThis.drawn.push({ value: newest, at: Date.now() })
  })
  afterFrame.port1.start()
  CanvasRenderingContext2D.prototype.fillText = function writeAndNote(this: Context, text, ...place) {
    write.call(this, text, ...place)
    if (this.textAlign !== 'left' || !this.canvas.closest('[data-chart="clock"]')) return
    newest = Number(text.replace(/\D/g, ''))
    afterFrame.port2.postMessage(null)
  }
}
