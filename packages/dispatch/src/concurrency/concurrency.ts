/**
 * How many requests are sent to an engine at once. It finds that by itself: more than the engine can compute side by side only
 * wait there, fewer leave it idle. Pure; somebody asks once in a while (every 0.25 … 1 s) and sends as many as `limit` says.
 *
 * - Engines that tell how many requests wait in them (vLLM, llama.cpp, SGLang) are kept with a few waiting. vLLM hardly ever
 *   refuses anything, so that its errors say nothing about its load.
 * - Of others the rate is watched, of tokens where they are counted: doubled as long as that gives at least 15 % more, then moved
 *   by tenths, up where that gives more, down where it costs nothing.
 * - Who says «too many», breaks connections or throws away work for want of memory gets a third less at once.
 */

export type ConcurrencyBounds = {
  floor: number
  ceiling: number
  start: number
}

/** What happened since it was last asked. */
export type Observation = {
  nowMs: number
  /** Requests under way now. */
  inFlight: number
  answered: number
  /** Tokens that came, 0 where nobody counts them. */
  tokens: number
  /** Answers 429 and 503, and connections that broke. */
  slowdowns: number
  preemptions: number
  /** Requests that wait in the engine now; null where it does not tell. */
  waiting: number | null
  /** How long requests took lately; 0 before the first. */
  latencyMs: number
}

type Level = { limit: number; rate: number }

export type Concurrency = {
  limit: number
  /** It was never too much so far. */
  isStarting: boolean
  /** Nothing is changed before: what was changed has to show first. */
  calmUntilMs: number
  /** What came at this limit since `fromMs`, once it was full for so long that nothing of before comes any more (`isOpen`). */
  window: { fromMs: number; isOpen: boolean; answered: number; tokens: number } | null
  /** The last limit that was worth its requests. */
  best: Level | null
  /** Which way the next probe goes. */
  way: 1 | -1
  /** Probes in a row that gave nothing. */
  misses: number
  /** Windows to let pass before the next probe. */
  rests: number
}

export const usualBounds: ConcurrencyBounds = { floor: 1, ceiling: 1_024, start: 4 }

const backOffShare = 0.7
/** A back-off stands at least so long before another. */
const backOffMs = 2_000
/** The queue of the engine: at least one, at most a tenth of what is under way, between these. */
const waitingMin = 1
const waitingShare = 0.1
const waitingBounds = { least: 2, most: 16 }
const raiseShare = 0.05
/** What a doubling has to give, and a tenth more. */
const doublingGain = 1.15
const probeGain = 1.03
/** What a tenth less may cost. */
const probeLoss = 0.97
const probeShare = 0.1
/** Of fewer answers a rate says little: a doubling shows in sixteen, a tenth in 64. Tokens that are counted as they come show sooner. */
const answersMin = { start: 16, probe: 64 }
const windowMsMin = { start: 1_000, probe: 3_000 }
/** Down to so few nothing is won by fewer, and a probe would cost much. */
const probedDownTo = 8
/** A rate that is so much off what it was at the same limit: the engine is another now, or somebody else uses it. */
const changedShare = 0.15
/** After probes that gave nothing it rests 1, 2, 4 … so many windows. */
const restsMax = 32

export function startConcurrency({ floor, ceiling, start }: ConcurrencyBounds): Concurrency {
  return {
    limit: Math.min(ceiling, Math.max(floor, start)),
    isStarting: true,
    calmUntilMs: 0,
    window: null,
    best: null,
    way: 1,
    misses: 0,
    rests: 0,
  }
}

/** The state under other bounds: what was found out stays true as far as they allow it. */
export function fitConcurrency(state: Concurrency, bounds: ConcurrencyBounds): Concurrency {
  if (state.limit >= bounds.floor && state.limit <= bounds.ceiling) return state
  return { ...moveTo(state, state.limit, bounds), best: null }
}

/** The state after what was seen. */
export function advanceConcurrency(state: Concurrency, seen: Observation, bounds: ConcurrencyBounds): Concurrency {
  if (seen.slowdowns > 0 || seen.preemptions > 0) return backOff(state, seen, bounds)
  if (seen.nowMs < state.calmUntilMs) return state
  return seen.waiting === null ? climb(state, seen, bounds) : keepQueue(state, seen, seen.waiting, bounds)
}

function backOff(state: Concurrency, seen: Observation, bounds: ConcurrencyBounds): Concurrency {
  const { nowMs, latencyMs } = seen
  // What was sent before the last back-off may still be refused.
  if (nowMs < state.calmUntilMs) return state
  const lower = Math.floor(Math.min(state.limit, seen.inFlight || state.limit) * backOffShare)
  const moved = moveTo(state, lower, bounds)
  return { ...moved, isStarting: false, best: null, calmUntilMs: nowMs + Math.max(backOffMs, latencyMs) }
}

/** The limit by how many requests wait in the engine. */
function keepQueue(
  state: Concurrency,
  { inFlight }: Observation,
  waiting: number,
  bounds: ConcurrencyBounds,
): Concurrency {
  // More are under way than may be: fewer will be by themselves.
  if (inFlight > state.limit) return state
  const { least, most } = waitingBounds
  const waitingMax = Math.min(most, Math.max(least, Math.ceil(waitingShare * state.limit)))
  if (waiting > waitingMax) return { ...moveTo(state, state.limit - (waiting - waitingMax), bounds), isStarting: false }
  if (waiting >= waitingMin || inFlight < state.limit) return state
  const more = state.isStarting ? state.limit : Math.ceil(raiseShare * state.limit)
  return moveTo(state, state.limit + more, bounds)
}

/** The limit by what it gives. */
function climb(state: Concurrency, seen: Observation, bounds: ConcurrencyBounds): Concurrency {
  // Where there is too little to send, or too much is still under way, the rate is not that of the limit.
  if (seen.inFlight !== state.limit) return { ...state, window: null }
  const { window } = state
  const open = { isOpen: true, fromMs: seen.nowMs, answered: 0, tokens: 0 }
  // Its first answers were sent at another limit.
  if (!window) return { ...state, window: { ...open, isOpen: false, fromMs: seen.nowMs + seen.latencyMs } }
  if (!window.isOpen) return seen.nowMs < window.fromMs ? state : { ...state, window: open }
  const answered = window.answered + seen.answered
  const tokens = window.tokens + seen.tokens
  const tookMs = seen.nowMs - window.fromMs
  const size = state.isStarting ? 'start' : 'probe'
  const isShown = tokens > 0 ? tookMs >= seen.latencyMs : answered >= Math.max(answersMin[size], state.limit)
  const isFull = isShown && tookMs >= windowMsMin[size]
  if (!isFull) return { ...state, window: { ...window, answered, tokens } }
  const rate = (tokens > 0 ? tokens : answered) / tookMs
  return state.isStarting ? judgeDoubling(state, rate, bounds) : judgeProbe(state, rate, bounds)
}

function judgeDoubling(state: Concurrency, rate: number, bounds: ConcurrencyBounds): Concurrency {
  const { best, limit } = state
  if (best && rate < best.rate * doublingGain) {
    const level = rate > best.rate ? { limit, rate } : best
    return { ...moveTo(state, best.limit, bounds), isStarting: false, best: { ...level, limit: best.limit } }
  }
  const doubled = moveTo({ ...state, best: { limit, rate } }, 2 * limit, bounds)
  return doubled.limit === limit ? { ...doubled, isStarting: false, way: -1 } : doubled
}

function judgeProbe(state: Concurrency, rate: number, bounds: ConcurrencyBounds): Concurrency {
  const { best, limit } = state
  if (!best) return probe({ ...state, best: { limit, rate } }, bounds)
  if (limit === best.limit) return probe(noteChange({ ...state, best: { limit, rate } }, rate / best.rate), bounds)
  const isUp = limit > best.limit
  const isWorth = rate >= best.rate * (isUp ? probeGain : probeLoss)
  if (isWorth) return probe({ ...state, best: { limit, rate }, misses: 0, rests: 0 }, bounds)
  const misses = state.misses + 1
  const back = moveTo(state, best.limit, bounds)
  return { ...back, misses, rests: Math.min(restsMax, 2 ** misses), way: isUp ? -1 : 1 }
}

/** Of an engine that has become slower or faster nothing is known: it is probed at once, first the likelier way. */
function noteChange(state: Concurrency, ratio: number): Concurrency {
  if (Math.abs(ratio - 1) < changedShare) return state
  return { ...state, way: ratio < 1 ? -1 : 1, misses: 0, rests: 0 }
}

/** A tenth more or less than the best, once it has rested. */
function probe(state: Concurrency, bounds: ConcurrencyBounds): Concurrency {
  if (state.rests > 0) return { ...state, rests: state.rests - 1, window: null }
  const isLow = state.limit <= probedDownTo && state.way < 0
  const step = isLow ? 0 : Math.max(1, Math.round(probeShare * state.limit))
  const moved = moveTo(state, state.limit + state.way * step, bounds)
  // Where it cannot go there is only the other way.
  return moved.limit === state.limit ? { ...moved, way: state.way === 1 ? -1 : 1, rests: 1 } : moved
}

function moveTo(state: Concurrency, limit: number, { floor, ceiling }: ConcurrencyBounds): Concurrency {
  return { ...state, limit: Math.min(ceiling, Math.max(floor, limit)), window: null }
}
