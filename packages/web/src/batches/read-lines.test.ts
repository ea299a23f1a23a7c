import { expect, it } from 'vitest'
import { type ReadLines, readLines, readRange } from './read-lines.ts'

const file = new TextEncoder().encode(Array.from({ length: 50 }, (_, at) => `{"line":${at}}\n`).join(''))
const signal = new AbortController().signal

/** A server that sends pieces of ten bytes. */
function serve(bytes: Uint8Array, knowsRanges = true): ReadLines['open'] {
  return async (headers) => {
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? []
    const isPart = knowsRanges && headers['range'] !== undefined
    const part = isPart ? bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1) : bytes
    if (isPart && part.length === 0) return new Response(null, { status: 416 })
    let at = 0
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (stream) => {
        if (at >= part.length) stream.close()
        else stream.enqueue(new Uint8Array(part.subarray(at, (at += 10))))
      },
    })
    const range = `bytes ${from}-${bytes.length - 1}/${bytes.length}`
    return new Response(body, { status: isPart ? 206 : 200, headers: isPart ? { 'content-range': range } : {} })
  }
}

/** The same in one piece. */
function servePart(bytes: Uint8Array): ReadLines['open'] {
  return async (headers) => {
    const [, from = '0', to = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? []
    const part = bytes.slice(Number(from), Number(to) + 1)
    return new Response(part, { status: 206, headers: { 'content-range': `bytes ${from}-${to}/${bytes.length}` } })
  }
}

/** Reads on and on until the end, at most so many lines a time. */
async function readAll(open: ReadLines['open'], lines: number, isFinal = true) {
  const texts: string[] = []
  let [from, isAtEnd, times] = [0, false, 0]
  while (!isAtEnd) {
    times += 1
    isAtEnd = await readLines({
      open,
      from,
      isFinal,
      signal,
      budget: { lines, bytes: 1_000_000 },
      onLines: (found, offset) => {
        texts.push(...found.map(({ text }) => text))
        from = offset
      },
    })
  }
  return { texts, from, times }
}

it('a file is read in parts, each line once and none left out', async () => {
  for (const lines of [1, 7, 50, 1_000]) {
    const { texts, from, times } = await readAll(serve(file), lines)
    expect(texts).toEqual(Array.from({ length: 50 }, (_, at) => `{"line":${at}}`))
    expect(from).toBe(file.length)
    expect(times).toBeGreaterThan(0)
  }
})

it('a server without ranges sends it anew, and what is known already is skipped', async () => {
  const { texts, times } = await readAll(serve(file, false), 20)
  expect(texts).toEqual(Array.from({ length: 50 }, (_, at) => `{"line":${at}}`))
  expect(times).toBe(3)
})

it('a long file comes in pieces, and the reading stops at its bound', async () => {
  const long = new TextEncoder().encode(`{"text":"${'ä'.repeat(500)}"}\n`.repeat(9_000))
  const asked: string[] = []
  const open: ReadLines['open'] = async (headers, stop) => {
    asked.push(headers['range'] ?? '')
    return servePart(long)(headers, stop)
  }
  const { texts, from, times } = await readAll(open, 5_000)
  expect([texts.length, from, times]).toEqual([9_000, long.length, 3])
  expect(new Set(texts).size).toBe(1)
  expect(asked.every((range) => /^bytes=\d+-\d+$/.test(range))).toBe(true)
})

it('a line that is longer than the bound does not stop the reading for good', async () => {
  const budget = { lines: 10, bytes: 4 }
  const texts: string[] = []
  const onLines: ReadLines['onLines'] = (found) => texts.push(...found.map(({ text }) => text))
  await readLines({ open: serve(file, false), from: 0, budget, isFinal: true, signal, onLines })
  expect(texts.length).toBeGreaterThan(0)
})

it('the end of a file that grows is left for the next time', async () => {
  const growing = file.subarray(0, file.length - 4)
  expect((await readAll(serve(growing), 1_000, false)).texts).toHaveLength(49)
  expect((await readAll(serve(growing), 1_000, true)).texts).toHaveLength(50)
})

it('the length of the file is told where the server tells it', async () => {
  const totals: (number | null)[] = []
  await readLines({
    open: serve(file),
    from: 14,
    isFinal: true,
    signal,
    budget: { lines: 1, bytes: 100 },
    onLines: (_, __, total) => totals.push(total),
  })
  expect(totals.at(-1)).toBe(file.length)
})

it('a file that is not handed out says why', async () => {
  const open = async () => new Response('gone', { status: 404 })
  const read = readLines({
    open,
    from: 0,
    isFinal: true,
    signal,
    budget: { lines: 1, bytes: 1 },
    onLines: () => undefined,
  })
  await expect(read).rejects.toThrow('404')
})

it('one line is read by its place', async () => {
  expect(await readRange(serve(file), 11, 21, signal)).toBe('{"line":1}')
  await expect(readRange(serve(file, false), 11, 21, signal)).rejects.toThrow('200')
})
