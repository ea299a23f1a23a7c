/** Numbers, durations and times as they are written in a search. Pure. */

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/** `2`, `-1e-4`, `90%`; undefined for anything else. */
export function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d{1,40}\.?\d{0,40}|\.\d{1,40})(e[+-]?\d{1,4})?%?$/i.test(text)) return undefined
  const value = Number(text.replace('%', '')) / (text.endsWith('%') ? 100 : 1)
  return Number.isFinite(value) ? value : undefined
}

/** `90s`, `1h30m`, `2.5d` in ms; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const lower = text.toLowerCase()
  if (!/^(\d{1,9}(\.\d{1,6})?[smhdw]){1,5}$/.test(lower)) return undefined
  const parts = [...lower.matchAll(/([\d.]+)([smhdw])/g)]
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitsMs[unit ?? ''] ?? 0), 0)
}

/**
 * A moment: so long ago (`7d`), a day (`today`, `yesterday`, `2026-01-31`), or a day and a time (`2026-01-31T18:00`).
 * A day has an end as well, `until`. Undefined for anything else.
 */
export function readClockTime(text: string, now: number): { from: number; until?: number } | undefined {
  const ago = readDuration(text)
  if (ago !== undefined) return { from: now - ago }
  const today = new Date(now)
  const [year, month, day] = [today.getFullYear(), today.getMonth(), today.getDate()]
  if (text === 'today') return toDay(year, month, day)
  if (text === 'yesterday') return toDay(year, month, day - 1)
  const date = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}))?$/i.exec(text)
  if (!date) return undefined
  const [, y = 0, m = 0, d = 0] = date.map(Number)
  const isReal = new Date(y, m - 1, d).getMonth() === m - 1 && d > 0
  if (!isReal) return undefined
  if (date[4] === undefined) return toDay(y, m - 1, d)
  return { from: new Date(y, m - 1, d, Number(date[4]), Number(date[5])).getTime() }
}

function toDay(year: number, month: number, day: number): { from: number; until: number } {
  return { from: new Date(year, month, day).getTime(), until: new Date(year, month, day + 1).getTime() }
}
