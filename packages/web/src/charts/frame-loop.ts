/** One animation frame for all charts: whoever asks within a frame is drawn once in the next. */
const waiting = new Set<() => void>()
let requested = 0

/** Calls `draw` in the next frame, once, however often it is asked for. */
export function requestDraw(draw: () => void): void {
  waiting.add(draw)
  if (requested === 0) requested = requestAnimationFrame(drawAll)
}

export function cancelDraw(draw: () => void): void {
  waiting.delete(draw)
}

function drawAll(): void {
  requested = 0
  const now = [...waiting]
  waiting.clear()
  for (const draw of now) draw()
}
