import { expect, test } from 'vitest'
import { listSections, pinnedSection } from './chart-sections.ts'
import { groupKeys } from '@pilothouse/signals'

function show(keys: readonly string[], pinned: readonly string[] = []): [string | undefined, string[]][] {
  return listSections(groupKeys(keys), pinned).map(({ name, groups }) => [name, groups.map(({ title }) => title)])
}

test('names that begin alike stand together, the others before them', () => {
  expect(show(['loss', 'layer/1/norm', 'layer/2/norm', 'alone/x', 'lr', 'optim/a', 'optim/b'])).toEqual([
    [undefined, ['loss', 'lr', 'alone/x']],
    ['layer', ['layer/1/norm', 'layer/2/norm']],
    ['optim', ['optim/a', 'optim/b']],
  ])
})

test('what people look for first in such a training stands above its section', () => {
  const keys = ['rollout/ep_rew_mean', 'rollout/ep_len_mean', 'rollout/a', 'rollout/b', 'train/approx_kl', 'time/fps']
  expect(show(keys)).toEqual([
    [undefined, ['rollout/ep_rew_mean', 'rollout/ep_len_mean', 'approx_kl', 'time/fps']],
    ['rollout', ['rollout/a', 'rollout/b']],
  ])
})

test('what is pinned stands above all, in the order of pinning, and nowhere else', () => {
  expect(show(['loss', 'layer/1', 'layer/2', 'layer/3', 'lr'], ['lr', 'layer/2', 'gone'])).toEqual([
    [pinnedSection, ['lr', 'layer/2']],
    [undefined, ['loss']],
    ['layer', ['layer/1', 'layer/3']],
  ])
})

test('a slash in front makes no group', () => {
  expect(show(['/a', '/b'])).toEqual([[undefined, ['/a', '/b']]])
})
