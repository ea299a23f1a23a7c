import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeReportFrame, decodeReportJson } from './decode-report.ts'
import { PilothouseError } from './error-code.ts'
import { encodeFrame } from './frame.ts'
import { limits } from './limits.ts'
import { type ReportInput, encodeReport } from './report-frame.ts'

const envelope = { attempt: 1, writer: 'w1', number: 1, role: 'sdk', sentAt: 1_700_000_000_000 } as const

function toJson(report: ReportInput): Uint8Array {
  const points = report.points?.map((block) => ({
    ...block,
    steps: Array.from(block.steps),
    times: Array.from(block.times),
    ...(block.epochs ? { epochs: Array.from(block.epochs, wire) } : {}),
    values: block.values.map((column) => Array.from(column, wire)),
  }))
  return new TextEncoder().encode(JSON.stringify({ ...report, ...(points ? { points } : {}) }))
}

function wire(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

function refusal(read: () => unknown): PilothouseError {
  try {
    read()
  } catch (error) {
    if (error instanceof PilothouseError) return error
    throw error
  }
  throw new Error('it was accepted')
}

const block = { source: 'job', keys: ['loss'], steps: [1, 2], times: [10, 20], values: [[0.5, 0.25]] }

describe('a report', () => {
  it('reads the same from both forms, non-finite numbers, odd keys and epochs included', () => {
    const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity))
    const blocks = fc
      .record({
        rows: fc.integer({ min: 0, max: 8 }),
        keys: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), {
          minLength: 1,
          maxLength: 4,
        }),
        epochs: fc.boolean(),
      })
      .chain(({ rows, keys, epochs }) => {
        const column = (arbitrary: fc.Arbitrary<number>) => fc.array(arbitrary, { minLength: rows, maxLength: rows })
        return fc.record({
          source: fc.constantFrom('job', 'gpu:node/0'),
          keys: fc.constant(keys),
          steps: column(fc.integer()),
          times: column(fc.integer()),
          epochs: epochs ? column(number) : fc.constant(undefined),
          values: fc.tuple(...keys.map(() => column(number))),
        })
      })
    fc.assert(
      fc.property(fc.array(blocks, { maxLength: 3 }), (points) => {
        const report: ReportInput = { ...envelope, points }
        const binary = decodeReportFrame(encodeReport(report))
        const json = decodeReportJson(toJson(report))
        const plain = (read: typeof json) =>
          read.points.map((one) => ({
            ...one,
            steps: Array.from(one.steps, Number),
            times: Array.from(one.times, Number),
            epochs: one.epochs && Array.from(one.epochs, withoutMinusZero),
            values: one.values.map((column) => Array.from(column, withoutMinusZero)),
          }))
        expect(plain(binary)).toEqual(plain(json))
      }),
    )
  })

  it('keeps a configuration that looks like anything at all', () => {
    const config = { rows: 3, f64: [1, 2], nested: { steps: null } }
    expect(decodeReportFrame(encodeReport({ ...envelope, job: { config } })).job?.config).toEqual(config)
  })

  it('names the field of a wrong type', () => {
    const error = refusal(() => decodeReportJson(toJson({ ...envelope, number: 'x' as unknown as number })))
    expect(error).toMatchObject({ code: 'invalid', field: 'number' })
  })

  it.each([
    ['times shorter than steps', { ...block, times: [10] }, 'points[0].times'],
    ['a column shorter than steps', { ...block, values: [[1]] }, 'points[0].values[0]'],
    ['a value that is no number', { ...block, values: [[1, 'two']] }, 'points[0].values[0][1]'],
    ['a value left out', { ...block, values: [[1, null]] }, 'points[0].values[0][1]'],
    ['a key without its column', { ...block, keys: ['a', 'b'] }, 'points[0].values'],
    [
      'a key that stands twice',
      {
        ...block,
        keys: ['a', 'a'],
        values: [
          [1, 2],
          [1, 2],
        ],
      },
      'points[0].keys',
    ],
  ])('is refused with %s', (_what, broken, field) => {
    expect(
      refusal(() => decodeReportJson(new TextEncoder().encode(JSON.stringify({ ...envelope, points: [broken] })))),
    ).toMatchObject({ code: 'invalid', field })
  })

  it('is refused with a step that is no finite number', () => {
    const error = refusal(() =>
      decodeReportFrame(encodeReport({ ...envelope, points: [{ ...block, steps: [1, Number.NaN] }] })),
    )
    expect(error).toMatchObject({ code: 'invalid', field: 'points[0].steps[1]' })
  })

  it('is refused whole wherever a frame is cut', () => {
    const whole = encodeReport({ ...envelope, points: [block] })
    for (let length = 0; length < whole.length; length += 1) {
      expect(refusal(() => decodeReportFrame(whole.subarray(0, length))).code).toMatch(/malformed|invalid/)
    }
  })

  it('is refused with numbers left over, with another magic, and with a header that promises too much', () => {
    const header = { ...envelope, points: [{ source: 'job', keys: ['a'], rows: 1 }] }
    expect(refusal(() => decodeReportFrame(encodeFrame(header, [[1], [1], [1], [1]]))).code).toBe('malformed')
    expect(refusal(() => decodeReportFrame(encodeFrame(header, [[1]]))).code).toBe('malformed')
    expect(refusal(() => decodeReportFrame(new TextEncoder().encode('{"attempt": 1}'))).code).toBe('malformed')
    const greedy = { ...header, points: [{ source: 'job', keys: ['a'], rows: limits.reportPointsMax }] }
    expect(refusal(() => decodeReportFrame(encodeFrame(greedy, []))).code).toBe('malformed')
  })

  it('is refused above its bounds', () => {
    const lines = {
      stream: 'stdout' as const,
      times: Array(limits.reportLinesMax + 1).fill(0),
      lines: Array(limits.reportLinesMax + 1).fill(''),
    }
    expect(refusal(() => decodeReportJson(toJson({ ...envelope, logs: [lines] }))).code).toBe('tooLarge')
    const key = 'é'.repeat(limits.keyBytesMax)
    expect(refusal(() => decodeReportJson(toJson({ ...envelope, points: [{ ...block, keys: [key] }] })))).toMatchObject(
      { field: 'points[0].keys[0]' },
    )
  })

  it('reads from bytes at any offset', () => {
    const whole = encodeReport({ ...envelope, points: [block] })
    const shifted = new Uint8Array(whole.length + 3)
    shifted.set(whole, 3)
    expect(Array.from(decodeReportFrame(shifted.subarray(3)).points[0]?.values[0] ?? [])).toEqual([0.5, 0.25])
  })
})

/** JSON has no minus zero. */
function withoutMinusZero(value: number): number {
  return value === 0 ? 0 : value
}
