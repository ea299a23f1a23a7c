/** Rates as they are read and written in the page. Days are those of the browser. Pure. */
import type { Rate, RateCard, RateCardInput } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'

/** A rate being written. Prices that are left out are NaN, all else is empty. */
export type RateDraft = {
  /** Tells rows apart while they move. */
  id: number
  gpu: string
  target: string
  project: string
  /** As `2026-01-31`. */
  from: string
  gpuHour: number
  hostHour: number
}

/** Which machines and jobs a rate is for: `A100 on dgx*, project vision, started from 2026-01-31 on`. */
export function describeRate({ gpu, target, project, from, gpuHour }: Rate): string {
  const machine = gpu ?? (gpuHour === null ? 'Any machine' : 'Any GPU')
  return [
    target === null ? machine : `${machine} on ${target}`,
    ...(project === null ? [] : [`project ${project}`]),
    ...(from === null ? [] : [`started from ${formatDay(from)} on`]),
  ].join(', ')
}

export function toDrafts({ rates }: RateCard): RateDraft[] {
  return rates.map(({ gpu, target, project, from, gpuHour, hostHour }, id) => ({
    id,
    gpu: gpu ?? '',
    target: target ?? '',
    project: project ?? '',
    from: from === null ? '' : formatDay(from),
    gpuHour: gpuHour ?? Number.NaN,
    hostHour: hostHour ?? Number.NaN,
  }))
}

export function emptyDraft(id: number): RateDraft {
  return { id, gpu: '', target: '', project: '', from: '', gpuHour: Number.NaN, hostHour: Number.NaN }
}

export function toCard(currency: string, drafts: readonly RateDraft[]): RateCardInput {
  return { currency: currency.trim().toUpperCase(), rates: drafts.map(toRate) }
}

function toRate({ gpu, target, project, from, gpuHour, hostHour }: RateDraft): RateCardInput['rates'][number] {
  const word = (text: string): string | null => (text.trim() === '' ? null : text.trim())
  return {
    gpu: word(gpu),
    target: word(target),
    project: word(project),
    from: readDay(from),
    gpuHour: Number.isNaN(gpuHour) ? null : gpuHour,
    hostHour: Number.isNaN(hostHour) ? null : hostHour,
  }
}

/** What is missing or wrong, in words; undefined when nothing is. */
export function findRateFault({ gpuHour, hostHour }: RateDraft): string | undefined {
  const prices = [gpuHour, hostHour].filter((price) => !Number.isNaN(price))
  if (prices.length === 0) return 'A price is missing: per GPU-hour, per host-hour, or both.'
  if (prices.some((price) => price < 0)) return 'A price is nothing or more.'
  return prices.some((price) => price > limits.pricePerHourMax) ? 'A price is at most a thousand million.' : undefined
}

export function isCurrencyCode(text: string): boolean {
  return /^[A-Za-z]{3}$/.test(text.trim())
}

function formatDay(at: number): string {
  const date = new Date(at)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Its first moment, ms. */
function readDay(text: string): number | null {
  const at = text === '' ? Number.NaN : new Date(`${text}T00:00`).getTime()
  return Number.isNaN(at) ? null : at
}
