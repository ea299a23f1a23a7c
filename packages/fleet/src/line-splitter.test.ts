import fc from 'fast-check'
import { expect, test } from 'vitest'
import { limits } from '@pilothouse/contract/wire'
import { LineSplitter } from './line-splitter.ts'

const encoder = new TextEncoder()

function split(bytes: Uint8Array, sizes: readonly number[] = [], splitter = new LineSplitter()): string[] {
  const lines: string[] = []
  let from = 0
  for (const size of sizes) {
    lines.push(...splitter.push(bytes.subarray(from, from + size)))
    from += size
  }
  return [...lines, ...splitter.push(bytes.subarray(from)), ...splitter.end()]
}

test('lines are cut at line ends, and a last one without its end counts', () => {
  expect(split(encoder.encode('one\ntwo\r\n\nthree'))).toEqual(['one', 'two', '', 'three'])
  expect(split(encoder.encode('one\n'))).toEqual(['one'])
  expect(split(encoder.encode(''))).toEqual([])
})

test('the way output is cut into chunks makes no difference', () => {
  const unit = fc.constantFrom('a', 'ß', '€', '🙂', '\n', '\r', '\r\n', ' ', '\u001b[1m')
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.array(fc.nat(7), { maxLength: 60 }), (units, sizes) => {
      const bytes = encoder.encode(units.join(''))
      expect(split(bytes, sizes)).toEqual(split(bytes))
    }),
  )
})

test('what is no UTF-8 is replaced and harms nothing beside it', () => {
  const bytes = Uint8Array.from([0x61, 0xff, 0x62, 0x0a, 0xc3, 0x0a, 0xe2, 0x82])
  expect(split(bytes)).toEqual(['a\ufffdb', '\ufffd', '\ufffd'])
})

test('of a progress bar the last state stays', () => {
  expect(split(encoder.encode(' 10%\r 20%\r 30%\nnext\r\n'))).toEqual([' 30%', 'next'])
})

test('the line under way can be read while it is being redrawn', () => {
  const splitter = new LineSplitter()
  expect(splitter.open).toBeNull()
  splitter.push(encoder.encode('\r 10%'))
  expect(splitter.open).toBe(' 10%')
  splitter.push(encoder.encode('\r 20%\r'))
  expect(splitter.open).toBe(' 20%')
  expect(splitter.push(encoder.encode('\r100%\n'))).toEqual(['100%'])
  expect(splitter.open).toBeNull()
})

test('a line that came in part is told from one that is redrawn', () => {
  const splitter = new LineSplitter()
  splitter.push(encoder.encode('loss=0.'))
  expect(splitter.redrawn).toBe(false)
  splitter.push(encoder.encode('25\n 10%'))
  expect(splitter.redrawn).toBe(false)
  splitter.push(encoder.encode('\r'))
  expect(splitter.redrawn).toBe(true)
  splitter.push(encoder.encode('\n'))
  expect(splitter.redrawn).toBe(false)
  splitter.push(encoder.encode('\r 20%'))
  expect(splitter.redrawn).toBe(true)
})

test('a line of a megabyte is cut to what the wire takes, with a mark that says how much is missing', () => {
  for (const unit of ['x', 'ß', '🙂']) {
    const bytes = encoder.encode(`${unit.repeat(1_000_000)}\nnext\n`)
    const [long = '', next] = split(
      bytes,
      Array.from({ length: 100 }, () => 10_001),
    )
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(limits.logLineBytesMax)
    const missing = Number(/ … \[(\d+) bytes cut\]$/.exec(long)?.[1])
    const kept = long.replace(/ … \[\d+ bytes cut\]$/, '')
    expect(Buffer.byteLength(kept) + missing).toBe(Buffer.byteLength(unit) * 1_000_000)
    expect(kept.isWellFormed()).toBe(true)
    expect(next).toBe('next')
  }
})

test('an endless line without line end takes no memory beyond one line', () => {
  const splitter = new LineSplitter(1_000)
  for (let at = 0; at < 1_000; at += 1) splitter.push(encoder.encode('0123456789'.repeat(100)))
  expect(splitter.open?.length).toBeLessThanOrEqual(1_000)
})
