import { expect, it } from 'vitest'
import { filterRows, joinResults } from './join-results.ts'
import type { ResultLine } from './result-line.ts'

const line = (customId: string, text: string, kind: ResultLine['kind'] = 'answered'): ResultLine => ({
  customId,
  kind,
  text,
  digest: `${kind}${text}`,
  tokens: null,
  status: 200,
  place: { part: 0, from: 0, to: 1 },
})
const whole = (...lines: ResultLine[]) => ({ lines, isWhole: true })

it('rows stand in the order of the first, then those that only others have', () => {
  const rows = joinResults([whole(line('b', '1'), line('a', '2')), whole(line('c', '3'), line('a', '2'))])
  expect(rows.map(({ customId, cells }) => [customId, ...cells.map((cell) => cell?.text)])).toEqual([
    ['b', '1', undefined],
    ['a', '2', '2'],
    ['c', undefined, '3'],
  ])
  expect(rows.map(({ isDifferent }) => isDifferent)).toEqual([true, false, true])
})

it('what is not read so far makes no difference', () => {
  const rows = joinResults([whole(line('a', '1')), { lines: [], isWhole: false }])
  expect(rows[0]?.isDifferent).toBe(false)
})

it('an answer differs from a failure, and a repeated id counts once', () => {
  const [row] = joinResults([whole(line('a', '1'), line('a', '9')), whole(line('a', '1', 'failed'))])
  expect(row).toMatchObject({ isDifferent: true, hasFailed: true })
  expect(row?.cells[0]?.text).toBe('1')
})

it('filters and words leave what is looked for', () => {
  const rows = joinResults([
    whole(line('r-1', 'The sky is Blue'), line('r-2', 'no'), line('r-3', 'timeout', 'failed')),
    whole(line('r-1', 'The sky is grey'), line('r-2', 'no'), line('r-3', 'timeout', 'failed')),
  ])
  const ids = (only: 'different' | 'failed' | undefined, text: string) =>
    filterRows(rows, only, text).map(({ customId }) => customId)
  expect(ids('different', '')).toEqual(['r-1'])
  expect(ids('failed', '')).toEqual(['r-3'])
  expect(ids(undefined, 'sky blue')).toEqual(['r-1'])
  expect(ids(undefined, 'blue grey')).toEqual([])
  expect(ids(undefined, 'R-2')).toEqual(['r-2'])
})
