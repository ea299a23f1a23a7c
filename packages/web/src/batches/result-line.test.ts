import { expect, it } from 'vitest'
import { readResultLine } from './result-line.ts'

const origin = { place: { part: 0, from: 0, to: 10 }, number: 7, form: 'batch' } as const
const read = (line: unknown) => readResultLine(JSON.stringify(line), origin)
const answer = (content: string) => ({
  custom_id: 'r',
  response: { status_code: 200, body: { choices: [{ message: { content } }] } },
})

it('a line is what it says, and where it stands', () => {
  expect(read(answer('yes'))).toMatchObject({ customId: 'r', kind: 'answered', text: 'yes', place: origin.place })
  expect(read({ custom_id: 'r', error: { code: 'timeout' } })).toMatchObject({ kind: 'failed', text: 'timeout' })
})

it('the same words have the same digest, other words another, and a failure is no answer', () => {
  expect(read(answer('one'))?.digest).toBe(read(answer('one'))?.digest)
  expect(read(answer('one'))?.digest).not.toBe(read(answer('two'))?.digest)
  expect(read({ custom_id: 'r', error: 'one' })?.digest).not.toBe(read(answer('one'))?.digest)
})

it('what is no line of results is none', () => {
  expect(readResultLine('{"custom_id":', origin)).toBeUndefined()
  expect(read({ id: 'x', text: 'old' })).toBeUndefined()
})

it('of a file of an older tool any object is a line, by its number where nothing names it', () => {
  const readOld = (line: unknown) => readResultLine(JSON.stringify(line), { ...origin, form: 'any' })
  expect(readOld({ id: 'x', text: 'old' })).toMatchObject({ customId: 'x', kind: 'answered', text: 'old' })
  expect(readOld({ score: 1 })).toMatchObject({ customId: 'line 7', text: '{"score":1}' })
  expect(readOld([])).toBeUndefined()
})
