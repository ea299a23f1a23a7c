import type { MetricSeries } from '@pilothouse/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeriesBuffer, tailPointsMax, type LivePoints } from './series-buffer.ts'

/** A snapshot in which each bucket holds one point. */
function snapshot(xs: number[], values: number[], total = xs.length): MetricSeries {
  const n = xs.map(() => 1)
  const bad = values.map((value) => (Number.isFinite(value) ? 0 : 1))
  const columns = { x: xs, xLast: xs, first: values, last: values, min: values, max: values, mean: values }
  return { key: 'loss', source: 'job', branch: 0, total, count: xs.length, ...columns, n, nonFinite: bad }
}

function live(from: number, values: number[], steps = values.map((_, at) => from + at)): LivePoints {
  return { from, steps, times: steps.map((step) => 1_000 + step), epochs: steps.map(() => null), values }
}

function shown(buffer: SeriesBuffer): [number, number][] {
  return Array.from({ length: buffer.size }, (_, at) => [buffer.x[at] ?? 0, buffer.value[at] ?? 0])
}

test('live points follow the snapshot without a gap and without a double', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.load(snapshot([0, 1, 2], [3, 2, 1]))
  expect(buffer.append(live(1, [2, 1, 0.5]), 'step', { origin: 0 })).toBe(true)
  expect(shown(buffer)).toEqual([
    [0, 3],
    [1, 2],
    [2, 1],
    [3, 0.5],
  ])
  expect(buffer.total).toBe(4)
})

test('points that are missing in between ask for a new snapshot and change nothing', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.load(snapshot([0, 1], [3, 2]))
  expect(buffer.append(live(5, [1]), 'step', { origin: 0 })).toBe(false)
  expect(buffer.size).toBe(2)
})

test('whatever is repeated and however it is cut, every point stands there once, in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 30 }),
      (known, cuts) => {
        const all = Array.from({ length: 40 }, (_, at) => at * 10)
        const buffer = new SeriesBuffer('loss', 'job')
        buffer.load(
          snapshot(
            all.slice(0, known).map((_, at) => at),
            all.slice(0, known),
          ),
        )
        for (const from of cuts) buffer.append(live(from, all.slice(from, from + 7)), 'step', { origin: 0 })
        expect(shown(buffer)).toEqual(all.slice(0, buffer.total).map((value, at) => [at, value]))
      },
    ),
  )
})

test('a step that goes back is put where it belongs on the axis', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.load(snapshot([0, 10], [1, 2]))
  buffer.append(live(2, [7], [5]), 'step', { origin: 0 })
  expect(shown(buffer).map(([x]) => x)).toEqual([0, 5, 10])
})

test('NaN and infinities are kept as marks', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.load(snapshot([0], [1]))
  buffer.append({ ...live(1, []), values: ['NaN', '-Infinity'], steps: [1, 2], times: [1, 2] }, 'step', { origin: 0 })
  expect([...buffer.bad.subarray(0, 3)]).toEqual([0, 1, 1])
  expect(buffer.value[2]).toBe(Number.NEGATIVE_INFINITY)
})

test('the line of a bucketed snapshot ends at the newest value, not at a mean', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  const one = { first: [4], last: [1], min: [1], max: [4], mean: [2.5], n: [10], nonFinite: [0] }
  buffer.load({ ...snapshot([], [], 10), x: [0], xLast: [9], ...one })
  expect(shown(buffer)).toEqual([
    [0, 2.5],
    [9, 1],
  ])
})

test('a point without an epoch has no place on the axis of epochs', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.append({ ...live(0, [1, 2]), epochs: [null, 0.5] }, 'epoch', { origin: 0 })
  expect(shown(buffer)).toEqual([[0.5, 2]])
  expect(buffer.total).toBe(2)
})

test('relative time counts from the start of the job', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.append(live(0, [1]), 'relative', { origin: 400 })
  expect(buffer.x[0]).toBe(600)
})

test('a tail that has grown long asks for a snapshot', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.append(live(0, Array<number>(tailPointsMax + 1).fill(1)), 'step', { origin: 0 })
  expect(buffer.isLong()).toBe(true)
})

test('an average goes on over live points where the snapshot left it', () => {
  const values = [4, 1, Number.NaN, 3, 5]
  const averages = (from: number): number[] => {
    let [sum, mass] = [0, 0]
    return values.slice(0, from).map((value) => {
      if (Number.isFinite(value)) [sum, mass] = [sum * 0.8 + value * 0.2, mass * 0.8 + 0.2]
      return Number.isFinite(value) ? sum / mass : Number.NaN
    })
  }
  const all = averages(5)
  for (const known of [1, 2, 3, 4]) {
    const finite = values.slice(0, known).filter(Number.isFinite).length
    const buffer = new SeriesBuffer('loss', 'job')
    const steps = values.slice(0, known).map((_, at) => at)
    buffer.load({
      ...snapshot(steps, values.slice(0, known)),
      smoothed: averages(known),
      smoothing: { weight: 0.8, mass: 1 - 0.8 ** finite },
    })
    buffer.append(live(known, values.slice(known)), 'step', { origin: 0 })
    expect([...buffer.smoothed.subarray(0, 5)].map((value) => value.toFixed(9))).toEqual(
      all.map((value) => value.toFixed(9)),
    )
  }
})

test('the nearest entry is found on either side', () => {
  const buffer = new SeriesBuffer('loss', 'job')
  buffer.load(snapshot([0, 10, 20], [1, 2, 3]))
  expect([-5, 4, 6, 16, 99].map((x) => buffer.nearest(x))).toEqual([0, 0, 1, 2, 2])
  expect(new SeriesBuffer('loss', 'job').nearest(1)).toBe(-1)
})
