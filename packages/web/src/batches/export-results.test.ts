import { expect, it } from 'vitest'
import { writeCsv, writeJsonl } from './export-results.ts'
import type { JoinedRow } from './join-results.ts'

const rows: JoinedRow[] = [
  {
    customId: '=r-1',
    isDifferent: true,
    hasFailed: false,
    cells: [
      {
        customId: '=r-1',
        kind: 'answered',
        text: 'He said "no",\nthen left',
        digest: '',
        tokens: { input: 3, output: 5 },
        status: 200,
        place: { part: 0, from: 0, to: 1 },
      },
      undefined,
    ],
  },
]

it('CSV quotes what needs it, and no cell becomes a formula', () => {
  expect(writeCsv(rows, ['one', 'two'])).toBe(
    'custom_id,one,one state,one tokens out,two,two state,two tokens out\r\n' +
      `'=r-1,"He said ""no"",\nthen left",answered,5,,none,\r\n`,
  )
})

it('JSONL has an object a row', () => {
  expect(JSON.parse(writeJsonl(rows, ['one', 'two']))).toEqual({
    custom_id: '=r-1',
    different: true,
    results: {
      one: { kind: 'answered', text: 'He said "no",\nthen left', tokens: { input: 3, output: 5 }, status: 200 },
      two: null,
    },
  })
})
