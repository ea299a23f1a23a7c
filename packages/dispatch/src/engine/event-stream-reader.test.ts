import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventStreamReader, type ServerEvent } from './event-stream-reader.ts'

function readAll(pieces: readonly Uint8Array[]): ServerEvent[] {
  const reader = new EventStreamReader()
  return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.finish()]
}

const read = (text: string) => readAll([Buffer.from(text)])

it('an event is its lines of data, ended by an empty line', () => {
  expect(read('data: one\n\ndata: two\ndata:  three\n\n')).toEqual([
    { name: '', data: 'one' },
    { name: '', data: 'two\n three' },
  ])
})

it('comments, other fields and events without data are passed over', () => {
  expect(read(': ping\n\nid: 7\nretry: 10\nevent: error\ndata:x\n\nevent: empty\n\ndata\n\n')).toEqual([
    { name: 'error', data: 'x' },
    { name: '', data: '' },
  ])
})

it('a stream that ends without its empty line still gives its last event', () => {
  expect(read('data: [DONE]')).toEqual([{ name: '', data: '[DONE]' }])
  expect(read('data: [DONE]\n')).toEqual([{ name: '', data: '[DONE]' }])
})

it('a mark of byte order at the front is no part of a line', () => {
  expect(read('\ufeffdata: x\n\n')).toEqual([{ name: '', data: 'x' }])
})

it('bytes that are not UTF-8 are refused, also a character that the end cuts', () => {
  const reader = new EventStreamReader()
  expect(() => reader.push(Buffer.from([0x64, 0xff]))).toThrow(TypeError)
  const cut = new EventStreamReader()
  cut.push(Buffer.from('data: ü').subarray(0, -1))
  expect(() => cut.finish()).toThrow(TypeError)
})

it('it says how much waits for its end', () => {
  const reader = new EventStreamReader()
  reader.push(Buffer.from('data: 12345\ndata: 67'))
  expect(reader.waiting).toBe('12345'.length + 'data: 67'.length)
  reader.push(Buffer.from('\n\n'))
  expect(reader.waiting).toBe(0)
})

it('where the bytes are cut, and how lines end, changes nothing', () => {
  const unit = fc.constantFrom('a', ':', ' ', '"', 'ü', '€', '🜁', '\u2028', '\ufeff', '\0')
  const line = fc.string({ unit, maxLength: 12 })
  const events = fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 5 })
  const ends = fc.constantFrom('\n', '\r\n', '\r')
  const cuts = fc.array(fc.nat(200), { maxLength: 20 })
  fc.assert(
    fc.property(events, ends, cuts, (texts, end, at) => {
      const bytes = Buffer.from(
        texts.map((lines) => lines.map((text) => `data: ${text}${end}`).join('') + end).join(''),
      )
      const expected = texts.map((lines) => ({ name: '', data: lines.join('\n') }))
      expect(readAll(cutBytes(bytes, at))).toEqual(expected)
    }),
  )
})

function cutBytes(bytes: Buffer, cuts: readonly number[]): Uint8Array[] {
  const borders = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((border, index) => bytes.subarray(borders[index], border))
}
