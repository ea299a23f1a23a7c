import { expect, test } from 'vitest'
import { readEvents } from './read-events.ts'
import { retryMaxMs, waitBeforeAttempt } from './live.ts'

test('waits grow, stay below their limit, and half of each is left to chance', () => {
  const shortest = Array.from({ length: 12 }, (_, attempt) => waitBeforeAttempt(attempt, 0))
  const longest = Array.from({ length: 12 }, (_, attempt) => waitBeforeAttempt(attempt, 0.999))
  expect(shortest).toEqual([...shortest].sort((a, b) => a - b))
  expect(Math.max(...longest)).toBeLessThanOrEqual(retryMaxMs)
  expect(longest[3]).toBeGreaterThan((shortest[3] ?? 0) * 1.9)
})

test('events are read whole however the stream is cut', async () => {
  const text = ': alive\n\nevent: event\nid: a.1\ndata: {"a":\ndata: 1}\r\n\r\ndata: zwei ü\n\ndata: never ended'
  for (const size of [1, 2, 3, 7, 200]) {
    const bytes = new TextEncoder().encode(text)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    )
    const found: string[] = []
    for await (const data of readEvents(new Response(ReadableStream.from(chunks)))) found.push(data)
    expect(found).toEqual(['{"a":\n1}', 'zwei ü'])
  }
})
