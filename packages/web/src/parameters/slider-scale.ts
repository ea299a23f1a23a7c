/**
 * Where a value stands on the slider of its parameter, and the value at a place. A slider has whole places from 0 to `places`.
 * Pure.
 */
import type { Parameter } from '@pilothouse/contract'

export type SliderScale = {
  places: number
  /** Nearest place of a value; values beyond the bounds stand at the ends. */
  placeOf: (value: number) => number
  valueOf: (place: number) => number
}

/** Places of a slider without a step of its own. */
const placesPlain = 1_000
/** More steps than these nobody hits; the field beside the slider takes any value. */
const placesMax = 10_000
/** Digits of what a slider gives: as fine as its places are apart, and no finer. */
const digits = 3

type Bounds = Pick<Parameter, 'type' | 'min' | 'max' | 'step' | 'log'>

/** The slider of a parameter; undefined where it has no two bounds, or nothing lies between them. */
export function makeSliderScale({ type, min, max, step, log }: Bounds): SliderScale | undefined {
  if (min === null || max === null || !(max > min)) return undefined
  const finish = (value: number): number => {
    const whole = type === 'integer' ? Math.round(value) : value
    return Math.min(max, Math.max(min, whole))
  }
  if (log && min > 0) return makeLogScale({ min, max, finish })
  return makeEvenScale({ min, max, step: step ?? (type === 'integer' ? 1 : null), finish })
}

type Span = { min: number; max: number; finish: (value: number) => number }

function makeLogScale({ min, max, finish }: Span): SliderScale {
  const decades = Math.log10(max / min)
  return {
    places: placesPlain,
    placeOf: (value) => clampPlace((Math.log10(Math.max(value, min) / min) / decades) * placesPlain, placesPlain),
    valueOf: (place) => {
      if (place <= 0) return min
      if (place >= placesPlain) return max
      return finish(Number((min * 10 ** ((place / placesPlain) * decades)).toPrecision(digits)))
    },
  }
}

function makeEvenScale({ min, max, step, finish }: Span & { step: number | null }): SliderScale {
  const steps = step === null ? placesPlain : Math.ceil((max - min) / step - 1e-9)
  const places = Math.min(placesMax, Math.max(1, steps))
  const apart = step === null || steps > placesMax ? (max - min) / places : step
  // What is added up in binary is rounded where the step ends, so that 0.1 + 0.2 reads 0.3.
  const decimals = Math.max(0, Math.min(12, Math.ceil(-Math.log10(apart)) + 2))
  return {
    places,
    placeOf: (value) => clampPlace((value - min) / apart, places),
    valueOf: (place) => (place >= places ? max : finish(Number((min + place * apart).toFixed(decimals)))),
  }
}

function clampPlace(place: number, places: number): number {
  return Math.round(Math.min(places, Math.max(0, place)))
}
