import { expect, it } from 'vitest'
import { listBehind } from './list-behind.ts'

const branches = [0, 1, 2, 3, 4].map((number) => ({
  number,
  parent: number === 0 ? null : 0,
  forkStep: number,
  forkEpoch: null,
  createdAt: 0,
}))

it('behind the branch that is drawn lie the newest others, unless they are hidden', () => {
  expect(listBehind({ branches, branch: 4 }, {})).toEqual([3, 2, 1])
  expect(listBehind({ branches, branch: 4 }, { branch: '3' })).toEqual([4, 2, 1])
  expect(listBehind({ branches, branch: 4 }, { others: 'hidden' })).toEqual([])
  expect(listBehind({ branches: branches.slice(0, 1), branch: 0 }, {})).toEqual([])
})
