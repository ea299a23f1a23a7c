import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findSearchPlace, insertInSearch, quoteForSearch } from './complete-search-text.ts'
import { limits } from './limits.ts'
import { parseSearchText } from './parse-search-text.ts'
import type { SearchCondition } from './search-text.ts'
import { readClockTime, readDuration } from './search-values.ts'

const now = new Date(2026, 10, 29, 12).getTime()
const day = 86_400_000
const read = (text: string) => parseSearchText(text, now)

function readOne(text: string): SearchCondition & { isNot: boolean } {
  const { terms, faults } = read(text)
  expect({ text, faults }).toEqual({ text, faults: [] })
  const [term] = terms
  expect(terms.length).toBe(1)
  if (!term) throw new Error('no term')
  return { ...term.condition, isNot: term.isNot }
}

describe('conditions', () => {
  it.each<[string, object]>([
    ['bert', { kind: 'word', word: 'bert' }],
    ['"two words"', { kind: 'word', word: 'two words' }],
    ['-old', { kind: 'word', word: 'old', isNot: true }],
    ['"a:b"', { kind: 'word', word: 'a:b' }],
    ['status:failed,lost', { kind: 'state', states: ['failed', 'lost'] }],
    ['state!=running', { kind: 'state', states: ['running'], isNot: true }],
    ['-tag:old', { kind: 'text', field: 'tag', values: ['old'], isNot: true }],
    ['project:"a, b",c', { kind: 'text', field: 'project', values: ['a, b', 'c'] }],
    [String.raw`name:"a \"b\""`, { kind: 'text', field: 'name', values: ['a "b"'] }],
    ['kind:evaluation', { kind: 'job-kind', kinds: ['evaluation'] }],
    ['is:archived', { kind: 'is', word: 'archived' }],
    ['has:val/loss', { kind: 'has', key: 'val/loss' }],
    ['created>7d', { kind: 'time', field: 'created', from: now - 7 * day }],
    ['created:>7d', { kind: 'time', field: 'created', from: now - 7 * day }],
    ['duration>1h30m', { kind: 'measure', field: 'duration', operator: '>', value: 5_400_000 }],
    ['gpus:8', { kind: 'measure', field: 'gpus', operator: '=', value: 8 }],
    ['loss<2', { kind: 'value', of: 'metric', key: 'loss', operator: '<', value: 2 }],
    ['loss < 2', { kind: 'value', of: 'metric', key: 'loss', operator: '<', value: 2 }],
    ['val/acc>=90%', { kind: 'value', of: 'metric', key: 'val/acc', operator: '>=', value: 0.9 }],
    ['min.loss<1', { kind: 'value', of: 'min', key: 'loss', operator: '<', value: 1 }],
    ['cost>=12.5', { kind: 'measure', field: 'cost', operator: '>=', value: 12.5 }],
    ['metric.duration>3', { kind: 'value', of: 'metric', key: 'duration', operator: '>', value: 3 }],
    ['"my loss"!=2', { kind: 'value', of: 'metric', key: 'my loss', operator: '!=', value: 2 }],
    ['config.lr>=1e-4', { kind: 'value', of: 'config', key: 'lr', operator: '>=', value: 1e-4 }],
    ['config.optim:adamw', { kind: 'value', of: 'config', key: 'optim', operator: '=', value: 'adamw' }],
    ['config.seed:"7"', { kind: 'value', of: 'config', key: 'seed', operator: '=', value: '7' }],
  ])('%s', (text, wanted) => {
    expect(readOne(text)).toMatchObject({ isNot: false, ...wanted })
  })

  it('stand beside each other, each with its place', () => {
    const { terms } = read('  bert status:failed   loss < 2')
    expect(terms.map(({ from, to }) => [from, to])).toEqual([
      [2, 6],
      [7, 20],
      [23, 31],
    ])
  })

  it('of days begin and end at midnight', () => {
    const at = (date: number, hour = 0) => new Date(2026, 10, date, hour).getTime()
    expect(readOne('ended:today')).toMatchObject({ from: at(29), until: at(30) })
    expect(readOne('ended:yesterday')).toMatchObject({ from: at(28), until: at(29) })
    expect(readOne('ended>2026-11-02')).toMatchObject({ from: at(3) })
    expect(readOne('ended>=2026-11-02')).toMatchObject({ from: at(2) })
    expect(readOne('ended<2026-11-02T06:00')).toMatchObject({ until: at(2, 6) })
    expect(readClockTime('2026-02-30', now)).toBeUndefined()
    expect(readDuration('2d12h')).toBe(2.5 * day)
  })
})

describe('what cannot be read is told at its place', () => {
  it.each<[string, string, string]>([
    ['status:faild', 'faild', '«faild» is no state: queued,'],
    ['bert status:', 'status:', 'A value is missing after «status»'],
    ['stat:x', 'stat', 'did you mean status:'],
    ['porject:x', 'porject', 'did you mean project:'],
    ['loss<low', 'low', '«low» is no number'],
    ['loss=adam', 'adam', 'config.loss=adam'],
    ['created:7d', 'created:7d', 'Say created>7d for since then'],
    ['created>soon', 'soon', '«soon» is no time'],
    ['duration>3', '3', '«3» is no duration'],
    ['tag>3', 'tag>3', '«tag» has no «>»'],
    ['name:"open', '"open', 'The closing quote is missing'],
    ['is:live,ended', 'ended', 'takes one value'],
    ['<3', '<3', 'A name is missing'],
    ['config.>3', 'config.', 'A name is missing'],
  ])('%s', (text, place, words) => {
    const { faults } = read(text)
    expect(faults).toHaveLength(1)
    expect(text.slice(faults[0]?.from, faults[0]?.to)).toBe(place)
    expect(faults[0]?.message).toContain(words)
  })

  it('and the rest still counts', () => {
    expect(read('bert status:faild loss<2').terms).toHaveLength(2)
  })

  it('as are too many conditions', () => {
    const { terms, faults } = read('a '.repeat(limits.searchTermsMax + 5))
    expect(terms).toHaveLength(limits.searchTermsMax)
    expect(faults[0]?.message).toContain('at most 32')
  })
})

const pieces = [
  '"',
  '\\',
  ' ',
  ':',
  '<',
  '=',
  '!',
  '-',
  ',',
  '*',
  '%',
  'a',
  '1',
  'tag',
  'status',
  'loss',
  'config.',
  'é',
  '>=',
]
const piece = fc.constantFrom(...pieces)
const anyText = fc.oneof(
  fc.string(),
  fc.array(piece).map((list) => list.join('')),
)

it('no text makes it fail, and every place lies in the text', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { terms, faults } = read(text)
      for (const { from, to } of [...terms, ...faults]) {
        expect(from).toBeGreaterThanOrEqual(0)
        expect(to).toBeGreaterThan(from)
      }
      for (const { from, to } of terms) expect(to, text.slice(from)).toBeLessThanOrEqual(text.length)
      expect(terms.length + faults.length > 0).toBe(text.trim() !== '')
    }),
    { numRuns: 2_000 },
  )
})

it('any name and value comes back as it was, once quoted', () => {
  const word = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(word, word, fc.boolean(), (name, value, isNot) => {
      const sign = isNot ? '-' : ''
      expect(readOne(`${sign}tag:${quoteForSearch(value)}`)).toMatchObject({ kind: 'text', values: [value], isNot })
      const setting = readOne(`${sign}config.${quoteForSearch(name)}="${value.replace(/["\\]/g, '\\$&')}"`)
      expect(setting).toMatchObject({ kind: 'value', of: 'config', key: name, value, isNot })
    }),
    { numRuns: 500 },
  )
})

describe('completion', () => {
  it.each<[string, object | undefined]>([
    ['|', { part: 'name', prefix: '', from: 0, to: 0 }],
    ['sta|', { part: 'name', prefix: 'sta', from: 0, to: 3 }],
    ['-ta|g:x', { part: 'name', prefix: 'ta', from: 1, to: 4 }],
    ['status:fa|iled', { part: 'value', field: 'status', prefix: 'fa', from: 7, to: 13 }],
    ['state:failed,|', { part: 'value', field: 'status', prefix: '', from: 13, to: 13 }],
    ['project:"two w|', { part: 'value', field: 'project', prefix: 'two w' }],
    ['loss<2|', undefined],
    ['a  |  b', { part: 'name', prefix: '', from: 3, to: 3 }],
  ])('at %s', (marked, wanted) => {
    const cursor = marked.indexOf('|')
    const place = findSearchPlace(marked.replace('|', ''), cursor)
    if (wanted) expect(place).toMatchObject(wanted)
    else expect(place).toBeUndefined()
  })

  it('leaves the cursor where one goes on', () => {
    expect(insertInSearch('sta', { from: 0, to: 3 }, { text: 'status:', isWhole: false })).toEqual({
      text: 'status:',
      cursor: 7,
    })
    expect(insertInSearch('status:fa loss<2', { from: 7, to: 9 }, { text: 'failed', isWhole: true })).toEqual({
      text: 'status:failed loss<2',
      cursor: 14,
    })
    expect(insertInSearch('status:fa', { from: 7, to: 9 }, { text: 'failed', isWhole: true })).toEqual({
      text: 'status:failed ',
      cursor: 14,
    })
  })
})
