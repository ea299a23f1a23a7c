/** Numbers as a terminal shows them: short, without false precision, a dash for what is not known. */

const unknown = '–'

/** A duration in its two largest units: `3 d 4 h`, `2 h 05 m`, `1 m 09 s`, `4.2 s`, `180 ms`. */
export function formatDuration(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return unknown
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600), Math.floor(seconds / 60)]
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${pad(minutes % 60)} m`
  return `${minutes} m ${pad(seconds % 60)} s`
}

/** A metric's value in at most four significant digits. */
export function formatValue(value: number | null): string {
  if (value === null) return unknown
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2)
  return String(Number(value.toPrecision(4)))
}

/** A count with thin spaces between its thousands: `12 345`. */
export function formatCount(value: number | null): string {
  return value === null ? unknown : String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, '\u202F')
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
