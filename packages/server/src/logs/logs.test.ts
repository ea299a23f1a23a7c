import { limits, logSearchQuery } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LineQuery } from './line-filter.ts'
import type { MatchingText } from './read-matching-text.ts'
import { type TestStorage, linesOf, openTestStorage } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
  await test.put('job-1')
})
afterAll(() => test.close())

const page = (uid: string, query: { from?: number; count?: number; attempt?: number } = {}) =>
  test.storage.call('logs.page', { uid, query: { count: 1_000, ...query } })
const search = (uid: string, query: Record<string, unknown>) =>
  test.storage.call('logs.search', { uid, query: logSearchQuery.parse(query) })
const texts = (answer: { lines: { text: string }[] }) => answer.lines.map(({ text }) => text)

describe('a log', () => {
  it('shows the line under way until the next report, and none at the end', async () => {
    await test.put('open-1')
    await test.report('open-1', { logs: [linesOf(['a'], 'stderr', '10 %')] })
    expect((await page('open-1')).open).toBe('10 %')
    await test.report('open-1', {})
    expect((await page('open-1')).open).toBe('10 %')
    await test.report('open-1', { logs: [linesOf(['b'], 'stderr')] })
    expect((await page('open-1')).open).toBeNull()
    await test.report('open-1', {
      logs: [linesOf([], 'stderr', '20 %')],
      state: { state: 'completed', at: Date.now() },
    })
    expect((await page('open-1')).open).toBeNull()
  })

  it('is counted for each attempt from 0', async () => {
    await test.put('two-1')
    await test.report('two-1', { logs: [linesOf(['first'])] })
    await test.put('two-1', { attempt: { number: 2 } })
    await test.report('two-1', { attempt: 2, logs: [linesOf(['second'])] })
    expect((await page('two-1')).lines).toMatchObject([{ n: 0, text: 'second' }])
    expect((await page('two-1', { attempt: 1 })).lines).toMatchObject([{ n: 0, text: 'first' }])
    await expect(page('two-1', { attempt: 3 })).rejects.toMatchObject({ code: 'notFound' })
  })

  it('cuts a line above the limit and says so', async () => {
    await test.put('long-1')
    await test.report('long-1', { logs: [linesOf(['x'.repeat(1_000_000), 'next'])] })
    const [long, next] = (await page('long-1')).lines
    expect(Buffer.byteLength(long?.text ?? '')).toBeLessThanOrEqual(limits.logLineBytesMax)
    expect(long?.text).toMatch(/\[cut: the line had 1000000 bytes\]$/)
    expect(next?.text).toBe('next')
  })
})

describe('a log of both streams', () => {
  const total = 30_000
  const isError = (n: number) => n % 1_000 === 7
  const text = (n: number) => `${isError(n) ? 'warned' : 'printed'} ünd ${n}`
  const count = (wanted: (n: number) => boolean) => Array.from({ length: total }, (_, n) => n).filter(wanted)

  it('is read by stream, in pages, by search and as text, before and after it is packed', async () => {
    await test.put('both-1')
    for (let first = 0; first < total; first += 1_000)
      await test.report('both-1', {
        logs: [
          linesOf(count((n) => n >= first && n < first + 7).map(text)),
          linesOf([text(first + 7)], 'stderr'),
          linesOf(count((n) => n > first + 7 && n < first + 1_000).map(text)),
        ],
      })
    await checkBoth()
    await test.report('both-1', { state: { state: 'completed', at: Date.now() } })
    await test.reopen()
    await checkBoth()
  })

  async function checkBoth(): Promise<void> {
    const wanted = count(isError).map(text)
    const stderr = await test.storage.call('logs.page', {
      uid: 'both-1',
      query: { from: 2_000, count: 5_000, stream: 'stderr' },
    })
    expect([texts(stderr), stderr.total]).toEqual([wanted.slice(2, 7), total])
    const stdout = await test.storage.call('logs.page', { uid: 'both-1', query: { count: 1_000, stream: 'stdout' } })
    expect([stdout.lines.length, stdout.lines.every(({ stream }) => stream === 'stdout')]).toEqual([999, true])
    const newest = await search('both-1', { stream: 'stderr', direction: 'backward', limit: 3 })
    expect(texts(newest)).toEqual(wanted.slice(-3).toReversed())
    const older = await search('both-1', { stream: 'stderr', direction: 'backward', limit: 3, from: newest.next })
    expect(texts(older)).toEqual(wanted.slice(-6, -3).toReversed())
    expect(texts(await search('both-1', { stream: 'stdout', text: 'warned' }))).toEqual([])
    expect(await readMatches({ stream: 'stderr' })).toEqual(wanted)
    expect(await readMatches({ stream: 'stderr' }, { from: 7, to: 2_007 })).toEqual(wanted.slice(0, 2))
    expect(await readMatches({ text: 'ÜND 1234' })).toEqual(
      [1234, ...count((n) => n >= 12_340 && n < 12_350)].map(text),
    )
    expect(await readMatches({ stream: 'stdout' })).toEqual(count((n) => !isError(n)).map(text))
    expect(await readMatches({}, { from: total, to: total })).toEqual([])
    await checkRange({ from: 999, count: 2 }, [999, 1_000])
    await checkRange({ from: 0, count: 1 }, [0])
    await checkRange({ from: total - 2, count: 50 }, [total - 2, total - 1])
    await checkRange({ from: total + 5 }, [])
  }

  async function readMatches(query: LineQuery, range = { from: 0, to: total }): Promise<string[]> {
    const parts: Uint8Array[] = []
    for (let next: number | null = range.from; next !== null;) {
      const input = { uid: 'both-1', attempt: 1, query, ...range, from: next }
      const part: MatchingText = await test.storage.call('logs.matching-text', input)
      parts.push(part.text)
      next = part.next
    }
    return Buffer.concat(parts).toString().split('\n').slice(0, -1)
  }

  async function checkRange(asked: { from: number; count?: number }, wanted: number[]): Promise<void> {
    const { attempt, bytes, lines } = await test.storage.call('logs.measure', { uid: 'both-1', ...asked })
    const found = await test.storage.call('logs.text', { uid: 'both-1', attempt, ...bytes })
    expect(Buffer.from(found).toString()).toBe(wanted.map((n) => `${text(n)}\n`).join(''))
    expect(lines.to - lines.from).toBe(wanted.length)
  }
})

describe('a log of 100,000 lines', () => {
  const total = 100_000
  const text = (n: number) => (n % 10_000 === 5_000 ? `ERROR: Ünfall ${n}` : `step ${n} of a long run, nothing to see`)

  it('is read by range, from the end, by byte and by search, before and after it is packed', async () => {
    for (let first = 0; first < total; first += 5_000) {
      await test.report('job-1', { logs: [linesOf(Array.from({ length: 5_000 }, (_, at) => text(first + at)))] })
    }
    await checkAll()
    // Ending makes everything of it ready for packing; opening anew does that first.
    await test.report('job-1', { state: { state: 'completed', at: Date.now() } })
    await test.reopen()
    await checkAll()
  })

  async function checkAll(): Promise<void> {
    expect(await page('job-1', { count: 3 })).toMatchObject({ total, levels: { info: total - 10, error: 10 } })
    expect(texts(await page('job-1', { count: 3 }))).toEqual([total - 3, total - 2, total - 1].map(text))
    expect(texts(await page('job-1', { from: 54_321, count: 2 }))).toEqual([54_321, 54_322].map(text))
    expect(texts(await page('job-1', { from: total - 1, count: 5 }))).toEqual([text(total - 1)])
    expect(texts(await page('job-1', { from: total, count: 5 }))).toEqual([])
    await checkSearch()
    await checkBytes()
  }

  async function checkSearch(): Promise<void> {
    const wanted = Array.from({ length: 10 }, (_, at) => text(at * 10_000 + 5_000))
    expect(await searchAll({ text: 'ünfall' })).toEqual(wanted)
    expect(await searchAll({ level: 'error' })).toEqual(wanted)
    expect(await searchAll({ level: 'error', text: 'ÜNFALL 5' })).toEqual([text(5_000), text(55_000)])
    expect(await searchAll({ text: 'ünfall', direction: 'backward', limit: 3 })).toEqual(wanted.toReversed())
    expect(texts(await search('job-1', { text: 'ünfall', from: 5_001, limit: 1 }))).toEqual([text(15_000)])
    expect(texts(await search('job-1', { text: 'ünfall', from: 5_000, limit: 1, direction: 'backward' }))).toEqual([])
    expect(await searchAll({ text: 'not there' })).toEqual([])
    expect(await searchAll({ text: '^error: .nfall [17]5000$', regex: 'true' })).toEqual([text(15_000), text(75_000)])
  }

  it('a search by an expression does a bounded amount of work a call, and says what it cannot search for', async () => {
    const { lines, next } = await search('job-1', { text: 'step 99999', regex: 'true' })
    expect([lines, next !== null && next < total]).toEqual([[], true])
    for (const expression of ['(unclosed', '(?<=a)b', '(a)\\1', 'x{2000}'])
      await expect(search('job-1', { text: expression, regex: 'true' })).rejects.toMatchObject({
        code: 'invalid',
        field: 'text',
      })
  })

  async function searchAll(query: Record<string, unknown>): Promise<string[]> {
    const found: string[] = []
    let from: number | null | undefined
    while (from !== null) {
      const answer = await search('job-1', { ...query, ...(from === undefined ? {} : { from }) })
      found.push(...texts(answer))
      from = answer.next
    }
    return found
  }

  async function checkBytes(): Promise<void> {
    const { attempt, ...measured } = await test.storage.call('logs.measure', { uid: 'job-1' })
    const bytes = measured.bytes.to
    expect(measured).toMatchObject({ lines: { from: 0, to: total }, bytes: { from: 0 } })
    const whole = `${Array.from({ length: total }, (_, n) => text(n)).join('\n')}\n`
    expect(bytes).toBe(Buffer.byteLength(whole))
    const parts: Uint8Array[] = []
    for (let from = 0; from < bytes; from += parts.at(-1)?.length ?? bytes) {
      parts.push(await test.storage.call('logs.text', { uid: 'job-1', attempt, from, to: bytes }))
    }
    expect(Buffer.concat(parts).toString()).toBe(whole)
    const cut = await test.storage.call('logs.text', { uid: 'job-1', attempt, from: 1_000_000, to: 1_000_100 })
    expect(Buffer.from(cut)).toEqual(Buffer.from(whole).subarray(1_000_000, 1_000_100))
  }
})
