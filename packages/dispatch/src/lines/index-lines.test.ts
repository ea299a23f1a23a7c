import { appendFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { indexLines, type IndexLinesOptions } from './index-lines.ts'
import { endpoint, makeInputs, makeLine, type TestInputs } from './input.fixture.ts'
import type { LineError } from './line-error.ts'
import type { IndexedLine } from './line-index.ts'

let inputs: TestInputs
beforeAll(() => {
  inputs = makeInputs()
})
afterAll(() => inputs.remove())

type Changes = Partial<IndexLinesOptions>

async function index(content: string | Buffer, changes: Changes = {}) {
  return indexLines(inputs.write(content), { endpoint, ...changes })
}

/** The rows of an input that is taken. */
async function findRows(content: string | Buffer, changes: Changes = {}): Promise<IndexedLine[]> {
  const found = await index(content, changes)
  if (found.kind === 'refused') throw new Error(JSON.stringify(found.errors))
  return found.index.readRange(0, found.index.count)
}

/** The errors of one that is not. */
async function findErrors(content: string | Buffer, changes: Changes = {}): Promise<LineError[]> {
  const found = await index(content, changes)
  return found.kind === 'refused' ? found.errors : []
}

async function findOneError(content: string | Buffer, changes: Changes = {}): Promise<LineError | undefined> {
  const errors = await findErrors(content, changes)
  expect(errors).toHaveLength(1)
  return errors[0]
}

describe('lines are found', () => {
  it('with their places, whatever ends them', async () => {
    const [one, two, three] = [makeLine('one'), makeLine('two'), makeLine('three')]
    const content = `\uFEFF${one}\r\n\n  \t\r\n${two}\n${three}`
    const file = Buffer.from(content)
    const found = await index(file)
    if (found.kind === 'refused') throw new Error(JSON.stringify(found.errors))
    expect(found).toMatchObject({ model: 'tiny', index: { count: 3, lineCount: 5, inputBytes: file.length } })
    const rows = await found.index.readRange(0, 3)
    expect(rows.map(({ line }) => line)).toEqual([1, 4, 5])
    const texts = rows.map(({ offset, bytes }) => file.subarray(offset, offset + bytes).toString())
    expect(texts).toEqual([one, two, three])
  })

  it('in pieces of any size as in the whole, also where characters and line ends are cut', async () => {
    const id = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'é', '漢', '🚂', '"', '\\') })
    const line = fc.oneof(
      { weight: 4, arbitrary: id.map((text) => ({ id: text, text: '' })) },
      { weight: 1, arbitrary: fc.constantFrom('', ' ', '\t ').map((text) => ({ id: '', text })) },
    )
    const input = fc.record({
      lines: fc.uniqueArray(line, { selector: (one) => one.id || Symbol('blank'), maxLength: 8 }),
      ends: fc.array(fc.constantFrom('\n', '\r\n'), { minLength: 8, maxLength: 8 }),
      isMarked: fc.boolean(),
      isEnded: fc.boolean(),
      chunkBytes: fc.integer({ min: 1, max: 400 }),
    })
    await fc.assert(
      fc.asyncProperty(input, async ({ lines, ends, isMarked, isEnded, chunkBytes }) => {
        const texts = lines.map((one) => (one.id === '' ? one.text : makeLine(one.id)))
        const whole = texts.map((text, at) => text + (at === texts.length - 1 && !isEnded ? '' : ends[at])).join('')
        const file = Buffer.from((isMarked ? '\uFEFF' : '') + whole)
        const expected = texts.flatMap((text, at) => (text.trim() === '' ? [] : [{ line: at + 1, text }]))
        if (expected.length === 0) {
          expect(await findOneError(file, { chunkBytes })).toMatchObject({ code: 'empty_batch', line: null })
          return
        }
        const rows = await findRows(file, { chunkBytes })
        const found = rows.map(({ line: number, offset, bytes }) => ({
          line: number,
          text: file.subarray(offset, offset + bytes).toString(),
        }))
        expect(found).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('with what their order goes by', async () => {
    const system = { role: 'system', content: 'You are brief.' }
    const ask = (content: string) => ({ messages: [system, { role: 'user', content }] })
    const content = [
      makeLine('a', {}, { ...ask('One?'), max_tokens: 5, max_completion_tokens: 7 }),
      makeLine('b', {}, { ...ask('Two?'), max_tokens: 5 }),
      makeLine('c', {}, { messages: [{ role: 'user', content: 'é'.repeat(2000) }], max_output_tokens: 2 ** 40 }),
      makeLine('d', {}, { messages: [{ role: 'user', content: `${'é'.repeat(1999)}x` }], max_tokens: 'many' }),
      makeLine('e', {}, { messages: undefined, instructions: 'Translate.', input: 'Hund' }),
      makeLine('f', {}, { messages: undefined, instructions: 'Translate.', input: 'Katze' }),
      makeLine('g', {}, { messages: undefined }),
    ]
    const [a, b, c, d, e, f, g] = await findRows(content.join('\n'))
    expect([a, b, c, d, g].map((row) => row?.maxTokens)).toEqual([7, 5, 2 ** 32 - 1, 0, 0])
    expect(a?.promptBytes).toBe(JSON.stringify(ask('One?').messages).length)
    expect([c?.promptBytes, e?.promptBytes, g?.promptBytes]).toEqual([4000 + 30, '"Translate.""Hund"'.length, 0])
    const upper = (row: IndexedLine | undefined) => (row?.promptHash ?? 0) >>> 16
    // One system prompt, another question.
    expect([upper(a), upper(e)]).toEqual([upper(b), upper(f)])
    expect(a?.promptHash).not.toBe(b?.promptHash)
    expect(e?.promptHash).not.toBe(f?.promptHash)
    expect(c?.promptHash).toBe(d?.promptHash)
    expect(new Set([a, c, e].map(upper)).size).toBe(3)
  })

  it('also where one is nested deeper than calls can be', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const line = makeLine('deep').replace('"messages":', `"messages":${deep},"other":`)
    expect(await findRows(line)).toMatchObject([{ promptBytes: 400_000 }])
  })

  it('until somebody stops it', async () => {
    const signal = AbortSignal.abort(new Error('Enough.'))
    await expect(index(makeLine('a'), { signal })).rejects.toThrow('Enough.')
  })
})

describe('a line is refused', () => {
  it.each<[string, string | Buffer, Partial<LineError>]>([
    ['that is no JSON', '{"custom_id": "a"', { code: 'invalid_json_line', param: null }],
    ['that is a list', '[]', { code: 'invalid_json_line' }],
    ['that is null', 'null', { code: 'invalid_json_line' }],
    ['that is no UTF-8', Buffer.from('{"custom_id":"\xe9"}', 'latin1'), { code: 'invalid_json_line' }],
    ['without custom_id', makeLine('a', { custom_id: undefined }), { code: 'invalid_request', param: 'custom_id' }],
    ['with a number as custom_id', makeLine('a', { custom_id: 7 }), { code: 'invalid_request', param: 'custom_id' }],
    ['with an empty custom_id', makeLine(''), { code: 'invalid_request', param: 'custom_id' }],
    ['with an endless custom_id', makeLine('a'.repeat(513)), { code: 'invalid_request', param: 'custom_id' }],
    ['with another method', makeLine('a', { method: 'GET' }), { code: 'invalid_request', param: 'method' }],
    ['without url', makeLine('a', { url: undefined }), { code: 'invalid_request', param: 'url' }],
    ['with another url', makeLine('a', { url: '/v1/embeddings' }), { code: 'url_mismatch', param: 'url' }],
    ['without body', makeLine('a', { body: undefined }), { code: 'invalid_request', param: 'body' }],
    ['with a list as body', makeLine('a', { body: [] }), { code: 'invalid_request', param: 'body' }],
    ['without model', makeLine('a', {}, { model: undefined }), { code: 'invalid_request', param: 'body.model' }],
    ['that names no model', makeLine('a', {}, { model: '' }), { code: 'invalid_request', param: 'body.model' }],
    ['with a stream', makeLine('a', {}, { stream: true }), { code: 'invalid_request', param: 'body.stream' }],
    ['with another model', makeLine('a', {}, { model: 'b' }), { code: 'model_mismatch', param: 'body.model' }],
    ['that has an id of before', makeLine('first'), { code: 'duplicate_custom_id', param: 'custom_id' }],
    [
      'with an id of before in other words',
      makeLine('first').replace('first', '\\u0066irst'),
      { code: 'duplicate_custom_id' },
    ],
  ])('%s', async (_what, line, error) => {
    const content = Buffer.concat([Buffer.from(`${makeLine('first')}\n\n`), Buffer.from(line), Buffer.from('\n')])
    expect(await findOneError(content)).toMatchObject({ line: 3, ...error })
  })

  it('in words that say what is wrong, what is expected and what to do', async () => {
    const content = [
      makeLine('first'),
      makeLine('a', { url: '/v1/embeddings' }),
      makeLine('b', {}, { model: 'large' }),
      makeLine('first'),
      '{"custom_id": c}',
    ]
    expect((await findErrors(content.join('\n'))).map(({ message }) => message)).toMatchInlineSnapshot(`
      [
        "Line 2: url is «/v1/embeddings», and the endpoint of the batch «/v1/chat/completions». Write that, or put the request into a batch of its own endpoint.",
        "Line 3: body.model is «large», and line 1 asks for «tiny». A batch is for one model: split the file by model.",
        "Line 4: custom_id «first» is that of line 1 already. Give each request one of its own.",
        "Line 5: it is not JSON (Unexpected token 'c', "{"custom_id": c}" is not valid JSON). Each line has to be one whole JSON object, as {"custom_id": …, "method": "POST", "url": …, "body": {…}}.",
      ]
    `)
  })

  it('with another model, but not when the model is replaced', async () => {
    const content = [makeLine('a'), makeLine('b', {}, { model: 'other' }), makeLine('c', {}, { model: undefined })]
    const found = await index(content.join('\n'), { model: 'mine' })
    expect(found).toMatchObject({ kind: 'indexed', model: 'mine', index: { count: 3 } })
  })

  it('near the end of many, at its own number', async () => {
    const lines = Array.from({ length: 50_000 }, (_, at) => makeLine(`r${at}`))
    lines[49_998] = '{"custom_id": "r49998", "method"'
    expect(await findOneError(lines.join('\n'))).toMatchObject({ code: 'invalid_json_line', line: 49_999 })
  })

  it('when it is longer than it may be, and is not held', async () => {
    const path = inputs.write(`${makeLine('a')}\n{"custom_id":"`)
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    for (let at = 0; at < 50; at += 1) appendFileSync(path, megabyte)
    appendFileSync(path, `"}\n${makeLine('b')}\n${makeLine('a')}`)
    const before = process.memoryUsage().arrayBuffers
    const found = await indexLines(path, { endpoint, lineBytesMax: 1024 * 1024 })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024)
    if (found.kind === 'indexed') throw new Error('The line was taken.')
    const told = found.errors.map(({ code, line }) => [code, line])
    expect(told).toEqual([
      ['invalid_request', 2],
      ['duplicate_custom_id', 4],
    ])
    expect(found.errors[0]?.message).toContain('52,428,816 bytes')
  })

  it('at one byte beyond the longest, and not at the longest', async () => {
    const line = makeLine('a')
    expect(await findRows(`${line}\n`, { lineBytesMax: line.length })).toHaveLength(1)
    expect(await findOneError(`${line}\n`, { lineBytesMax: line.length - 1 })).toMatchObject({ line: 1 })
  })
})

describe('a file is refused', () => {
  it.each(['', '\n', ' \r\n\n', '\uFEFF', '\uFEFF\r\n'])('when there are no requests in it: %j', async (content) => {
    expect(await findOneError(content)).toMatchObject({ code: 'empty_batch', line: null, param: null })
  })

  it('when it has more requests than a batch may have, and is told how many', async () => {
    const content = Array.from({ length: 30 }, (_, at) => makeLine(`r${at}`)).join('\n\n')
    expect(await findRows(content, { requestsMax: 30 })).toHaveLength(30)
    const error = await findOneError(content, { requestsMax: 29 })
    expect(error).toMatchObject({ code: 'too_many_tasks', line: null })
    expect(error?.message).toContain('30 requests')
  })

  it('when it is larger than one may be, without being read', async () => {
    const content = `${makeLine('a')}\nno JSON`
    expect(await findOneError(content, { bytesMax: content.length - 1 })).toMatchObject({
      code: 'invalid_request',
      line: null,
    })
    expect(await findOneError(content, { bytesMax: content.length })).toMatchObject({ line: 2 })
  })

  it('with the first of its errors and the count of all, those of the whole file first', async () => {
    const content = `${'no\n'.repeat(500)}${makeLine('a')}`
    const found = await index(content, { errorsMax: 3, requestsMax: 400 })
    if (found.kind === 'indexed') throw new Error('It was taken.')
    expect(found.errors.map(({ code, line }) => [code, line])).toEqual([
      ['too_many_tasks', null],
      ['invalid_json_line', 1],
      ['invalid_json_line', 2],
    ])
    expect(found.errorCount).toBe(401)
    expect(await findErrors(content)).toHaveLength(100)
  })

  it('when it cannot be opened', async () => {
    await expect(indexLines(inputs.at('absent'), { endpoint })).rejects.toThrow('ENOENT')
  })
})

describe('custom ids', () => {
  it('that only hash alike are no duplicates, and those that are one are found among them', async () => {
    const ids = Array.from({ length: 60 }, (_, at) => `r${at}`)
    const hashId = () => 5
    expect(await findRows(ids.map((id) => makeLine(id)).join('\n'), { hashId })).toHaveLength(60)
    const error = await findOneError([...ids, 'r41'].map((id) => makeLine(id)).join('\n'), { hashId })
    expect(error).toMatchObject({ code: 'duplicate_custom_id', line: 61 })
    expect(error?.message).toContain('line 42')
  })

  it('of lines that are wrong otherwise count, too', async () => {
    const content = [makeLine('a', { method: 'PUT' }), makeLine('a')]
    expect(await findErrors(content.join('\n'))).toMatchObject([
      { line: 1, param: 'method' },
      { line: 2, code: 'duplicate_custom_id' },
    ])
  })

  it('that are given again and again are each counted', async () => {
    const found = await index(Array.from({ length: 300 }, () => makeLine('a')).join('\n'))
    expect(found).toMatchObject({ kind: 'refused', errorCount: 299 })
  })
})

it('200,000 lines take some memory for their places, and none for themselves', { timeout: 60_000 }, async () => {
  const path = inputs.at('many.jsonl')
  writeFileSync(path, '')
  const filling = 'x'.repeat(300)
  for (let from = 0; from < 200_000; from += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, at) => makeLine(`request-${from + at}`, {}, { user: filling }))
    appendFileSync(path, `${lines.join('\n')}\n`)
  }
  const before = process.memoryUsage().arrayBuffers
  const found = await indexLines(path, { endpoint, requestsMax: 200_000 })
  expect(found).toMatchObject({ kind: 'indexed', index: { count: 200_000 } })
  // 26 bytes of index each, 12 for each of 2^18 or 2^19 slots and half of them before, and a chunk.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(24 * 1024 * 1024)
})
