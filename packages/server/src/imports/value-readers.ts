/** What a field of an old file may look like. Pure. A reader answers undefined for what it does not understand. */

export type ValueReader<Value> = {
  /** What it takes, in words. */
  expected: string
  read(value: unknown): Value | undefined
}

const nameLengthMax = 256
/** 1990 in ms: earlier times are counters or mistakes. */
const earliestMs = 631_152_000_000
/** Thirty years: more is another unit, or a mistake. */
const durationSecondsMax = 1_000_000_000
/** Above, a number of the epoch counts milliseconds, below seconds. */
const secondsMax = 100_000_000_000

export const readName: ValueReader<string> = {
  expected: 'a text or a number',
  read: (value) => {
    const text = typeof value === 'number' ? String(value) : isObject(value) ? value['name'] : value
    return typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, nameLengthMax) : undefined
  },
}

export const readText: ValueReader<string> = {
  expected: 'a text of at most 64,000 characters',
  read: (value) => (typeof value === 'string' && value.length <= 64_000 ? value : undefined),
}

export const readCount: ValueReader<number> = {
  expected: 'a number, not negative',
  read: (value) => {
    const number = toNumber(value)
    return number !== undefined && Number.isFinite(number) && number >= 0 ? number : undefined
  },
}

/** 0 … 1. */
export const readFraction: ValueReader<number> = {
  expected: 'a share from 0 to 1, or a percentage up to 100',
  read: (value) => {
    const bare = typeof value === 'string' ? value.replace(/%\s*$/, '') : value
    const number = toNumber(bare)
    if (number === undefined || !(number >= 0 && number <= 100)) return undefined
    return number > 1 || bare !== value ? number / 100 : number
  },
}

/** ms since 1970. */
export function makeTimeReader(now: number): ValueReader<number> {
  return {
    expected: 'a time that has passed: ISO 8601 as 2026-01-31T12:00:00Z, or seconds or ms since 1970',
    read: (value) => {
      const number = toNumber(value)
      const ms = number === undefined ? parseTime(value) : number < secondsMax ? number * 1000 : number
      return ms !== undefined && ms >= earliestMs && ms <= now ? Math.round(ms) : undefined
    },
  }
}

/** ms. */
export const readDuration: ValueReader<number> = {
  expected: 'a duration: seconds, 01:30:00, or 1h 30m',
  read: (value) => {
    const seconds = toNumber(value) ?? (typeof value === 'string' ? parseDuration(value) : undefined)
    return seconds !== undefined && seconds >= 0 && seconds <= durationSecondsMax ? seconds * 1000 : undefined
  },
}

export const readTags: ValueReader<string[]> = {
  expected: 'a list of words',
  read: (value) => {
    const list: unknown = typeof value === 'string' ? value.split(',') : value
    if (!Array.isArray(list) || !list.every((tag) => typeof tag === 'string')) return undefined
    return list
      .map((tag) => tag.trim().slice(0, 128))
      .filter((tag) => tag !== '')
      .slice(0, 60)
  },
}

/** What an old state means here. `waiting` and `running` are over by now, nobody knows how. */
export type OldState = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'lost'
const stateWords: Readonly<Record<OldState, readonly string[]>> = {
  waiting: ['queued', 'pending', 'waiting', 'scheduled', 'submitted', 'submitting', 'created'],
  running: ['running', 'active', 'inprogress', 'training', 'started', 'paused', 'loading', 'starting'],
  completed: ['completed', 'complete', 'success', 'succeeded', 'successful', 'finished', 'done', 'deployed'],
  failed: ['failed', 'failure', 'error', 'errored', 'crashed', 'timeout'],
  cancelled: ['cancelled', 'canceled', 'stopped', 'aborted', 'killed', 'terminated'],
  lost: ['lost', 'unknown'],
}

export const readState: ValueReader<OldState> = {
  expected: 'one of running, completed, failed, cancelled, queued, or a word that means one of these',
  read: (value) => {
    const word = typeof value === 'string' ? value.toLowerCase().replace(/[^a-z]/g, '') : ''
    const states = Object.keys(stateWords) as OldState[] // keys of a literal object
    return states.find((state) => stateWords[state].includes(word))
  },
}

export const readObject: ValueReader<Record<string, unknown>> = {
  expected: 'an object',
  read: (value) => (isObject(value) ? value : undefined),
}

export const readList: ValueReader<unknown[]> = {
  expected: 'a list',
  read: (value) => (Array.isArray(value) ? value : undefined),
}

/** A number, or a text that is one. NaN and the infinities by their words. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(value.trim())
  if (word) return /nan/i.test(word[2] ?? '') ? Number.NaN : word[1] === '-' ? -Infinity : Infinity
  const number = Number(value)
  return Number.isNaN(number) ? undefined : number
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 64 || !/\d{4}/.test(value)) return undefined
  // Python writes microseconds, which Date.parse takes; a bare number would be a year.
  const ms = Date.parse(value.trim())
  return Number.isNaN(ms) ? undefined : ms
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3_600, m: 60, s: 1 }

/** Seconds. */
function parseDuration(text: string): number | undefined {
  const clock = /^(?:(\d{1,5}):)?(\d{1,5}):(\d{1,2}(?:\.\d{1,6})?)$/.exec(text.trim())
  if (clock) return Number(clock[1] ?? 0) * 3_600 + Number(clock[2]) * 60 + Number(clock[3])
  const part = /(\d{1,9}(?:\.\d{1,6})?)\s{0,3}(d|h|m|s)[a-z]{0,9}/gi
  const parts = text.length > 64 ? [] : [...text.matchAll(part)]
  if (parts.length === 0 || text.replace(part, '').replace(/[\s,]/g, '') !== '') return undefined
  return parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit?.toLowerCase() ?? ''] ?? 0),
    0,
  )
}
