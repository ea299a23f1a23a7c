/** Places on an axis of settings: numbers by size, on a logarithm where they span decades; words in their order. */
import type { ConfigValue } from '@pilothouse/contract'
import { formatValue } from '@pilothouse/signals'

type Value = ConfigValue | undefined

export type PlotScale = {
  /** 0 … 1 from the low end; undefined for what has no place. */
  place: (value: Value) => number | undefined
  /** The number itself; of a word its place. */
  coordinate: (value: Value) => number | undefined
  /** Back and forth between places and coordinates. */
  toPlace: (coordinate: number) => number
  toCoordinate: (place: number) => number
  ticks: readonly { at: number; text: string }[]
  isLog: boolean
}

/** Positive numbers over more than so many times are told apart on a logarithm only. */
const logFrom = 50
const wordsShownMax = 8

/** Pure. */
export function makeScale(values: readonly Value[]): PlotScale {
  const known = values.filter((value) => value !== undefined && value !== null)
  const numbers = known.filter((value): value is number => typeof value === 'number')
  return numbers.length === known.length && numbers.length > 0 ? scaleNumbers(numbers) : scaleWords(known)
}

function scaleNumbers(numbers: readonly number[]): PlotScale {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  const isLog = low > 0 && high / low > logFrom
  const [move, back] = isLog ? [Math.log, Math.exp] : [same, same]
  const span = move(high) - move(low)
  const toPlace = (value: number): number => (span > 0 ? (move(value) - move(low)) / span : 0.5)
  const coordinate = (value: Value): number | undefined => (typeof value === 'number' ? value : undefined)
  const place = (value: Value): number | undefined => (typeof value === 'number' ? toPlace(value) : undefined)
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2
  const ends = high > low ? [low, middle, high] : [low]
  const ticks = ends.map((value) => ({ at: toPlace(value), text: short(value) }))
  return { place, coordinate, toPlace, toCoordinate: (at) => back(move(low) + at * span), isLog, ticks }
}

function scaleWords(known: readonly ConfigValue[]): PlotScale {
  const words = [...new Set(known.map(String))].sort()
  const placeOf = (word: string): number => (words.length > 1 ? words.indexOf(word) / (words.length - 1) : 0.5)
  const every = Math.ceil(words.length / wordsShownMax)
  const place = (value: Value): number | undefined =>
    value === undefined || value === null ? undefined : placeOf(String(value))
  return {
    place,
    coordinate: place,
    toPlace: same,
    toCoordinate: same,
    isLog: false,
    ticks: words.filter((_, at) => at % every === 0).map((text) => ({ at: placeOf(text), text })),
  }
}

function same(value: number): number {
  return value
}

function short(value: number): string {
  return formatValue(Number(value.toPrecision(3)))
}
