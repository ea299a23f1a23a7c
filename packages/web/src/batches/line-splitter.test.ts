import { expect, it } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

it('lines are found wherever the pieces are cut, with their places', () => {
  const text = '{"a":"ä"}\n\n{"b":"\u{1f600}"}\n{"c":1}\n'
  const whole = bytes(text)
  for (let size = 1; size <= whole.length; size += 1) {
    const splitter = new LineSplitter(100)
    const found = []
    for (let at = 0; at < whole.length; at += size) found.push(...splitter.push(whole.subarray(at, at + size)))
    expect(found.map((line) => line.text)).toEqual(['{"a":"ä"}', '{"b":"\u{1f600}"}', '{"c":1}'])
    for (const { text: line, from, to } of found)
      expect(new TextDecoder().decode(whole.subarray(from - 100, to - 100))).toBe(line)
    expect(splitter.offset).toBe(100 + whole.length)
  }
})

it('a line without its end is held back until it is asked for', () => {
  const splitter = new LineSplitter(0)
  expect(splitter.push(bytes('one\ntw'))).toEqual([{ text: 'one', from: 0, to: 3 }])
  expect(splitter.offset).toBe(4)
  expect(splitter.end()).toEqual([{ text: 'tw', from: 4, to: 6 }])
  expect(splitter.end()).toEqual([])
})
