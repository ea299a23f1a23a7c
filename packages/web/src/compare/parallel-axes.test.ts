import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInside, moveName, nudge, orderAxes, readBrushes, writeBrush } from './parallel-axes.ts'
import { makeScale } from './plot-scale.ts'

describe('ranges on axes', () => {
  it('are read from the address, and what is none is left out', () => {
    const texts = ['lr:0.0001,0.003', 'a:b:0,1', 'x:2,1', 'y:1', ':1,2', 'z:,1', 'lr:0.001,0.01']
    expect([...readBrushes(texts)]).toEqual([
      ['lr', [0.001, 0.01]],
      ['a:b', [0, 1]],
    ])
    expect(readBrushes().size).toBe(0)
  })

  it('are written with few digits, outwards, one for each axis', () => {
    expect(writeBrush(['lr:1,2', 'batch:3,4'], 'lr', [0.000_123_456, 0.012_345_6])).toEqual([
      'batch:3,4',
      'lr:0.0001234,0.01235',
    ])
    expect(writeBrush(['lr:1,2'], 'lr', null)).toEqual([])
    expect(writeBrush([], 'x', [-1.000_01, 0])).toEqual(['x:-1.001,0'])
  })

  it('never lose what was in them', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(number, number, (a, b) => {
        const brush = [Math.min(a, b), Math.max(a, b)] as const
        const [from, to] = readBrushes(writeBrush([], 'n', brush)).get('n') ?? [1, 0]
        const slack = 1e-300 + 1e-9 * Math.max(Math.abs(a), Math.abs(b))
        expect(from).toBeLessThanOrEqual(brush[0] + slack)
        expect(to).toBeGreaterThanOrEqual(brush[1] - slack)
      }),
    )
  })

  it('combine: a job has to run through all of them', () => {
    const [lr, words] = [makeScale([1e-4, 1e-2]), makeScale(['adam', 'lion', 'sgd'])]
    const isIn = (rate: number | undefined, word: string): boolean =>
      isInside(
        [
          { name: 'lr', scale: lr, value: rate },
          { name: 'opt', scale: words, value: word },
        ],
        readBrushes(['lr:0.0005,0.005', 'opt:0.4,1']),
      )
    expect([isIn(1e-3, 'lion'), isIn(1e-3, 'sgd'), isIn(1e-3, 'adam'), isIn(1e-2, 'sgd')]).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(isIn(undefined, 'sgd')).toBe(false)
    expect(isInside([{ name: 'lr', scale: lr, value: undefined }], new Map())).toBe(true)
  })

  it('are moved and stretched within their axis', () => {
    expect(nudge([0.8, 1], { by: 0.1, grow: 0 })).toEqual([0.8, 1])
    expect(nudge([0.25, 0.75], { by: -0.125, grow: 0 })).toEqual([0.125, 0.625])
    expect(nudge([0.25, 0.75], { by: 0, grow: 1 })).toEqual([0, 1])
  })
})

it('axes stand in the order of the address, new ones behind', () => {
  const axes = ['a', 'b', 'c', 'd'].map((name) => ({ name }))
  expect(orderAxes(axes, ['c', 'gone', 'a']).map(({ name }) => name)).toEqual(['c', 'a', 'b', 'd'])
  expect(moveName(['a', 'b', 'c'], 'a', 1)).toEqual(['b', 'a', 'c'])
  expect(moveName(['a', 'b', 'c'], 'c', -4)).toEqual(['c', 'a', 'b'])
  expect(moveName(['a', 'b', 'c'], 'a', 9)).toEqual(['b', 'c', 'a'])
})
