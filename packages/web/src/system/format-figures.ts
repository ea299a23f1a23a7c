import { formatCount, formatValue } from '@pilothouse/signals'

/** `0`, `0.4`, `12.5`, `1 250`: rates change all the time, so three digits are enough. */
export function formatPerSecond(rate: number): string {
  if (rate === 0) return '0'
  return rate >= 100 ? formatCount(rate) : formatValue(Number(rate.toPrecision(3)))
}

/** Milliseconds: `0.8 ms`, `12 ms`; `–` when there was nothing to measure. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '–'
  return `${ms >= 10 ? formatCount(ms) : formatValue(Number(ms.toPrecision(2)))} ms`
}

/** `12 %`; a trace of something is not nothing. */
export function formatShare(share: number): string {
  const percent = share * 100
  return percent > 0 && percent < 1 ? '< 1 %' : `${Math.round(percent)} %`
}
