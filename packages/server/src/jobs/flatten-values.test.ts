import { expect, it } from 'vitest'
import { flattenValues } from './flatten-values.ts'

it('nested settings have dotted names; what is no number is a word', () => {
  const config = { lr: 1e-4, optim: { name: 'adamw', fused: true, betas: [0.9, 0.95] }, seed: null }
  expect(flattenValues(config, 100)).toEqual([
    { key: 'lr', number: 1e-4, word: null },
    { key: 'optim.name', number: null, word: 'adamw' },
    { key: 'optim.fused', number: null, word: 'true' },
    { key: 'optim.betas', number: null, word: '[0.9,0.95]' },
    { key: 'seed', number: null, word: 'null' },
  ])
})

it('there are at most so many, long texts are left out, and no depth is too deep', () => {
  const wide = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`key-${at}`, at]))
  expect(flattenValues(wide, 10)).toHaveLength(10)
  expect(flattenValues({ prompt: 'x'.repeat(1_000), a: 1 }, 10).map(({ key }) => key)).toEqual(['a'])
  let deep: unknown = 1
  for (let at = 0; at < 10_000; at += 1) deep = { in: deep }
  expect(flattenValues(deep, 10)).toEqual([])
})
