import { expect, it } from 'vitest'
import type { Branch, Command, ParameterChange } from '@pilothouse/contract'
import { listSteeringMarks } from './list-steering-marks.ts'

const by = { id: 7, name: 'ada' }
const plain: ParameterChange = {
  id: 1,
  key: 'lr',
  attempt: 1,
  branch: 0,
  at: 1_000,
  step: 410,
  epoch: 4.1,
  old: 0.1,
  value: 0.01,
  cause: 'command',
  command: 1,
  by,
  approvedBy: null,
  note: null,
}
const branches: Branch[] = [
  { number: 0, parent: null, forkStep: null, forkEpoch: null, createdAt: 0 },
  { number: 1, parent: 0, forkStep: 300, forkEpoch: 3, createdAt: 5_000 },
]
const rollback: Command = {
  kind: 'rollback',
  body: {
    checkpoint: 4,
    name: 'best',
    uri: '/c',
    step: 300,
    sha256: null,
    checkpointFirst: true,
    keepParameters: false,
  },
  id: 9,
  state: 'applied',
  attempt: 1,
  createdAt: 4_000,
  by,
  approvedBy: null,
  note: null,
  deliveredAt: 4_100,
  settledAt: 5_000,
  step: 500,
  reason: null,
  expiresAt: 9_000,
}

it('changes of one step stand in one mark, which says what, where and who', () => {
  const changes = [
    { ...plain, id: 3, key: 'clip', old: 1, value: 2 },
    plain,
    { ...plain, id: 0, old: null, value: 0.1, cause: 'script' as const, step: null },
  ]
  const marks = listSteeringMarks({ changes, commands: [], branches: branches.slice(0, 1), branch: 0 })
  expect(marks).toMatchObject([
    { kind: 'change', series: null, step: 410, epoch: 4.1, title: 'lr 0.1 → 0.01, clip 1 → 2 at step 410, ada' },
  ])
})

it('a rollback is a mark of its branch, and what happened beside that branch is none', () => {
  const before = { ...plain, id: 2, step: 200, at: 500 }
  const told = { changes: [plain, before], commands: [rollback], branches }
  expect(listSteeringMarks({ ...told, branch: 1 }).map(({ title }) => title)).toEqual([
    'lr 0.1 → 0.01 at step 200, ada',
    'Back to step 300 («best») from step 500: branch 1 leaves branch 0, ada',
  ])
  expect(listSteeringMarks({ ...told, branch: 1 }).map(({ epoch }) => epoch)).toEqual([4.1, 3])
  expect(listSteeringMarks({ ...told, branch: 0 }).map(({ step }) => step)).toEqual([200, 410])
})

it('a value that a script moves with every step is a curve, and no marks', () => {
  const changes = Array.from({ length: 50 }, (_, id) => ({
    ...plain,
    id,
    step: id,
    cause: 'script' as const,
    by: null,
  }))
  expect(listSteeringMarks({ changes, commands: [], branches, branch: 0 })).toEqual([])
  expect(listSteeringMarks({ changes: changes.slice(0, 5), commands: [], branches, branch: 0 })).toHaveLength(5)
})
