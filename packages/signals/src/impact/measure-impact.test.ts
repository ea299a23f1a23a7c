import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { measureImpact } from './measure-impact.ts'
import { drawCurve, families, makeRandom } from './synthetic-curves.fixture.ts'

const [powerLaw] = families
if (!powerLaw) throw new Error('no family')
const of = (effect: Parameters<typeof drawCurve>[2], seed = 4) => ({
  key: 'loss',
  goal: 'lower' as const,
  ...drawCurve(powerLaw, seed, effect),
})

it('a loss that falls below its forecast is better, and worse where more is better', () => {
  const found = measureImpact(of({ level: -3 }))
  expect(found.verdict).toBe('better')
  // The level that was put in is 3 × 0.08.
  expect(found.effect?.mean.lower).toBeLessThan(-0.24)
  expect(found.effect?.mean.upper).toBeGreaterThan(-0.24)
  expect(found.effect?.mean.upper).toBeLessThan(0)
  expect(found.effect?.mean.actual).toBeCloseTo(
    (found.effect?.mean.expected ?? 0) + (found.effect?.mean.absolute ?? 0),
    12,
  )
  const after = found.actual.values.slice(-found.forecast.values.length)
  expect(found.effect?.mean.actual).toBeCloseTo(
    after.reduce((sum, value) => sum + value / after.length, 0),
    10,
  )
  expect(found.effect?.p).toBeLessThan(0.01)
  expect(found.effect?.integrated).toBeCloseTo((found.effect?.mean.absolute ?? 0) * 200, 6)
  expect(found.words).toMatch(
    /^loss was 0\.\d+ \(\d+ %\) below what the 800 steps before lead one to expect, which is better; expected range ±0\.0\d+\.$/,
  )
  expect(measureImpact({ ...of({ level: -3 }), goal: 'higher' }).verdict).toBe('worse')
  const unknown = measureImpact({ ...of({ level: -3 }), goal: null })
  expect(unknown.verdict).toBe('changed')
  expect(unknown.words).not.toContain('which is')
})

it('without an effect it says so, with the range that nothing can be seen in', () => {
  const found = measureImpact(of({}))
  expect(found.verdict).toBe('none')
  expect(found.words).toMatch(
    /^No clear effect: loss is .* what the 800 steps before lead one to expect, expected range ±/,
  )
  expect(found.effect?.p).toBeGreaterThan(0.05)
})

it('the forecast follows the decay, and nearly all that came without a change lies in its band', () => {
  const { forecast, actual } = measureImpact(of({}))
  expect(forecast.steps.every((step) => step >= 800 && step < 1_000)).toBe(true)
  const after = actual.values.slice(-forecast.values.length)
  const inside = after.filter((value, at) => value >= (forecast.lower[at] ?? 0) && value <= (forecast.upper[at] ?? 0))
  expect(inside.length).toBeGreaterThanOrEqual(after.length * 0.8)
  expect(forecast.values.at(-1)).toBeLessThan(forecast.values[0] ?? 0)
})

it('an effect that comes late, and one that grows, are seen at the end of the window', () => {
  const late = measureImpact(of({ level: -3, delay: 0.6 }))
  expect(late.verdict).toBe('better')
  expect(Math.abs(late.effect?.end.absolute ?? 0)).toBeGreaterThan(Math.abs(late.effect?.mean.absolute ?? 0))
  const growing = measureImpact(of({ slope: -5 }))
  expect(growing.verdict).toBe('better')
  expect(growing.words).toContain('It grows: in the end')
})

it('an effect that has turned by the end is judged by the end', () => {
  const { steps, values, changeStep } = drawCurve(powerLaw, 4, { level: 10 })
  const turned = values.map((value, at) => (at >= 940 ? value - 1.2 : value))
  const found = measureImpact({ key: 'loss', goal: 'lower', steps, values: turned, changeStep })
  expect(found.verdict).toBe('better')
  expect(found.words).toContain('It has turned: in the end')
})

it('says what it lacks: points before, points after, time until the next change', () => {
  const { steps, values } = drawCurve(powerLaw, 1)
  const at = (changeStep: number, otherChanges: number[] = []) =>
    measureImpact({ key: 'loss', goal: 'lower', steps, values, changeStep, otherChanges })
  expect(at(4)).toMatchObject({
    verdict: 'tooShort',
    effect: null,
    words: 'Too little before the change: 4 values of loss, 10 are needed to tell what was to be expected.',
  })
  expect(at(998)).toMatchObject({
    verdict: 'tooEarly',
    words: 'Too early to tell: 2 values of loss since step 998, 3 are needed.',
  })
  expect(at(2_000)).toMatchObject({
    verdict: 'tooEarly',
    words: 'Too early to tell: 0 values of loss since step 2000, 3 are needed.',
  })
  expect(at(800, [802]).words).toBe('The next change came too soon: 2 values of loss in between, 3 are needed.')
  expect(at(800, [795]).words).toContain('between the last change and this one: 5 values')
  expect(measureImpact({ key: 'loss', goal: 'lower', steps: [0, 1], values: [1, 2], changeStep: 1 }).verdict).toBe(
    'tooShort',
  )
  expect(measureImpact({ key: 'loss', goal: 'lower', steps: [], values: [], changeStep: 0 }).verdict).toBe('tooShort')
})

it('windows end at other changes and at what was asked for, and it says so', () => {
  const { steps, values } = drawCurve(powerLaw, 1)
  const input = { key: 'loss', goal: 'lower' as const, steps, values, changeStep: 800 }
  const free = measureImpact(input)
  expect([free.before, free.after]).toEqual([
    { from: 0, to: 799, points: 800 },
    { from: 800, to: 999, points: 200 },
  ])
  expect(free.remarks).toEqual([])
  const between = measureImpact({ ...input, otherChanges: [300, 860, 800] })
  expect(between.before.from).toBeGreaterThanOrEqual(300)
  expect(between.after).toEqual({ from: 800, to: 859, points: 60 })
  expect(between.remarks).toEqual([
    'Another parameter was changed at the same step; what each of them did cannot be told apart.',
    'The next change, at step 860, ends the window after this one.',
  ])
  expect(measureImpact({ ...input, otherChanges: [500] }).remarks).toEqual([
    'The change at step 500 begins the window before this one.',
  ])
  const asked = measureImpact({ ...input, windows: { before: 200, after: 150 } })
  expect([asked.before.from, asked.after.to]).toEqual([600, 899])
  expect(asked.remarks).toEqual([
    'Only 100 steps after the change are looked at: a forecast reaches half as far as the 200 steps before it.',
  ])
})

it('values that are NaN or infinite do not count; where nothing else is left after the change, that is worse', () => {
  const { steps, values, changeStep } = drawCurve(powerLaw, 2)
  const some = measureImpact({
    key: 'loss',
    goal: 'lower',
    steps,
    changeStep,
    values: values.map((value, at) => (at % 50 === 0 ? Number.NaN : value)),
  })
  expect(some).toMatchObject({ verdict: 'none', nonFinite: { before: 15, after: 4 } })
  expect(some.remarks).toEqual(['Values that are NaN or infinite do not count: 15 before the change, 4 after it.'])
  const broken = measureImpact({
    key: 'loss',
    goal: null,
    steps,
    changeStep,
    values: values.map((value, at) => (at > 810 ? Infinity : value)),
  })
  expect(broken).toMatchObject({
    verdict: 'worse',
    effect: null,
    words: 'loss is NaN or infinite: 189 of 200 values since step 800.',
  })
  const always = measureImpact({ key: 'loss', goal: 'lower', steps, changeStep, values: values.map(() => Number.NaN) })
  expect(always.verdict).toBe('tooShort')
})

it('a constant curve has no effect until it moves by more than its last decimal place', () => {
  const steps = Array.from({ length: 100 }, (_, at) => at)
  const of = (after: number) =>
    measureImpact({
      key: 'acc',
      goal: 'higher',
      steps,
      changeStep: 80,
      values: steps.map((step) => (step < 80 ? 0.91 : after)),
    })
  expect(of(0.91)).toMatchObject({ verdict: 'none' })
  expect(of(0.92)).toMatchObject({ verdict: 'none' })
  expect(of(0.95)).toMatchObject({ verdict: 'better', effect: { mean: { absolute: expect.closeTo(0.04, 9) } } })
})

it('steps that go back and steps that come twice count once, the newest value', () => {
  const { steps, values, changeStep } = drawCurve(powerLaw, 3, { level: -2 })
  const plain = measureImpact({ key: 'loss', goal: 'lower', steps, values, changeStep })
  const order = steps.map((_, at) => at).sort((a, b) => ((a * 7_919) % 1_009) - ((b * 7_919) % 1_009))
  const shuffled = measureImpact({
    key: 'loss',
    goal: 'lower',
    changeStep,
    steps: [...steps, Number.NaN, ...order.map((at) => steps[at] ?? 0)],
    values: [...values.map(() => 99), 1, ...order.map((at) => values[at] ?? 0)],
  })
  expect(shuffled).toEqual(plain)
})

it('huge, tiny and shifted values come to the same', () => {
  const { steps, values, changeStep } = drawCurve(powerLaw, 5, { level: -3 })
  const p = (factor: number, shift = 0) =>
    measureImpact({
      key: 'loss',
      goal: 'lower',
      steps,
      changeStep,
      values: values.map((value) => value * factor + shift),
    }).effect?.p ?? Number.NaN
  const plain = p(1)
  for (const factor of [1e300, 1e-300, 2]) expect(p(factor)).toBeCloseTo(plain, 8)
  expect(p(1, 1_000)).toBeCloseTo(plain, 5)
  expect(p(-1)).toBeCloseTo(plain, 8)
})

it('whatever comes in, an answer that can be sent comes out', () => {
  const number = fc.oneof(
    fc.double(),
    fc.integer({ min: -5, max: 50 }),
    fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, 0),
  )
  const points = fc.array(fc.tuple(fc.oneof(fc.integer({ min: 0, max: 80 }), number), number), { maxLength: 120 })
  fc.assert(
    fc.property(
      points,
      fc.integer({ min: -1, max: 90 }),
      fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
      (rows, changeStep, otherChanges) => {
        const found = measureImpact({
          key: 'x',
          goal: 'lower',
          steps: rows.map(([step]) => step),
          values: rows.map(([, value]) => value),
          changeStep,
          otherChanges,
        })
        expect(listBadNumbers(found)).toEqual([])
        expect(found.words).not.toMatch(/undefined|^$/)
      },
    ),
    { numRuns: 400, seed: 11 },
  )
})

/** JSON has no NaN and nothing infinite. */
function listBadNumbers(value: unknown): unknown[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listBadNumbers) : []
}

it('two thousand points before and after take less than 20 ms', () => {
  const random = makeRandom(1)
  const steps = Array.from({ length: 4_000 }, (_, at) => at)
  const values = steps.map((step) => 1 + 3 / Math.sqrt(step + 50) + 0.1 * random())
  const input = { key: 'loss', goal: 'lower' as const, steps, values, changeStep: 2_000 }
  measureImpact(input)
  const started = cpuTimeMs()
  for (let round = 0; round < 20; round += 1) measureImpact(input)
  const ms = (cpuTimeMs() - started) / 20
  process.stdout.write(`measureImpact: ${ms.toFixed(1)} ms of CPU for 2,000 + 2,000 points\n`)
  expect(ms).toBeLessThan(20)
})
