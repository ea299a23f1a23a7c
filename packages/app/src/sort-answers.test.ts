import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readLines } from './read-chunks.ts'
import { joinAnswers, mergeParts, writeSortedParts } from './sort-answers.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-sort-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function makeLine(customId: string, text = customId): string {
  return JSON.stringify({ custom_id: customId, response: { body: { choices: [{ text }] } }, error: null })
}

async function sort(ids: readonly string[], name: string): Promise<string[]> {
  return writeSortedParts(Readable.from(ids.map((one) => makeLine(one))), { folder, name, lengthMax: 40 })
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

it('answers come sorted out of many parts, and are joined by their ids', async () => {
  const ids = Array.from({ length: 200 }, (_, at) => `request-${(at * 77) % 200}`)
  const parts = await sort(ids, 'a')
  expect(parts.length).toBeGreaterThan(50)
  const merged = await collect(mergeParts(parts))
  expect(merged.map(({ customId }) => customId)).toEqual(ids.toSorted())

  const fewer = await sort(ids.slice(100), 'b')
  const joined = await collect(joinAnswers([mergeParts(parts), mergeParts(fewer), mergeParts([])]))
  expect(joined.map(({ customId }) => customId)).toEqual(ids.toSorted())
  const both = joined.filter(({ answers: [, second] }) => second !== null)
  expect(both.map(({ customId }) => customId)).toEqual(ids.slice(100).toSorted())
  expect(
    joined.every(({ customId, answers: [first, , third] }) => first?.customId === customId && third === null),
  ).toBe(true)
})

it('what is no line of a result file is left out', async () => {
  const parts = await writeSortedParts(Readable.from(['', '{"custom_id":', '[]', '{"custom_id":1}', makeLine('a')]), {
    folder,
    name: 'a',
  })
  expect(await collect(mergeParts(parts))).toMatchObject([{ customId: 'a' }])
})

it('lines are cut at \\n alone, wherever chunks end', async () => {
  const bytes = Buffer.from('é\u2028ü\r\nzwei\n\nlast')
  const chunks = Readable.from([...bytes].map((byte) => Uint8Array.of(byte)))
  expect(await collect(readLines(chunks))).toEqual(['é\u2028ü\r', 'zwei', '', 'last'])
})
