/**
 * Answers of a batch by their ids, however many there are: parts that fit into memory are sorted and written to files, which
 * are then read side by side. Memory holds one part while they are written, and a line of each file while they are read.
 */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, readAnswer } from '@pilothouse/signals'
import { readLines } from './read-chunks.ts'

/** Characters of the answers of a part. */
export const partLengthMax = 32 * 1024 * 1024

type Place = { folder: string; name: string; lengthMax?: number }

/** Writes sorted parts of the lines into the folder, and resolves to their paths. */
export async function writeSortedParts(
  lines: AsyncIterable<string>,
  { folder, name, lengthMax = partLengthMax }: Place,
): Promise<string[]> {
  const paths: string[] = []
  let part: Answer[] = []
  let length = 0
  const write = async (): Promise<void> => {
    if (part.length === 0) return
    const path = join(folder, `${name}-${paths.length}`)
    await writeFile(
      path,
      part.sort((a, b) => compareIds(a.customId, b.customId)).map((one) => `${JSON.stringify(one)}\n`),
    )
    paths.push(path)
    part = []
    length = 0
  }
  for await (const line of lines) {
    const answer = readAnswer(line)
    if (answer === null) continue
    part.push(answer)
    length += answer.text.length + answer.customId.length
    if (length >= lengthMax) await write()
  }
  await write()
  return paths
}

/** The answers of all parts, by id. */
export async function* mergeParts(paths: readonly string[]): AsyncGenerator<Answer> {
  const readers = await Promise.all(paths.map(openReader))
  try {
    for (;;) {
      const first = findFirst(readers)
      if (first === null) return
      yield first.next
      await first.reader.advance()
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}

type Joined = { customId: string; answers: (Answer | null)[] }

/** For each id that one of the batches has, what each of them has of it. */
export async function* joinAnswers(sources: readonly AsyncIterable<Answer>[]): AsyncGenerator<Joined> {
  const readers = await Promise.all(sources.map((source) => startReader(source)))
  try {
    for (;;) {
      const first = findFirst(readers)
      if (first === null) return
      const { customId } = first.next
      const hasIt = ({ next }: Reader): boolean => next?.customId === customId
      yield { customId, answers: readers.map((reader) => (hasIt(reader) ? reader.next : null)) }
      await Promise.all(readers.filter(hasIt).map((reader) => reader.advance()))
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()))
  }
}

type Reader = { next: Answer | null; advance(): Promise<void>; close(): Promise<void> }

async function openReader(path: string): Promise<Reader> {
  return startReader(readPart(path))
}

async function* readPart(path: string): AsyncGenerator<Answer> {
  for await (const line of readLines(createReadStream(path))) yield JSON.parse(line) as Answer // written above
}

async function startReader(source: AsyncIterable<Answer>): Promise<Reader> {
  const iterator = source[Symbol.asyncIterator]()
  const reader: Reader = {
    next: null,
    async advance() {
      const item = await iterator.next()
      reader.next = item.done === true ? null : item.value
    },
    async close() {
      await iterator.return?.()
    },
  }
  await reader.advance()
  return reader
}

function findFirst(readers: readonly Reader[]): { reader: Reader; next: Answer } | null {
  let first: { reader: Reader; next: Answer } | null = null
  for (const reader of readers) {
    const { next } = reader
    if (next !== null && (first === null || compareIds(next.customId, first.next.customId) < 0))
      first = { reader, next }
  }
  return first
}

function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
