import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareRecords } from './compare-records.ts'
import { flattenConfig } from './flatten-config.ts'

const bounds = { namesMax: 100, textMax: 40 }

describe('a flattened configuration', () => {
  it('has dotted names, and lists as their text', () => {
    const { values } = flattenConfig(
      { lr: 0.1, model: { depth: 2, head: { act: 'gelu' } }, dims: [1, 2], none: null, empty: {}, on: true },
      bounds,
    )
    expect(values).toEqual({
      lr: 0.1,
      'model.depth': 2,
      'model.head.act': 'gelu',
      dims: '[1,2]',
      none: null,
      empty: '{}',
      on: true,
    })
  })

  it('is bounded in names and in text, and says how many names are left out', () => {
    const wide = Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`k${at}`, at]))
    const { values, leftOut } = flattenConfig(wide, bounds)
    expect({ kept: Object.keys(values).length, leftOut }).toEqual({ kept: 100, leftOut: 30 })
    expect(flattenConfig({ long: 'x'.repeat(60) }, bounds).values['long']).toHaveLength(40)
  })

  it('loses no value, however deep it lies', () => {
    const leaf = fc.oneof(fc.integer(), fc.boolean(), fc.string({ maxLength: 5 }), fc.constant(null))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.oneof({ maxDepth: 4 }, leaf, tie('tree')), {
        minKeys: 1,
        maxKeys: 4,
      }),
    }))
    fc.assert(
      fc.property(tree, (config) => {
        const { values } = flattenConfig(config, { namesMax: 10_000, textMax: 40 })
        for (const [name, value] of Object.entries(values)) {
          const found = name.split('.').reduce<unknown>((part, key) => Reflect.get(Object(part), key), config)
          expect(typeof found === 'object' && found !== null ? JSON.stringify(found) : found).toEqual(value)
        }
      }),
    )
  })
})

describe('records side by side', () => {
  it('differ where not all have the same, or some have none', () => {
    const rows = compareRecords<number | boolean | string>([
      { lr: 0.1, seed: 1, amp: true },
      { lr: 0.1, seed: 2, amp: true, extra: 'x' },
      { lr: 0.2, seed: 3, amp: true },
    ])
    expect(rows.map(({ name, differs }) => [name, differs])).toEqual([
      ['lr', true],
      ['seed', true],
      ['amp', false],
      ['extra', true],
    ])
  })

  it('mark who is out of line only where there is a line', () => {
    const [lr, seed, only] = compareRecords([
      { lr: 1, seed: 1 },
      { lr: 1, seed: 2 },
      { lr: 2, seed: 3, only: 5 },
    ])
    expect(lr?.odd).toEqual([false, false, true])
    expect(seed?.odd).toEqual([false, false, false])
    expect(only?.odd).toEqual([false, false, true])
  })

  it('a number is not the text that looks like it', () => {
    expect(compareRecords<string | number>([{ n: 1 }, { n: '1' }])[0]?.differs).toBe(true)
  })
})
