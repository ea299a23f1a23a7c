import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SeriesCondition } from './condition-fold.ts'
import { type AlertMove, type SeriesRule, quietWatch, raisedWatch, watchPoints } from './watch-series.ts'

const minute = 60_000
const idle: SeriesCondition = {
  kind: 'threshold',
  key: 'gpu.utilization',
  source: 'gpu:*',
  is: 'below',
  value: 10,
  of: null,
  forMs: 15 * minute,
  clearValue: null,
}
const notANumber: SeriesCondition = { kind: 'non-finite', key: 'loss', source: 'job' }
const diverging: SeriesCondition = { kind: 'diverging', key: 'loss', source: 'job', factor: 1.5 }

type Options = Partial<Omit<SeriesRule, 'condition'>> & { everyMs?: number; block?: number; bases?: number[] }

/** Moves of a rule over these values, one every `everyMs`, in portions of `block`. */
function run(condition: SeriesCondition, values: readonly number[], options: Options = {}): AlertMove[] {
  const { clearMs = 0, cooldownMs = 1_000, everyMs = minute, block = 7, bases } = options
  const moves: AlertMove[] = []
  let watch = quietWatch
  for (let from = 0; from < values.length; from += block) {
    const slice = values.slice(from, from + block)
    const steps = slice.map((_, row) => from + row)
    const times = steps.map((step) => step * everyMs)
    const points = { key: condition.key, steps, times, values: slice, bases: bases?.slice(from, from + block) }
    const next = watchPoints({ condition, clearMs, cooldownMs }, watch, points)
    watch = next.watch
    moves.push(...next.moves)
  }
  return moves
}

const view = (moves: readonly AlertMove[]) => moves.map(({ kind, step }) => `${kind} ${step ?? '–'}`)

test('an idle GPU is told after fifteen minutes, once, and its end once', () => {
  const values = [...Array<number>(40).fill(3), 80, 80]
  expect(view(run(idle, values))).toEqual(['raised 15', 'resolved 40'])
  expect(run(idle, values).map(({ text }) => text)).toEqual([
    'gpu.utilization has been below 10 for 15 m: 3.',
    'gpu.utilization is 80 again.',
  ])
})

test('one busy minute begins the fifteen anew, and so does a gap in the points', () => {
  expect(run(idle, [...Array<number>(14).fill(3), 50, ...Array<number>(14).fill(3)])).toEqual([])
  const times = [0, 5, 25, 35].map((at) => at * minute)
  const points = { key: 'gpu.utilization', steps: [0, 1, 2, 3], times, values: [3, 3, 3, 3] }
  expect(watchPoints({ condition: idle, clearMs: 0, cooldownMs: 1_000 }, quietWatch, points).moves).toEqual([])
})

test('a value that trembles around its bound raises one alert where the end has a bound of its own', () => {
  const trembling = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 101 : 99))
  const hot = { ...idle, is: 'above', value: 100, forMs: 0 } as const
  expect(view(run(hot, trembling)).filter((move) => move.startsWith('raised'))).toHaveLength(20)
  expect(view(run({ ...hot, clearValue: 90 }, [...trembling, 89]))).toEqual(['raised 0', 'resolved 40'])
  expect(view(run(hot, trembling, { clearMs: 5 * minute }))).toEqual(['raised 0'])
  expect(view(run(hot, trembling, { cooldownMs: 10 * minute })).filter((move) => move.startsWith('raised'))).toEqual([
    'raised 0',
    'raised 10',
    'raised 20',
    'raised 30',
  ])
})

test('a share is of the other key of the same source, the newest known where a report lacks it', () => {
  const full = { ...idle, key: 'disk.used', of: 'disk.total', is: 'above', value: 90, forMs: 0 } as const
  const moves = run(full, [80, 95, 95, 50], { bases: [100, 100], block: 2 })
  expect(view(moves)).toEqual(['raised 1', 'resolved 3'])
  expect(moves[0]?.text).toBe('disk.used of disk.total is above 90 %: 95 %.')
})

test('NaN is told at once and is over after ten finite values in a row', () => {
  expect(view(run(notANumber, [1, NaN, 2, Infinity, ...Array<number>(10).fill(1), 1]))).toEqual([
    'raised 1',
    'resolved 13',
  ])
  expect(run(notANumber, [1, NaN])[0]?.text).toBe('loss is NaN.')
})

test('a change is told against the lowest value of its window, and not against what is older', () => {
  const rise: SeriesCondition = {
    kind: 'change',
    key: 'loss',
    source: 'job',
    direction: 'rise',
    amount: 50,
    relative: true,
    windowMs: 10 * minute,
  }
  expect(view(run(rise, [2, 2, 2.5, 3.1, 3.1]))).toEqual(['raised 3'])
  expect(
    run(
      rise,
      Array.from({ length: 60 }, (_, at) => 2 + at * 0.02),
    ),
  ).toEqual([])
  const fall = { ...rise, direction: 'fall', relative: false, amount: 1 } as const
  expect(view(run(fall, [5, 4.5, 3.9, 3.9]))).toEqual(['raised 2'])
})

test('a loss that climbs diverges; one that falls, or has an outlier, does not', () => {
  const falling = Array.from({ length: 100 }, (_, at) => 4 * 0.97 ** at + 0.5)
  expect(run(diverging, falling)).toEqual([])
  expect(run(diverging, [...falling, 50, ...Array<number>(30).fill(0.7)])).toEqual([])
  const climbing = [...falling, ...Array.from({ length: 60 }, (_, at) => 0.7 + at * 0.1)]
  const [raised, ...others] = run(diverging, climbing)
  expect(raised).toMatchObject({ kind: 'raised' })
  expect(raised?.step).toBeGreaterThan(100)
  expect(others).toEqual([])
})

test('an alert that was open before a restart is not raised again, and resolves', () => {
  const points = { key: 'loss', steps: [1, 2], times: [10, 20], values: [NaN, NaN] }
  const rule = { condition: notANumber, clearMs: 0, cooldownMs: 1_000 }
  const { watch, moves } = watchPoints(rule, raisedWatch(5), points)
  expect(moves).toEqual([])
  const well = { key: 'loss', steps: [3], times: [30], values: [1] }
  expect(watchPoints(rule, watch, { ...well, values: Array<number>(10).fill(1) }).moves).toMatchObject([
    { kind: 'resolved' },
  ])
})

const condition = fc.constantFrom<SeriesCondition>(
  { ...idle, forMs: 3_000 },
  { ...idle, forMs: 0, clearValue: 20 },
  notANumber,
  diverging,
  { kind: 'change', key: 'loss', source: 'job', direction: 'rise', amount: 30, relative: true, windowMs: 8_000 },
)
const value = fc.oneof(
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(NaN, Infinity, -Infinity, 0, 5, 15),
)
const values = fc.array(value, { maxLength: 120 })
const spans = fc.record({ clearMs: fc.constantFrom(0, 2_000), cooldownMs: fc.constantFrom(1_000, 10_000) })

test('at most one alert is open at a time, it is told once, and the next one waits for the cooldown', () => {
  fc.assert(
    fc.property(condition, values, spans, (rule, list, options) => {
      const moves = run(rule, list, { ...options, everyMs: 1_000 })
      moves.forEach(({ kind }, at) => expect(kind).toBe(at % 2 === 0 ? 'raised' : 'resolved'))
      const raised = moves.filter(({ kind }) => kind === 'raised')
      for (const [at, move] of raised.slice(1).entries())
        expect(move.at - (raised[at]?.at ?? 0)).toBeGreaterThanOrEqual(options.cooldownMs)
    }),
  )
})

test('the same points in other portions come to the same', () => {
  fc.assert(
    fc.property(condition, values, spans, fc.integer({ min: 1, max: 50 }), (rule, list, options, block) => {
      const whole = run(rule, list, { ...options, everyMs: 1_000, block: 1_000 })
      expect(run(rule, list, { ...options, everyMs: 1_000, block })).toEqual(whole)
    }),
  )
})

test('nothing is told before the condition has held for its time', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 60 }), (list) => {
      for (const { kind, step } of run({ ...idle, forMs: 5_000 }, list, { everyMs: 1_000 })) {
        if (kind === 'resolved' || step === null) continue
        expect(list.slice(step - 5, step + 1).every((one) => one < 10)).toBe(true)
      }
    }),
  )
})
