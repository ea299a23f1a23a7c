import { appendFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BatchRequest } from '../request.ts'
import { readIndex, writeIndex } from './index-file.ts'
import { indexLines, type IndexLinesOptions } from './index-lines.ts'
import { endpoint, makeInputs, makeLine, type TestInputs } from './input.fixture.ts'
import type { LineIndex } from './line-index.ts'
import { LineReader } from './line-reader.ts'

let inputs: TestInputs
beforeAll(() => {
  inputs = makeInputs()
})
afterAll(() => inputs.remove())

async function index(path: string, changes: Partial<IndexLinesOptions> = {}): Promise<LineIndex> {
  const found = await indexLines(path, { endpoint, ...changes })
  if (found.kind === 'refused') throw new Error(JSON.stringify(found.errors))
  return found.index
}

/** Reads by a function, and closes. */
async function read(
  options: { inputPath: string; index: LineIndex; model?: string },
  ask: (reader: LineReader) => Promise<BatchRequest[]>,
): Promise<BatchRequest[]> {
  const reader = await LineReader.open(options)
  try {
    return await ask(reader)
  } finally {
    await reader.close()
  }
}

describe('an index file', () => {
  it('gives back what was written, whole, in ranges and one by one', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => makeLine(`r${at}`, {}, { max_tokens: at }))
    const written = await index(inputs.write(`\n${lines.join('\n')}`))
    const path = inputs.at('whole.index')
    await writeIndex(path, written)
    expect(readFileSync(path)).toHaveLength(32 + 20_000 * 26)
    const stored = await readIndex(path)
    const { count, lineCount, inputBytes } = written
    expect(stored).toMatchObject({ count, lineCount, inputBytes })
    expect([count, lineCount]).toEqual([20_000, 20_001])
    expect(await stored.readRange(0, count)).toEqual(await written.readRange(0, count))
    expect(await stored.readRange(17_000, 17_003)).toMatchObject(
      [17_000, 17_001, 17_002].map((maxTokens) => ({ maxTokens })),
    )
    expect(await stored.readRange(count, count)).toEqual([])
    const ats = [19_999, 3, 3, 16_384, 0]
    expect(await stored.readMany(ats)).toEqual(await written.readMany(ats))
    await expect(stored.readRange(0, count + 1)).rejects.toThrow(RangeError)
    await expect(written.readMany([-1])).rejects.toThrow(RangeError)
    await stored.close()
  })

  it('has the layout that is documented', async () => {
    const line = makeLine('a', {}, { max_tokens: 9 })
    const path = inputs.at('layout.index')
    await writeIndex(path, await index(inputs.write(`\n${line}\n`)))
    const file = readFileSync(path)
    expect(file.toString('latin1', 0, 8)).toBe('PHLINES\0')
    expect([8, 12, 16, 20].map((at) => file.readUInt32LE(at))).toEqual([1, 26, 1, 2])
    expect(file.readBigUInt64LE(24)).toBe(BigInt(line.length + 2))
    expect([file.readUIntLE(32, 6), ...[38, 42, 46].map((at) => file.readUInt32LE(at))]).toEqual([1, line.length, 2, 9])
    expect(readdirSync(inputs.at('')).filter((name) => name.endsWith('.new'))).toEqual([])
  })

  it('is refused when it is damaged', async () => {
    const whole = inputs.at('damaged.index')
    await writeIndex(whole, await index(inputs.write(makeLine('a'))))
    const bytes = readFileSync(whole)
    const damages: [Buffer, string][] = [
      [Buffer.alloc(0), 'it is none'],
      [bytes.subarray(0, 20), 'it is none'],
      [Buffer.alloc(58), 'it is none'],
      [bytes.subarray(0, -1), 'it has 57 bytes, and its header says 58'],
      [Buffer.concat([bytes, Buffer.of(0)]), 'it has 59 bytes'],
      [Buffer.concat([bytes.subarray(0, 8), Buffer.of(2), bytes.subarray(9)]), 'it is of version 2'],
    ]
    for (const [content, why] of damages) {
      writeFileSync(whole, content)
      await expect(readIndex(whole)).rejects.toThrow(why)
    }
  })
})

describe('requests are read', () => {
  it('in any order, with bodies byte for byte as they stand there', async () => {
    const body =
      '{ "model":"tiny", "seed":12345678901234567890, "temperature":1.0,"messages":[{"content":"é\\u00e9 🚂"}] }'
    const odd = `{"body": ${body} ,"custom_id":"odd","url":"${endpoint}","method":"POST"}`
    const inputPath = inputs.write(`\uFEFF${makeLine('a')}\r\n\r\n${odd}\r\n${makeLine('b')}`)
    const found = await read({ inputPath, index: await index(inputPath) }, (reader) => reader.readMany([1, 0, 2, 1]))
    expect(found.map(({ customId, line, url }) => [customId, line, url])).toEqual([
      ['odd', 3, endpoint],
      ['a', 1, endpoint],
      ['b', 4, endpoint],
      ['odd', 3, endpoint],
    ])
    expect(found[0]?.body).toBe(body)
  })

  it('the same from memory and from an index file, near each other and far away', async () => {
    const lines = Array.from({ length: 400 }, (_, at) =>
      makeLine(`r${at}`, {}, { user: 'x'.repeat((at * 7919) % 40_000) }),
    )
    const inputPath = inputs.write(lines.join('\n'))
    const inMemory = await index(inputPath)
    const path = inputs.at('far.index')
    await writeIndex(path, inMemory)
    const stored = await readIndex(path)
    const readers = [
      await LineReader.open({ inputPath, index: inMemory }),
      await LineReader.open({ inputPath, index: stored }),
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(399), { maxLength: 40 }), async (ats) => {
        for (const reader of readers) {
          const found = await reader.readMany(ats)
          expect(found.map(({ customId }) => customId)).toEqual(ats.map((at) => `r${at}`))
          for (const { body, line } of found) expect(lines[line - 1]).toContain(body)
        }
      }),
      { numRuns: 40 },
    )
    for (const reader of readers) {
      expect(reader.count).toBe(400)
      expect((await reader.readRange(100, 400)).map(({ line }) => line)).toEqual(
        Array.from({ length: 300 }, (_, at) => at + 101),
      )
      await reader.close()
    }
    await stored.close()
  })

  it('with another model where the batch says so, and everything else as it was', async () => {
    const bodies = [
      '{"seed":12345678901234567890,"model" : "a" , "x":{"model":"inner"}}',
      '{ "x":1.0 }',
      '{ }',
      '{"model":"a","model":"b"}',
    ]
    const lines = bodies.map((body, at) => makeLine(`r${at}`, { body: 0 }).replace('"body":0', `"body":${body}`))
    const inputPath = inputs.write(lines.join('\n'))
    const model = 'my "own"'
    const found = await read({ inputPath, index: await index(inputPath, { model }), model }, (reader) =>
      reader.readRange(0, 4),
    )
    expect(found.map(({ body }) => body)).toEqual([
      '{"seed":12345678901234567890,"model" : "my \\"own\\"" , "x":{"model":"inner"}}',
      '{"model":"my \\"own\\"","x":1.0 }',
      '{"model":"my \\"own\\""}',
      '{"model":"a","model":"my \\"own\\""}',
    ])
  })

  it('only from the file that was indexed', async () => {
    const line = makeLine('a')
    const inputPath = inputs.write(`${line}\n${line.replace('"a"', '"b"')}`)
    const known = await index(inputPath)
    const reader = await LineReader.open({ inputPath, index: known })
    const rewrite = async (content: string): Promise<void> => {
      writeFileSync(inputPath, content)
      await expect(reader.readRange(0, 2)).rejects.toThrow('no longer the one that was checked')
    }
    await rewrite(`${line.replace('custom_id', 'customer_')}\n${line}`)
    await rewrite('x'.repeat(known.inputBytes))
    truncateSync(inputPath, line.length + 5)
    await expect(reader.readMany([1])).rejects.toThrow('line 2 is not where it was')
    await reader.close()
    await expect(LineReader.open({ inputPath, index: known })).rejects.toThrow('no longer the one')
    appendFileSync(inputPath, 'x'.repeat(known.inputBytes))
    await expect(LineReader.open({ inputPath, index: known })).rejects.toThrow('no longer the one')
  })
})
