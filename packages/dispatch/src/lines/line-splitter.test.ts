import { expect, it } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

it('a line that is too long is told with its length, and nothing of it is held meanwhile', () => {
  const splitter = new LineSplitter(1000)
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const before = process.memoryUsage().arrayBuffers
  for (let at = 0; at < 50; at += 1) {
    expect([...splitter.push(piece)]).toEqual([])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
  }
  expect(splitter.lineCount).toBe(1)
  const found = [...splitter.push(Buffer.from('\nshort\n')), ...splitter.end()]
  expect(found).toEqual([
    { line: 1, offset: 0, length: 50 * 1024 * 1024, bytes: null },
    { line: 2, offset: 50 * 1024 * 1024 + 1, length: 5, bytes: Buffer.from('short') },
  ])
  expect(splitter.lineCount).toBe(2)
})

it('pieces may be overwritten once they have been taken', () => {
  const splitter = new LineSplitter(1000)
  const piece = Buffer.from('a\nbc')
  expect([...splitter.push(piece)].map(({ bytes }) => String(bytes))).toEqual(['a'])
  piece.fill('x')
  expect([...splitter.push(Buffer.from('d'))]).toEqual([])
  expect([...splitter.end()].map(({ bytes }) => String(bytes))).toEqual(['bcd'])
})
