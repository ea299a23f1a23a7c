import type { SampleKey, SampleKeysAnswer, SamplesEvent } from '@pilothouse/contract'

/** Steps of a key that are asked for; when live ones have doubled them, every other is dropped. */
export const stepsAsked = 2_000

/** Place of what was logged last at or before `step`; before the first it is the first. `steps` rise. */
export function placeOfStep(steps: readonly number[], step: number): number {
  let [low, high] = [0, steps.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((steps[middle] ?? 0) <= step) low = middle
    else high = middle - 1
  }
  return Math.max(0, low)
}

/** The step `by` places further, held at both ends. */
export function moveStep(steps: readonly number[], from: number, by: number): number {
  const place = Math.max(0, Math.min(steps.length - 1, placeOfStep(steps, from) + by))
  return steps[place] ?? from
}

/** Puts live samples into the list of keys: their steps, kinds and counts. */
export function mergeSampleKeys(answer: SampleKeysAnswer, event: SamplesEvent): SampleKeysAnswer {
  const keys = new Map(answer.keys.map((entry) => [entry.key, entry]))
  for (const sample of event.samples) {
    const known = keys.get(sample.key) ?? startKey(sample.key)
    keys.set(sample.key, {
      ...known,
      kinds: known.kinds.includes(sample.kind) ? known.kinds : [...known.kinds, sample.kind],
      count: known.count + 1,
      bytes: known.bytes + sample.bytes,
      time: Math.max(known.time, sample.time),
      ...addStep(known, sample.step),
    })
  }
  return { ...answer, keys: [...keys.values()].sort((a, b) => (a.key < b.key ? -1 : 1)) }
}

function startKey(key: string): SampleKey {
  return { key, kinds: [], count: 0, bytes: 0, steps: [], stepsTotal: 0, time: 0 }
}

function addStep({ steps, stepsTotal }: SampleKey, step: number): Pick<SampleKey, 'steps' | 'stepsTotal'> {
  const place = steps.length === 0 || step < (steps[0] ?? 0) ? -1 : placeOfStep(steps, step)
  if (steps[place] === step) return { steps, stepsTotal }
  const grown = steps.toSpliced(place + 1, 0, step)
  return { steps: grown.length > 2 * stepsAsked ? thinSteps(grown) : grown, stepsTotal: stepsTotal + 1 }
}

/** Every other step, the first and the last among them. */
function thinSteps(steps: readonly number[]): number[] {
  return steps.filter((_, at) => at % 2 === 0 || at === steps.length - 1)
}

/** Samples that a view through time aims at; a tenth more still fits into one answer. */
const historyAim = 900

/** Where a view through time begins, so that what follows fits into one answer. Moves in leaps, not with every step. */
export function chooseHistoryStart({ steps, count }: Pick<SampleKey, 'steps' | 'count'>): number | undefined {
  const perEntry = Math.max(1, count / Math.max(1, steps.length))
  const entries = Math.max(1, Math.floor(historyAim / perEntry))
  const leap = Math.max(1, Math.floor(entries / 10))
  const first = Math.max(0, Math.ceil((steps.length - entries) / leap) * leap)
  return steps[Math.min(first, steps.length - 1)]
}
