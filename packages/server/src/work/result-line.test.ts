import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatLeftOut, formatResult, lineHeadBytes, readPlace } from './result-line.ts'

const of = { batchId: 'batch_1', at: 7, customId: 'r "7"' }
const usage = null

function parse(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown> // it was made of an object
}

it('an answer stands in its line as the engine wrote it, numbers that JavaScript would round included', () => {
  const body = '{"id":12345678901234567890,"text":"a\\nb"}'
  const line = formatResult(of, { kind: 'answered', status: 200, requestId: 'q1', body, usage })
  expect(line).toContain(`"response":{"status_code":200,"request_id":"q1","body":${body}},"error":null}\n`)
})

it('whatever JSON an engine sends, with whatever space in it, its line is one line and says the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), fc.boolean(), (value, space, hasReturns) => {
      const written = JSON.stringify(value, null, space)
      const body = hasReturns ? written.replaceAll('\n', '\r\n') : written
      const line = formatResult(of, { kind: 'answered', status: 200, requestId: null, body, usage })
      expect(line.match(/[\r\n]/g)).toEqual(['\n'])
      expect(parse(line)).toMatchObject({ custom_id: 'r "7"', response: { body: parse(body) }, error: null })
    }),
  )
})

it('a failure has what the engine sent, be it JSON or not, and no response where there was none', () => {
  const failed = { kind: 'failed', code: 'refused', message: 'no', requestId: null } as const
  const line = (status: number | null, body: string | null) => parse(formatResult(of, { ...failed, status, body }))
  expect(line(400, '{"a":\n1}')).toMatchObject({
    response: { status_code: 400, body: { a: 1 } },
    error: { code: 'refused', message: 'no' },
  })
  expect(line(502, '<html>\nBad "gateway"')).toMatchObject({ response: { body: '<html>\nBad "gateway"' } })
  expect(line(500, '')).toMatchObject({ response: { body: '' } })
  expect(line(null, null)).toMatchObject({ response: null, error: { code: 'refused' } })
})

it('a line begins with an id that is always the same, and says its place', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.string(), (at, customId) => {
      const line = Buffer.from(formatLeftOut({ batchId: 'batch_1', at, customId }, 'cancelled'))
      expect(readPlace(line.subarray(0, lineHeadBytes))).toBe(at)
      const expired = formatLeftOut({ batchId: 'batch_1', at, customId }, 'expired')
      expect(parse(line.toString())['id']).toBe(parse(expired)['id'])
    }),
  )
  const other = formatLeftOut({ ...of, batchId: 'batch_2' }, 'expired')
  expect(parse(other)['id']).not.toBe(parse(formatLeftOut(of, 'expired'))['id'])
  expect(parse(other)).toMatchObject({ custom_id: 'r "7"', response: null, error: { code: 'batch_expired' } })
})
