import { limits } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { type LogRun, decodeRun, encodeRun, encodeTexts, joinRuns, linesOf, packRun, readRun } from './log-codec.ts'
import { cutLine, takeLines } from './take-lines.ts'

const take = (lines: string[], stream: 'stdout' | 'stderr' = 'stdout'): LogRun => {
  const run: LogRun = { times: [], flags: [], texts: [] }
  takeLines(run, { stream, times: lines.map((_, at) => 1_000 + at), lines })
  return run
}
const encode = (run: LogRun) => encodeRun({ ...run, text: encodeTexts(run.texts) })

describe('log lines', () => {
  it('come back from a segment as they were', () => {
    const texts = [
      'plain',
      '',
      '\u001b[31mERROR: red\u001b[0m',
      'ümläut 🚢',
      '<script>alert(1)</script>',
      'nul \0 byte',
    ]
    const run = decodeRun(packRun(encode(take(texts, 'stderr'))), true)
    const lines = linesOf(run, 10, { from: 10, to: 16 })
    expect(lines.map(({ text }) => text)).toEqual(texts)
    expect(lines[2]).toMatchObject({ n: 12, time: 1_002, stream: 'stderr', level: 'error' })
    expect(linesOf(run, 10, { from: 12, to: 13 }).map(({ n }) => n)).toEqual([12])
  })

  it('say so where their segment is damaged, as many and as long as they were', () => {
    const data = packRun(encode(take(Array.from({ length: 20 }, (_, at) => `line ${at} of a text`))))
    const facts = { lines: 20, bytes: 350, packed: 1 }
    expect(linesOf(readRun(data, facts), 0, { from: 19, to: 20 })[0]?.text).toBe('line 19 of a text')
    const flipped = data.slice()
    flipped[data.length >> 1] = (flipped[data.length >> 1] ?? 0) ^ 16
    for (const bytes of [flipped, data.subarray(0, data.length - 5), new Uint8Array(3)]) {
      const run = readRun(bytes, facts)
      expect([run.count, run.text.length]).toEqual([20, 350])
      const lines = linesOf(run, 0, { from: 0, to: 20 })
      expect(lines).toHaveLength(20)
      expect(lines[0]).toMatchObject({ level: 'warning', text: expect.stringContaining('cannot be read') as string })
    }
  })

  it('join into one run', () => {
    const parts = [take(['a', 'b']), take([]), take(['c'])].map((run) => decodeRun(encode(run), false))
    const joined = decodeRun(joinRuns(parts), false)
    expect(linesOf(joined, 0, { from: 0, to: 9 }).map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  })

  it('are several where a text holds line ends', () => {
    expect(take(['a\nb\r\nc']).texts).toEqual(['a', 'b', 'c'])
  })

  it('lose halves of characters', () => {
    expect(take(['x\ud83dy']).texts).toEqual(['x\ufffdy'])
  })

  it('are cut at the limit, between characters, and marked', () => {
    const cut = cutLine('ü'.repeat(500_000))
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(limits.logLineBytesMax)
    expect(cut).toMatch(/ü … \[cut: the line had 1000000 bytes\]$/)
    expect(cutLine('x'.repeat(limits.logLineBytesMax))).toHaveLength(limits.logLineBytesMax)
  })
})
