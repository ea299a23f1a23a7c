import { expect, it } from 'vitest'
import { readHistory, readSummary } from './read-history.ts'

const read = (rows: readonly (object | string)[], from = 0) =>
  readHistory(
    rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))),
    { from, prefix: 'wandb/' },
  )

it('rows become points: metrics that stand in the same rows together, with their times in ms', () => {
  const found = read([
    { _step: 0, _timestamp: 1_700_000_000.5, _runtime: 1, loss: 2, lr: 0.1 },
    { _step: 1, _timestamp: 1_700_000_001.5, loss: 1, lr: 0.2 },
    { _step: 2, _timestamp: 1_700_000_002.5, 'val/loss': 3 },
  ])
  expect(found).toMatchObject({ rows: 3, lastStep: 2 })
  expect(found.blocks).toEqual([
    {
      source: 'job',
      keys: ['wandb/loss', 'wandb/lr'],
      steps: [0, 1],
      times: [1_700_000_000_500, 1_700_000_001_500],
      values: [
        [2, 1],
        [0.1, 0.2],
      ],
    },
    { source: 'job', keys: ['wandb/val/loss'], steps: [2], times: [1_700_000_002_500], values: [[3]] },
  ])
})

it('numbers that are not finite are numbers; media, nested values, texts and what W&B keeps for itself are none', () => {
  const found = read([
    { _step: 0, nan: 'NaN', up: 'Infinity', down: '-Infinity', text: 'x', flag: true, none: null, list: [1] },
    { _step: 1, image: { _type: 'image-file', path: 'x.png' }, nested: { a: 1 }, _wandb: 3 },
    '{"_step": 2, "bare": NaN, "low": -Infinity}',
  ])
  const values = Object.fromEntries(
    found.blocks.flatMap(({ keys, values: all }) => keys.map((key, at) => [key, all[at]])),
  )
  expect(values).toEqual({
    'wandb/nan': [NaN],
    'wandb/up': [Infinity],
    'wandb/down': [-Infinity],
    'wandb/bare': [NaN],
    'wandb/low': [-Infinity],
  })
  expect(found).toMatchObject({ rows: 3, lastStep: 2 })
})

it('the step of a trainer goes before the count of W&B, and its epoch is told', () => {
  const [block] = read([
    { _step: 0, loss: 2, 'train/global_step': 50, 'train/epoch': 0.5 },
    { _step: 1, loss: 1, 'train/global_step': 100, 'train/epoch': 1 },
  ]).blocks
  expect(block).toMatchObject({ steps: [50, 100], epochs: [0.5, 1] })
})

it('rows that are no rows, or were read before, are left out', () => {
  const found = read(
    ['no json', '[1]', { loss: 1 }, { _step: 'x', loss: 1 }, { _step: 1.5, loss: 1 }, { _step: 3, loss: 1 }],
    4,
  )
  expect(found).toEqual({ rows: 0, lastStep: null, blocks: [] })
})

it('of a summary plain values count', () => {
  const summary = { best: 0.5, bad: 'NaN', label: 'x', done: true, _runtime: 3, image: { _type: 'image-file' } }
  expect(readSummary(JSON.stringify(summary))).toEqual({ best: 0.5, bad: 'NaN', label: 'x', done: true })
  expect(readSummary(null)).toEqual({})
  expect(readSummary('no json')).toEqual({})
})
