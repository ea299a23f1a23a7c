import { expect, it } from 'vitest'
import type { Branch } from '@pilothouse/contract'
import { describeLineage, listBranches, listChain } from './list-branches.ts'

const branch = (number: number, parent: number | null, forkStep: number | null): Branch => ({
  number,
  parent,
  forkStep,
  forkEpoch: null,
  createdAt: number,
})
const branches = [branch(0, null, null), branch(1, 0, 30), branch(2, 0, 10), branch(3, 1, 40)]

it('a branch stands below the one that it forked from', () => {
  expect(listBranches(branches).map(({ number, depth }) => [number, depth])).toEqual([
    [0, 0],
    [1, 1],
    [3, 2],
    [2, 1],
  ])
})

it('of an ancestor the steps up to the fork belong to a branch, however often it forked since', () => {
  expect([...listChain(branches, 3)]).toEqual([
    [3, Infinity],
    [1, 40],
    [0, 30],
  ])
  expect([...listChain([branch(0, null, null), branch(1, 0, 30), branch(2, 1, 20)], 2)]).toEqual([
    [2, Infinity],
    [1, 20],
    [0, 20],
  ])
})

it('where a branch comes from is told back to the first one', () => {
  expect(describeLineage(branches, 0)).toBe('branch 0')
  expect(describeLineage(branches, 3)).toBe(
    'branch 3, which began at step 40 of branch 1, which began at step 30 of branch 0',
  )
})
