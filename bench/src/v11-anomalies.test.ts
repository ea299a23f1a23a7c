import { anomalyKinds } from '@pilothouse/contract/wire'
import { expect, it } from 'vitest'
import { readPrecision, readRecall, scoreOf } from './score-anomalies.ts'
import { scoreInvented, scoreRecorded } from './v11-anomalies.ts'

it('most anomalies of invented series are found, and little is found that is none', () => {
  const { scores } = scoreInvented(1, { curves: 30, days: 8 })
  for (const kind of anomalyKinds) {
    const score = scoreOf(scores, kind)
    expect({ kind, precise: readPrecision(score) >= 0.8, complete: readRecall(score) >= 0.7 }).toEqual({
      kind,
      precise: true,
      complete: true,
    })
  }
})

it('of recorded trainings all is found that was put into them, and nothing in calm ones', () => {
  const { scores, falseOn } = scoreRecorded()
  expect(scores).toEqual({
    spike: { found: 4, missed: 0, falseAlarms: 0 },
    plateau: { found: 2, missed: 0, falseAlarms: 0 },
    divergence: { found: 3, missed: 0, falseAlarms: 0 },
  })
  expect(falseOn.filter((one) => one.startsWith('calm'))).toEqual([])
})
