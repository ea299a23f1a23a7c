import { expect, it } from 'vitest'
import type { ComparedJob } from '@pilothouse/contract'
import { chooseSpace, listMeasures } from './space-measures.ts'

function makeJob(config: ComparedJob['config'], loss?: number): ComparedJob {
  const metric = { key: 'loss', goal: 'minimize', last: loss ?? null, min: loss ?? null, max: 9 }
  return { config, summary: {}, metrics: loss === undefined ? [] : [metric] } as unknown as ComparedJob // what is read
}

it('a space is spanned by numbers that differ', () => {
  const jobs = [
    makeJob({ lr: 0.1, opt: 'adam', seed: 1 }, 3),
    makeJob({ lr: 0.2, opt: 'sgd', seed: 1 }, 2),
    makeJob({}),
  ]
  expect(listMeasures(jobs)).toEqual([
    { id: 'config.lr', name: 'lr', values: [0.1, 0.2, null] },
    { id: 'result.loss', name: 'loss', values: [3, 2, null] },
  ])
})

it('axes are those chosen, else the settings, and the colour is a result', () => {
  const measures = ['config.a', 'config.b', 'config.c', 'result.loss'].map((id) => ({ id, name: id, values: [1, 2] }))
  const ids = (...choice: Parameters<typeof chooseSpace>) => {
    const space = chooseSpace(...choice)
    return space && [space.x.id, space.y.id, space.z.id, space.colour.id]
  }
  expect(ids(measures, {})).toEqual(['config.a', 'config.b', 'config.c', 'result.loss'])
  expect(ids(measures, { x: 'config.c', z: 'gone' })).toEqual(['config.c', 'config.a', 'config.b', 'result.loss'])
  expect(ids(measures.slice(2), { colour: 'config.c' })).toEqual(['result.loss', 'config.c', 'config.c', 'config.c'])
  expect(ids([], {})).toBeNull()
})
