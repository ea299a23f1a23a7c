import { expect, it } from 'vitest'
import { chainBranches } from './branch-chain.ts'

const links = [
  { number: 0, parent: null, fork_step: null },
  { number: 1, parent: 0, fork_step: 100 },
  { number: 2, parent: 1, fork_step: 40 },
  { number: 3, parent: 0, fork_step: 70 },
]

it('a branch is read with its ancestors, each up to the earliest fork behind it', () => {
  expect(chainBranches(links, 0)).toEqual([{ branch: 0 }])
  expect(chainBranches(links, 1)).toEqual([{ branch: 0, stepMax: 100 }, { branch: 1 }])
  expect(chainBranches(links, 2)).toEqual([{ branch: 0, stepMax: 40 }, { branch: 1, stepMax: 40 }, { branch: 2 }])
  expect(chainBranches(links, 9)).toEqual([])
})
