import type { InstanceFacts } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { nameTarget } from './name-target.ts'

it('is the label where that is a name, else provider and number, and never one that another has', () => {
  const name = (label: string | null, taken: string[] = []): string =>
    nameTarget({ label, provider: 'vast', id: '77' } as InstanceFacts, new Set(taken)) // no more of it is read
  expect(name('Train LLaMA / 8B')).toBe('train-llama-8b')
  expect(name('../../etc\n')).toBe('etc')
  expect(name(null)).toBe('vast-77')
  expect(name('训练')).toBe('vast-77')
  expect(name('local')).toBe('local-77')
  expect(name('a', ['a'])).toBe('a-77')
  expect(name('a', ['a', 'a-77'])).toBe('a-77-2')
})
