/** Places on an axis of settings: numbers by size, on a logarithm where they span decades; words in their order. */
import type { ConfigValue } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'

export type PlotScale = {
  /** 0 … 1 from the low end; undefined for what has no place. */
  place: (value: ConfigValue | undefined) => number | undefined
  ticks: readonly { at: number; text: string }[]
  isLog: boolean
}

/** Positive numbers over more than so many times are told apart on a logarithm only. */
const logFrom = 50
const wordsShownMax = 8

/** Pure. */
export function makeScale(values: readonly (ConfigValue | undefined)[]): PlotScale {
  const known = values.filter((value) => value !== undefined && value !== null)
  const numbers = known.filter((value): value is number => typeof value === 'number')
  return numbers.length === known.length && numbers.length > 0 ? scaleNumbers(numbers) : scaleWords(known)
}

function scaleNumbers(numbers: readonly number[]): PlotScale {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const isLog = low > 0 && high / low > logFrom
  const move = isLog ? Math.log : (value: number) => value
  const span = move(high) - move(low)
  const place = (value: ConfigValue | undefined): number | undefined =>
    typeof value !== 'number' ? undefined : span > 0 ? (move(value) - move(low)) / span : 0.5
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2
  const ends = high > low ? [low, middle, high] : [low]
  return { place, isLog, ticks: ends.map((value) => ({ at: place(value) ?? 0, text: short(value) })) }
}

function scaleWords(known: readonly ConfigValue[]): PlotScale {
  const words = [...new Set(known.map(String))].sort()
  const placeOf = (word: string): number => (words.length > 1 ? words.indexOf(word) / (words.length - 1) : 0.5)
  const every = Math.ceil(words.length / wordsShownMax)
  return {
    place: (value) => (value === undefined || value === null ? undefined : placeOf(String(value))),
    isLog: false,
    ticks: words.filter((_, at) => at % every === 0).map((text) => ({ at: placeOf(text), text })),
  }
}

function short(value: number): string {
  return formatValue(Number(value.toPrecision(3)))
}
