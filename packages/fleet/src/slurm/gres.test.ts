import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countGpus, countSharedGpus, parseGres, sum } from './gres.ts'

const count = (text: string): object => Object.fromEntries([...countGpus(text)].map(([type, n]) => [type ?? 'any', n]))

it.each([
  ['gpu:a100:4', { a100: 4 }],
  ['gpu:a100:4(S:0-1)', { a100: 4 }],
  ['gpu:a100:3(IDX:0-2)', { a100: 3 }],
  ['gpu:a100:2(IDX:0,3)', { a100: 2 }],
  ['gpu:a100:0(IDX:N/A)', { a100: 0 }],
  ['gpu:a100:4(S:0,2),gpu:v100:2(S:1),shard:16(S:0-1)', { a100: 4, v100: 2 }],
  ['gpu:3', { any: 3 }],
  ['gpu', { any: 1 }],
  ['gpu:h100', { h100: 1 }],
  ['gpu:0', {}],
  ['(null)', {}],
  ['N/A', {}],
  ['', {}],
  ['gres:gpu:a100:5', { a100: 5 }],
  ['gres:gpu:1', { any: 1 }],
  ['gres/gpu:2', { any: 2 }],
  ['gres/gpu:a100:2', { a100: 2 }],
  ['cpu=2,mem=32000M,node=2,billing=2,gres/gpu=5', { any: 5 }],
  ['billing=1,cpu=1,gres/gpu:a100=3,gres/gpu=3,node=1', { a100: 3 }],
  ['cpu=1,gres/gpu=6,gres/gpu:a100=4', { a100: 4, any: 2 }],
  ['gpu:a100_3g.20gb:2,gpu:a100_1g.5gb:7', { 'a100_3g.20gb': 2, 'a100_1g.5gb': 7 }],
  ['gpu:nvidia_h100_80gb_hbm3:8(S:0-1),nic:2', { nvidia_h100_80gb_hbm3: 8 }],
  ['gpu:no_consume:4', { any: 4 }],
  ['craynetwork:4,gpu:k80:2K', { k80: 2048 }],
])('%s', (text, expected) => {
  expect(count(text)).toEqual(expected)
})

it('finds GPUs of which shards are given away', () => {
  const [recorded] = parseGres('shard:rtx4090:1(IDX:0)')
  expect(recorded && countSharedGpus(recorded, 4)).toBe(1)
  const [several] = parseGres('shard:a100:3(IDX:0-1,3)')
  expect(several && countSharedGpus(several, 4)).toBe(3)
  const [one] = parseGres('shard:a100:5(3/4,2/4,0/4,0/4)')
  expect(one && countSharedGpus(one, 4)).toBe(2)
  const [none] = parseGres('shard:0(0/4,0/4)')
  expect(none && countSharedGpus(none, 4)).toBe(0)
  const [plain] = parseGres('shard:5')
  expect(plain && countSharedGpus(plain, 4)).toBe(2)
})

const type = fc.constantFrom('a100', 'a100_3g.20gb', 'h100-sxm', 'nvidia_l4')
const detail = fc.constantFrom('', '(S:0-1)', '(IDX:0,2-3)', '(IDX:N/A)', '(S:0,2)')

it('every GPU of a GRES string is counted once', () => {
  const entry = fc.record({ prefix: fc.constantFrom('', 'gres:', 'gres/'), type, count: fc.nat(64), detail })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const text = entries.map((one) => `${one.prefix}gpu:${one.type}:${one.count}${one.detail}`).join(',')
      expect(sum(countGpus(text).values())).toBe(sum(entries.map((one) => one.count)))
    }),
  )
})

it('no text makes it throw, or count less than nothing', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'gpu',
      ':',
      ',',
      '(',
      ')',
      '[',
      ']',
      '=',
      'gres/',
      'gres:',
      'a100',
      '-1',
      '9e99',
      '99999999999999999999',
      '|',
      '/',
      'K',
    ),
    fc.string({ maxLength: 6 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      for (const { count: n, detail: said } of parseGres(pieces.join(''))) {
        expect(Number.isSafeInteger(n) && n >= 0).toBe(true)
        expect(said === null || typeof said === 'string').toBe(true)
      }
      for (const n of countGpus(pieces.join('')).values()) expect(n).toBeGreaterThanOrEqual(0)
    }),
  )
})
