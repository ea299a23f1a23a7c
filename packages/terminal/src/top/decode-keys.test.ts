import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeKeys, endKeys, type KeyEvent } from './decode-keys.ts'

function decode(...chunks: string[]): string[] {
  const keys: KeyEvent[] = []
  let rest = ''
  for (const chunk of chunks) {
    const step = decodeKeys(rest, chunk)
    keys.push(...step.events)
    rest = step.rest
  }
  return [...keys, ...endKeys(rest)].map((event) => (event.type === 'key' ? event.key : `paste:${event.text}`))
}

it.each([
  ['\u001B[A\u001BOB', ['up', 'down']],
  ['\u001B[1;5C\u001B[5~\u001B[6;2~', ['right', 'pageup', 'pagedown']],
  ['\u001B[H\u001B[4~\u001BOF', ['home', 'end', 'end']],
  ['q\r\u0003\u007F', ['q', 'enter', 'ctrl-c', 'backspace']],
  ['\u001B', ['escape']],
  ['\u001B\u001B', ['escape', 'escape']],
  ['ä日😀', ['ä', '日', '😀']],
])('%j is read', (bytes, keys) => {
  expect(decode(bytes)).toEqual(keys)
})

it.each(['\u001B[200;5u', '\u001B[?62;c', '\u001B[<0;10;20M', '\u001BOx', '\u001Bq', '\u0001', '\u009B'])(
  'the unknown %j is no key, and no letter of it either',
  (bytes) => {
    expect(decode(bytes)).toEqual([])
  },
)

it('a paste is one event, whatever it holds', () => {
  expect(decode('a\u001B[200~q\u001B[Ax\n\u001B[201~b')).toEqual(['a', 'paste:q\u001B[Ax\n', 'b'])
})

it('a paste that never ends does not grow for ever', () => {
  const { events, rest } = decodeKeys('', `\u001B[200~${'x'.repeat(70_000)}`)
  expect([events.length, rest]).toEqual([1, ''])
})

it('a sequence means the same wherever it is cut', () => {
  const bytes = '\u001B[A\u001B[200~q日\u001B[201~x\u001B[6;2~\u001BOHj'
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const chunks = ends.slice(1).map((end, at) => bytes.slice(ends[at], end))
      expect(decode(...chunks)).toEqual(['up', 'paste:q日', 'x', 'pagedown', 'home', 'j'])
    }),
  )
})

it('an endless sequence is dropped', () => {
  expect(decodeKeys('', `\u001B[${'1;'.repeat(100)}`)).toEqual({ events: [], rest: '' })
})
