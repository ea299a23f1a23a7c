/** How numbers read, the same in the page and in the terminal. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** Narrow no-break space. */
const thin = '\u202f'

/** `0.4 s`, `40 s`, `3 m 12 s`, `2 h 14 m`, `3 d 4 h`; `–` for what is no duration. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return '–'
  if (durationMs < 950) return `${trimZeros((durationMs / second).toFixed(1))} s`
  const seconds = Math.round(durationMs / second)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return joinParts(Math.floor(seconds / 60), 'm', seconds % 60, 's')
  const minutes = Math.round(durationMs / minute)
  if (minutes < 1_440) return joinParts(Math.floor(minutes / 60), 'h', minutes % 60, 'm')
  const hours = Math.round(durationMs / hour)
  return joinParts(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** Whole number with thin separators from five digits on: `6120`, `10 000`, `1 250 000`. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return formatNonFinite(count)
  const digits = String(Math.abs(Math.round(count)))
  if (digits.includes('e')) return formatScientific(count)
  const sign = Math.round(count) < 0 ? '-' : ''
  return digits.length < 5 ? sign + digits : sign + digits.replace(/\B(?=(?:\d{3})+$)/g, thin)
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** Binary units, three digits: `512 B`, `1.5 KiB`, `23.4 GiB`, `816 MiB`. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  let value = Math.abs(bytes)
  let unit = 0
  // 1023.5 would be written as 1024 of the smaller unit.
  while (value >= 1023.5 && unit < byteUnits.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 ? String(Math.round(value)) : formatDigits(value)
  return `${bytes < 0 ? '-' : ''}${digits} ${byteUnits[unit] ?? ''}`
}

/**
 * A metric's value to four significant digits: `1.842`, `0.713`, `2.1e-4`, `1.235e6`. Whole numbers and everything from a
 * thousand to a million are written out: `1000`, `123 457`.
 */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return formatNonFinite(value)
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size < 0.000_999_95 || size >= 999_999.5) return formatScientific(value)
  if (size >= 999.95 || Number.isInteger(value)) return formatCount(value)
  return trimZeros(value.toPrecision(4))
}

/** A number as somebody set it, with all its digits: `3e-4`, `0.1`, `1234567`. */
export function formatExact(value: number): string {
  const short = formatValue(value)
  return Number(short) === value ? short : String(value)
}

/** `41.8 steps/s`; below one a second the other way round: `2.4 s/step`. */
export function formatRate(perSecond: number, unit = 'step'): string {
  if (!Number.isFinite(perSecond) || perSecond < 0) return '–'
  if (perSecond === 0) return `0 ${unit}s/s`
  return perSecond >= 1 ? `${formatDigits(perSecond)} ${unit}s/s` : `${formatDigits(1 / perSecond)} s/${unit}`
}

/** `just now`, `40 s ago`, `5 m ago`, `3 h ago`, `in 5 m`; from a day on the date, `2026-03-01 14:05`, in local time. */
export function formatRelativeTime(at: number, now: number): string {
  const age = now - at
  const size = Math.abs(age)
  if (size < 5 * second) return 'just now'
  if (size >= day) return formatDate(at)
  const text = formatRough(size)
  return age > 0 ? `${text} ago` : `in ${text}`
}

function formatRough(durationMs: number): string {
  if (durationMs < minute) return `${Math.floor(durationMs / second)} s`
  if (durationMs < hour) return `${Math.floor(durationMs / minute)} m`
  return `${Math.floor(durationMs / hour)} h`
}

function formatDate(at: number): string {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return '–'
  const pad = (part: number): string => String(part).padStart(2, '0')
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}`
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock}`
}

function joinParts(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** Three significant digits without exponent: `41.8`, `1.5`, `816`, `12 300`. */
function formatDigits(value: number): string {
  return value >= 99.95 ? formatCount(value) : trimZeros(value.toPrecision(3))
}

function formatScientific(value: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(3).split('e')
  return `${trimZeros(mantissa)}e${exponent.replace('+', '')}`
}

function formatNonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '∞' : '-∞'
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
