import { expect, test } from 'vitest'
import { chooseMode, nameSource } from './source-mode.ts'

const group = { title: 'loss', x: 'step', pattern: undefined, members: [] } as const
const ranks = ['rank:0', 'rank:1']

test('the job itself goes first, and several others become their mean', () => {
  expect(chooseMode({ ...group, members: [] }, undefined)).toBe('job')
  expect(chooseMode({ ...group, members: [], sources: ['job', ...ranks] }, undefined)).toBe('job')
  expect(chooseMode({ ...group, members: [], sources: ranks }, undefined)).toBe('mean')
  expect(chooseMode({ ...group, members: [], sources: ['rank:1'] }, undefined)).toBe('rank:1')
})

test('what somebody chose is shown if it is there', () => {
  expect(chooseMode({ ...group, members: [], sources: ranks }, 'rank:1')).toBe('rank:1')
  expect(chooseMode({ ...group, members: [], sources: ranks }, 'all')).toBe('all')
  expect(chooseMode({ ...group, members: [], sources: ranks }, 'rank:9')).toBe('mean')
})

test('sources are called by what they are', () => {
  expect(['job', 'rank:3', 'gpu:a/1', 'host:b'].map(nameSource)).toEqual(['job', 'rank 3', 'GPU a/1', 'b'])
})
