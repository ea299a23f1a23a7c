import type { CodeFacts } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { describeDirt, describeDistance, describeHead } from './describe-code.ts'

const facts: CodeFacts = {
  isGit: true,
  commit: { id: '3f2c1a0d9e', subject: 'Train', author: 'Ada', at: 0 },
  branch: 'main',
  upstream: null,
  remote: null,
  within: '',
  changed: 0,
  untracked: 0,
  files: [],
  submodules: [],
}
const following = (ahead: number | null, behind: number | null): CodeFacts => ({
  ...facts,
  upstream: { name: 'origin/main', ahead, behind },
})

it('where the code stands is said in a few words, and what is missing of it', () => {
  expect(describeHead(facts)).toBe('main @ 3f2c1a0')
  expect(describeHead({ ...facts, branch: null })).toBe('detached @ 3f2c1a0')
  expect(describeHead({ ...facts, commit: null })).toBe('main, no commit yet')
  expect(describeHead({ ...facts, isGit: false })).toBe('without git')
})

it('what differs is counted, and nothing said where nothing does', () => {
  expect(describeDirt(facts)).toBeNull()
  expect(describeDirt({ ...facts, changed: 3, untracked: 1 })).toBe('3 changed, 1 unknown')
  expect(describeDirt({ ...facts, untracked: 1 })).toBe('1 unknown')
})

it('how far it is from the branch that it follows is said', () => {
  const said = [facts, following(0, 0), following(2, 0), following(0, 1), following(2, 1), following(null, null)]
  expect(said.map(describeDistance)).toEqual([
    null,
    'level with origin/main',
    '2 ahead of origin/main',
    '1 behind origin/main',
    '2 ahead of, 1 behind origin/main',
    'follows origin/main, which is gone',
  ])
})
