/**
 * Runs in the page: notes when the first picture is there, how far frames lie apart, which tasks took long, and when a
 * canvas was last drawn anew. What it costs (a callback a frame) counts in what is measured.
 */

/** Times in ms since the page was asked for. */
export type Probe = {
  /** First frame in which what was waited for is in the page; null before. */
  pictureMs: number | null
  /** From frame to frame since the last look, the newest `gapsMax`. */
  gaps: number[]
  /** Tasks of more than 50 ms since the last look. */
  longTasks: number[]
  largestPaintMs: number
  layoutShift: number
  /** When any canvas was last cleared, which uPlot does at the begin of every drawing. */
  drawnMs: number
  /** When the last mouse button or key went up. */
  releasedMs: number
  /** Set while frames are not to be counted: to ask for each costs a page some of its time. */
  isResting: boolean
  /** What came over the line, the newest `gapsMax`; bytes as they were sent, compressed or not. */
  loads: { url: string; startMs: number; endMs: number; bytes: number }[]
}

/** What is used here of the browser's own objects; their types do not go together with those of Node. */
type Entry = {
  name: string
  startTime: number
  responseEnd: number
  encodedBodySize: number
  duration: number
  value: number
  hadRecentInput: boolean
}
type Observer = { observe(options: { type: string; buffered: boolean }): void }
type Context = { clearRect(...place: number[]): void }
declare const document: { querySelector(selector: string): unknown }
declare const window: {
  PerformanceObserver: new (take: (list: { getEntries(): Entry[] }) => void) => Observer
  CanvasRenderingContext2D: { prototype: Context }
  addEventListener(type: string, listener: () => void, capture: boolean): void
}
declare function requestAnimationFrame(callback: (now: number) => void): number
declare global {
  var probe: Probe
}

/** To be run before any script of the page; `picture` is the selector of what makes it worth looking at. */
export function watchPage(picture: string): void {
  const gapsMax = 10_000
  const restMs = 500
  const probe: Probe = {
    pictureMs: null,
    gaps: [],
    longTasks: [],
    largestPaintMs: 0,
    layoutShift: 0,
    drawnMs: 0,
    releasedMs: 0,
    isResting: false,
    loads: [],
  }
  globalThis.probe = probe
  const watch = (type: string, take: (entry: Entry) => void): void =>
    new window.PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
  watch('longtask', ({ duration }) => probe.longTasks.push(duration))
  watch('largest-contentful-paint', ({ startTime }) => (probe.largestPaintMs = startTime))
  watch('layout-shift', ({ value, hadRecentInput }) => (probe.layoutShift += hadRecentInput ? 0 : value))
  for (const type of ['navigation', 'resource'])
    watch(type, ({ name, startTime, responseEnd, encodedBodySize }) => {
      probe.loads.push({ url: name, startMs: startTime, endMs: responseEnd, bytes: encodedBodySize })
      if (probe.loads.length > gapsMax) probe.loads.shift()
    })
  for (const type of ['mouseup', 'keyup'])
    window.addEventListener(type, () => (probe.releasedMs = performance.now()), true)
  const { prototype } = window.CanvasRenderingContext2D
  const clear = prototype.clearRect
  prototype.clearRect = function clearAndNote(this: Context, ...place) {
    clear.call(this, ...place)
    probe.drawnMs = performance.now()
  }
  let before = Number.NaN
  const takeFrame = (now: number): void => {
    if (!Number.isNaN(before)) probe.gaps.push(now - before)
    if (probe.gaps.length > gapsMax) probe.gaps.shift()
    before = now
    if (probe.pictureMs === null && document.querySelector(picture)) probe.pictureMs = performance.now()
    if (!probe.isResting) return void requestAnimationFrame(takeFrame)
    before = Number.NaN
    setTimeout(() => requestAnimationFrame(takeFrame), restMs)
  }
  requestAnimationFrame(takeFrame)
}
