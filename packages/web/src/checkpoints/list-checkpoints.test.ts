import { expect, it } from 'vitest'
import type { Checkpoint } from '@pilothouse/contract'
import { findBest, listMetricKeys, searchCheckpoints, sortCheckpoints } from './list-checkpoints.ts'

const plain: Checkpoint = {
  id: 1,
  name: 'step-10',
  kind: 'scheduled',
  state: 'present',
  stateReason: null,
  faultSince: null,
  seenAt: null,
  summedAt: null,
  hidden: null,
  copy: null,
  restorableUntil: null,
  attempt: 1,
  branch: 0,
  time: 0,
  step: 10,
  epoch: null,
  uri: '/c/step-10.pt',
  host: 'node-1',
  bytes: 5,
  sha256: null,
  files: 1,
  tookMs: 3,
  covers: [],
  metrics: { loss: 2, accuracy: 0.5, lr: 0.1 },
  parameters: {},
  tags: [],
  description: null,
  pinned: false,
  notes: 0,
  by: null,
}
const second: Checkpoint = {
  ...plain,
  id: 2,
  name: 'step-2',
  step: 2,
  metrics: { loss: 1, accuracy: 0.4 },
  tags: ['Good'],
}
const third: Checkpoint = { ...plain, id: 3, name: 'odd', step: 30, metrics: { loss: 'NaN' }, description: 'before lr' }
const all = [plain, second, third]
const namesOf = (list: readonly Checkpoint[]): string[] => list.map(({ name }) => name)

it('words are looked for in names, tags, descriptions and paths', () => {
  expect(namesOf(searchCheckpoints(all, ' good '))).toEqual(['step-2'])
  expect(namesOf(searchCheckpoints(all, 'LR before'))).toEqual(['odd'])
  expect(searchCheckpoints(all, '')).toBe(all)
})

it('numbers in names count as numbers, and what was not measured stands last both ways', () => {
  expect(namesOf(sortCheckpoints(all, { by: 'name', isDown: false }))).toEqual(['odd', 'step-2', 'step-10'])
  expect(namesOf(sortCheckpoints(all, { by: 'metric:loss', isDown: false }))).toEqual(['step-2', 'step-10', 'odd'])
  expect(namesOf(sortCheckpoints(all, { by: 'metric:loss', isDown: true }))).toEqual(['step-10', 'step-2', 'odd'])
})

it('the headline of the job comes first, and the best value is found where the name tells what is better', () => {
  const headline = {
    key: 'accuracy',
    last: null,
    best: null,
    bestStep: null,
    goal: 'maximize' as const,
    spark: [],
  }
  expect(listMetricKeys(all, { headline, metrics: [] })).toEqual(['accuracy', 'loss', 'lr'])
  expect(findBest(all, 'loss', { metrics: [] })).toBe(2)
  expect(findBest(all, 'accuracy', { metrics: [] })).toBe(1)
  expect(findBest(all, 'lr', { metrics: [] })).toBeUndefined()
})
