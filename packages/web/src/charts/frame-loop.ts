/** One animation frame for all charts: whoever asks within a frame is drawn once in the next. */
const waiting = new Set<() => void>()
let requested = 0

/** Leaves the rest of a frame of 16.7 ms to the browser, which has to paint what was drawn. */
const drawMsMax = 8

/** Calls `draw` in one of the next frames, once, however often it is asked for. */
export function requestDraw(draw: () => void): void {
  waiting.add(draw)
  if (requested === 0) requested = requestAnimationFrame(drawSome)
}

export function cancelDraw(draw: () => void): void {
  waiting.delete(draw)
}

/** Who waits longest comes first. What a frame has no time for is drawn in the next one: many charts are no long task. */
function drawSome(): void {
  requested = 0
  const begun = performance.now()
  const asked = [...waiting]
  for (const draw of asked) {
    if (performance.now() - begun >= drawMsMax) break
    if (waiting.delete(draw)) draw()
  }
  if (waiting.size > 0 && requested === 0) requested = requestAnimationFrame(drawSome)
}
