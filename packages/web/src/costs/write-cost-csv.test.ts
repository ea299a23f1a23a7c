import { expect, it } from 'vitest'
import { writeCostCsv } from './write-cost-csv.ts'

it('a line stands for each group and day with costs, and no name is a formula', () => {
  const amounts = { rated: 3, estimate: 0, charged: 0 }
  const group = { currency: 'USD', hours: 1, amounts, total: 3 }
  const text = writeCostCsv({
    by: 'project',
    starts: [0, 86_400_000],
    until: 172_800_000,
    groups: [
      { ...group, name: 'a "b", c', parts: [1, 2] },
      { ...group, name: '=1+1', parts: [0, 2] },
      { ...group, name: null, currency: null, parts: [0, 0] },
    ],
    currencies: [],
    unpricedHours: 1,
  })
  expect(text.split('\r\n')).toEqual([
    'from,project,currency,amount',
    '1970-01-01T00:00:00.000Z,"a ""b"", c",USD,1.000000',
    '1970-01-02T00:00:00.000Z,"a ""b"", c",USD,2.000000',
    "1970-01-02T00:00:00.000Z,'=1+1,USD,2.000000",
    '',
  ])
})
