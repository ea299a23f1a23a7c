import { expect, it } from 'vitest'
import { ResultSource } from './result-source.ts'

const line = (id: string, content: string) =>
  `${JSON.stringify({
    custom_id: id,
    response: { status_code: 200, body: { choices: [{ message: { content } }] } },
    error: null,
  })}\n`

/** A file of the server that knows ranges. */
const serve = (text: string) => async (headers: Record<string, string>) => {
  const bytes = new TextEncoder().encode(text)
  const [, from, to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? []
  if (from === undefined) return new Response(bytes, { headers: { 'content-length': String(bytes.length) } })
  const part = bytes.slice(Number(from), to === '' ? undefined : Number(to) + 1)
  return new Response(part, { status: part.length === 0 ? 416 : 206 })
}
const { signal } = new AbortController()

it('answers and errors become one list, and a line is read as it stands', async () => {
  const error = '{"custom_id":"b","response":null,"error":{"code":"timeout","message":"600 s"}}\n'
  const source = new ResultSource([
    { open: serve(line('a', 'yes')), isFinal: true, form: 'batch' },
    { open: serve(error), isFinal: true, form: 'batch' },
  ])
  let told = 0
  const undo = source.subscribe(() => (told += 1))
  await source.readOn(signal)
  undo()
  const { lines, isWhole, isReading } = source.state()
  expect(lines.map(({ customId, text }) => [customId, text])).toEqual([
    ['a', 'yes'],
    ['b', 'timeout: 600 s'],
  ])
  expect([isWhole, isReading, told > 0]).toEqual([true, false, true])
  const [, second] = lines
  expect(second && (await source.readRaw(second, signal))).toBe(error.trim())
})

it('a file that grows is never whole, and goes on where it was', async () => {
  let text = line('a', '1')
  const source = new ResultSource([{ open: async (headers) => serve(text)(headers), isFinal: false, form: 'batch' }])
  await source.readOn(signal)
  expect([source.state().lines.length, source.state().isWhole]).toEqual([1, false])
  text += line('b', '2')
  await source.readOn(signal)
  expect(source.state().lines.map(({ customId }) => customId)).toEqual(['a', 'b'])
})

it('a reading that was stopped is gone on with at once, and no line comes twice', async () => {
  const source = new ResultSource([{ open: serve(line('a', '1') + line('b', '2')), isFinal: true, form: 'batch' }])
  const stop = new AbortController()
  const first = source.readOn(stop.signal)
  stop.abort()
  await Promise.all([first, source.readOn(signal)])
  expect(source.state().lines.map(({ customId }) => customId)).toEqual(['a', 'b'])
  expect(source.state()).toMatchObject({ isReading: false, isWhole: true })
})

it('lines that are no results are counted, and a fault is told and can be mended', async () => {
  let isThere = false
  const open = async (headers: Record<string, string>) =>
    isThere ? serve(`nonsense\n${line('a', '1')}`)(headers) : new Response('', { status: 404 })
  const source = new ResultSource([{ open, isFinal: true, form: 'batch' }])
  await source.readOn(signal)
  expect(source.state().error).toContain('404')
  isThere = true
  await source.readOn(signal)
  expect(source.state()).toMatchObject({ strange: 1, error: undefined, isWhole: true })
})
