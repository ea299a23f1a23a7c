import type { CostPart, JobCost } from '@pilothouse/contract'
import { formatHours } from '../performance/format-figures.ts'

const thin = '\u202f'

/** `$18.40`, `< $0.01`, `€1 235`, `¥12`, `CHF 1.24M`; from a thousand on without the small change. `–` for what is no amount. */
export function formatMoney(amount: number, currency: string): string {
  if (!Number.isFinite(amount)) return '–'
  if (amount >= 999_999.5) return write(amount, currency, { notation: 'compact', maximumSignificantDigits: 4 })
  if (amount >= 999.5) return write(amount, currency, { maximumFractionDigits: 0 })
  const least = 10 ** -digitsOf(currency)
  return amount > 0 && amount < least / 2 ? `< ${write(least, currency)}` : write(amount, currency)
}

/** The price of an hour, with all the digits that somebody set, up to six: `$1.90`, `$0.0035`. */
export function formatPrice(amount: number, currency: string): string {
  return write(amount, currency, { minimumFractionDigits: digitsOf(currency), maximumFractionDigits: 6 })
}

/** `2 × NVIDIA A100 at $1.90 a GPU-hour, 1 host at $0.10 an hour, 3.4 h`. */
export function describeCost({ parts, currency, hours }: JobCost): string {
  return [...parts.map((part) => describePart(part, currency)), formatHours(hours)].join(', ')
}

function describePart({ kind, name, count, perHour }: CostPart, currency: string): string {
  const price = formatPrice(perHour, currency)
  if (kind === 'gpu') return `${count} × ${name ?? 'GPU'} at ${price} a GPU-hour`
  return `${count} ${count === 1 ? 'host' : 'hosts'} at ${price} an hour`
}

/** Small units of a currency: 2 of dollars, none of yen. */
function digitsOf(currency: string): number {
  return formatterOf(currency).resolvedOptions().maximumFractionDigits ?? 2
}

function write(amount: number, currency: string, options: Intl.NumberFormatOptions = {}): string {
  return formatterOf(currency, options)
    .formatToParts(amount)
    .map(({ type, value }) => (type === 'group' ? thin : value))
    .join('')
}

function formatterOf(currency: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return new Intl.NumberFormat('en', { style: 'currency', currency, ...options })
}
