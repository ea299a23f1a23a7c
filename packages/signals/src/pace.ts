/**
 * How fast a position advances, from samples «at time t the position was p».
 *
 * Speed: the samples are cut into intervals of similar length, the last 32 are kept, and the speed is the interquartile
 * mean of theirs: the slowest and the fastest quarter are left out, the rest is total advance over total time. (Trimmed
 * means: J. W. Tukey, «The future of data analysis», 1962.) A slow first step, a jump of the position and a stall fall
 * into the quarters left out; unlike a median it is not biased when step times are skewed.
 *
 * Gaps: a wait much longer than its steps should have taken (validation, checkpoint, pause) is cut to the expected time
 * for the speed, and its excess is remembered. Gaps that recur are part of the work ahead: their mean excess, each cut
 * to three times the median so that one long pause among validations does not count, is added for each that their usual
 * distance puts before the end. A single gap is a pause and counts for nothing. Four gaps in a row are no gaps but a new speed.
 *
 * The state is small (at most 32 + 16 pairs) and serialisable as JSON.
 */
export type Pace = {
  /** Where measuring goes on: position at the time `at`, ms. */
  at: number
  position: number
  /** Interval being filled. */
  openMs: number
  openAdvance: number
  /** Closed intervals, oldest first: [ms, advance]. */
  intervals: [number, number][]
  /** Recent gaps, oldest first: [position, excess ms]. */
  gaps: [number, number][]
  /** Gaps directly behind one another. */
  gapRun: number
  /** Advance per ms, from `intervals`; null before the first. */
  speed: number | null
  /** Length of the last interval between two samples that was no gap, ms. */
  rhythmMs: number
  /** Time measured altogether without gaps, ms. */
  activeMs: number
}

const intervalsMax = 32
const gapsMax = 16
/** Samples closer than this are one: several reports often arrive at once. */
const burstMs = 250
/** Intervals grow with the run, so that all of them cover its last quarter, within these. */
const intervalMsMin = 250
const intervalMsMax = 10_000
/** Fewer intervals than this say nothing about what a gap is. */
const intervalsForGaps = 3
const gapFactor = 1.8
const gapSlackMs = 500
const gapRunMax = 4

/** Begins at a first sample. */
export function startPace(at: number, position: number): Pace {
  return {
    at,
    position,
    openMs: 0,
    openAdvance: 0,
    intervals: [],
    gaps: [],
    gapRun: 0,
    speed: null,
    rhythmMs: 0,
    activeMs: 0,
  }
}

/** Takes one sample in. A position that went back (a resume) moves the mark and keeps the speed. */
export function updatePace(pace: Pace, at: number, position: number): Pace {
  if (position < pace.position) return { ...pace, at, position, openMs: 0, openAdvance: 0, gaps: [], gapRun: 0 }
  const elapsedMs = at - pace.at
  const advance = position - pace.position
  if (advance === 0 || elapsedMs < burstMs) return pace
  const moved = { ...pace, at, position }
  const expectedMs = expectTime(pace, advance)
  if (expectedMs === null || elapsedMs <= expectedMs * gapFactor + gapSlackMs) {
    return addInterval({ ...moved, gapRun: 0, rhythmMs: elapsedMs }, elapsedMs, advance)
  }
  if (pace.gapRun + 1 >= gapRunMax) return addInterval(forget(moved), elapsedMs, advance)
  const gap: Pace['gaps'][number] = [position, elapsedMs - expectedMs]
  const gaps = [...pace.gaps, gap].slice(-gapsMax)
  return addInterval({ ...moved, gaps, gapRun: pace.gapRun + 1 }, expectedMs, advance)
}

/** Time that `distance` more will take, recurring gaps included, ms; null while the speed is not known. */
export function predictTime(pace: Pace, distance: number): number | null {
  if (pace.speed === null) return null
  const timeMs = distance / pace.speed + predictGaps(pace, distance)
  return Number.isFinite(timeMs) ? timeMs : null
}

function expectTime(pace: Pace, advance: number): number | null {
  return pace.speed === null || pace.intervals.length < intervalsForGaps ? null : advance / pace.speed
}

function addInterval(pace: Pace, elapsedMs: number, advance: number): Pace {
  const activeMs = pace.activeMs + elapsedMs
  const openMs = pace.openMs + elapsedMs
  const openAdvance = pace.openAdvance + advance
  const wantedMs = Math.min(intervalMsMax, Math.max(intervalMsMin, activeMs / (4 * intervalsMax)))
  if (openMs < wantedMs) return { ...pace, activeMs, openMs, openAdvance }
  const interval: Pace['intervals'][number] = [openMs, openAdvance]
  const intervals = [...pace.intervals, interval].slice(-intervalsMax)
  return { ...pace, activeMs, openMs: 0, openAdvance: 0, intervals, speed: speedOf(intervals) }
}

function forget(pace: Pace): Pace {
  return { ...pace, openMs: 0, openAdvance: 0, intervals: [], gaps: [], gapRun: 0, speed: null }
}

function speedOf(intervals: readonly [number, number][]): number | null {
  // Of two the later one counts: the first holds the warm-up.
  const used = intervals.length === 2 ? intervals.slice(1) : trimQuarters(intervals)
  const elapsedMs = used.reduce((sum, [ms]) => sum + ms, 0)
  const speed = used.reduce((sum, [, advance]) => sum + advance, 0) / elapsedMs
  // An advance too small for a number of its own is none.
  return speed > 0 ? speed : null
}

function trimQuarters(intervals: readonly [number, number][]): readonly [number, number][] {
  const { length } = intervals
  const cut = length === 3 ? 1 : Math.floor(length / 4)
  if (cut === 0) return intervals
  const sorted = [...intervals].sort((one, other) => one[1] / one[0] - other[1] / other[0])
  return sorted.slice(cut, length - cut)
}

/** Time that the recurring gaps within the next `distance` will take, ms. */
function predictGaps({ gaps, position }: Pace, distance: number): number {
  const first = gaps[0]
  const last = gaps.at(-1)
  if (first === undefined || last === undefined || gaps.length < 2) return 0
  const sorted = gaps.map(([, excessMs]) => excessMs).sort((one, other) => one - other)
  const limitMs = 3 * (sorted[Math.floor((sorted.length - 1) / 2)] ?? 0)
  const meanMs = sorted.reduce((sum, excessMs) => sum + Math.min(excessMs, limitMs), 0) / sorted.length
  const usual = (last[0] - first[0]) / (gaps.length - 1)
  // Where the next one is overdue, count from here: the rhythm may have changed or ended.
  const from = Math.max(last[0], position - usual)
  return meanMs * Math.max(0, Math.round((position + distance - from) / usual))
}
