import { expect, it } from 'vitest'
import { findDefinition } from './find-definition.ts'

it('prefers the exact key, then the first pattern that matches', () => {
  const definitions = [{ key: 'val/*' }, { key: '*loss' }, { key: 'val/loss' }, { key: 'a*b*c' }]
  const find = (key: string) => findDefinition(definitions, key)?.key
  expect(find('val/loss')).toBe('val/loss')
  expect(find('val/acc')).toBe('val/*')
  expect(find('train/loss')).toBe('*loss')
  expect(find('a-b-c')).toBe('a*b*c')
  expect(find('abc')).toBe('a*b*c')
  expect(find('ac')).toBeUndefined()
  expect(find('lossy')).toBeUndefined()
})

it('answers in no time to a pattern that a regular expression would choke on', () => {
  const key = 'a'.repeat(1000)
  expect(findDefinition([{ key: `${'*a'.repeat(200)}*b` }], key)).toBeUndefined()
})
