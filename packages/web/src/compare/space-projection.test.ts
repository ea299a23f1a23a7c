import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boundStance,
  chooseEdge,
  findBackSides,
  findPoint,
  formatStance,
  makeProjection,
  plainStance,
  readStance,
  type Point3,
} from './space-projection.ts'

const flat = { width: 400, height: 400, isFlat: true }
const front = { turn: 0, lift: 0, zoom: 1 }

describe('a projection', () => {
  it('shows the middle in the middle, x to the right, z up, y into the depth', () => {
    const project = makeProjection(front, flat)
    expect(project([0, 0, 0])).toMatchObject({ left: 200, top: 200, depth: 0 })
    const scale = 0.5 * 360
    expect(project([0.5, 0, 0]).left).toBeCloseTo(200 + scale / 2)
    expect(project([0, 0, 0.5]).top).toBeCloseTo(200 - scale / 2)
    expect(project([0, 0.5, 0])).toMatchObject({ left: 200, top: 200, depth: 0.5 })
  })

  it('from above shows y upwards, a quarter turn shows it to the right', () => {
    const above = makeProjection({ turn: 0, lift: 90, zoom: 1 }, flat)([0, 0.5, 0])
    expect(above.top).toBeCloseTo(200 - 0.25 * 360)
    const turned = makeProjection({ turn: 90, lift: 0, zoom: 1 }, flat)([0, 0.5, 0])
    expect(turned.left).toBeCloseTo(200 + 0.25 * 360)
  })

  it('in perspective makes what is near larger, flat it does not', () => {
    const [near, far]: [Point3, Point3] = [
      [0.5, -0.5, 0],
      [0.5, 0.5, 0],
    ]
    const deep = makeProjection(front, { ...flat, isFlat: false })
    expect(deep(near).left).toBeGreaterThan(deep(far).left)
    expect(makeProjection(front, flat)(near).left).toBe(makeProjection(front, flat)(far).left)
  })

  it('keeps lengths under every turn', () => {
    const part = fc.double({ min: -0.5, max: 0.5, noNaN: true })
    const angle = fc.integer({ min: 0, max: 359 })
    fc.assert(
      fc.property(fc.tuple(part, part, part), angle, fc.integer({ min: -90, max: 90 }), (point, turn, lift) => {
        const scale = 0.5 * 360
        const { left, top, depth } = makeProjection({ turn, lift, zoom: 1 }, flat)(point)
        const length = Math.hypot((left - 200) / scale, (top - 200) / scale, depth)
        expect(length).toBeCloseTo(Math.hypot(...point), 9)
      }),
    )
  })

  it('has its backs behind, and its axes at the lower and the left edges', () => {
    const project = makeProjection(plainStance, flat)
    expect(findBackSides(project)).toEqual([-0.5, 0.5, -0.5])
    expect(chooseEdge(0, project)).toEqual([-0.5, -0.5])
    const floor = project([0, -0.5, -0.5]).top
    expect(floor).toBeGreaterThan(project([0, 0.5, -0.5]).top)
  })
})

describe('a stance', () => {
  it('is read from the address as it was written', () => {
    const stance = { turn: 200, lift: -30.5, zoom: 1.25 }
    expect(readStance(formatStance(stance))).toEqual(stance)
    expect(formatStance(plainStance)).toBeUndefined()
    for (const text of [undefined, '', 'a,b,c', '1,2', '1,2,3,4']) expect(readStance(text)).toEqual(plainStance)
  })

  it('turns around, and neither over the top nor out of sight', () => {
    expect(boundStance({ turn: -10, lift: 100, zoom: 99 })).toEqual({ turn: 350, lift: 90, zoom: 4 })
    expect(boundStance({ turn: 725, lift: -100, zoom: 0 })).toEqual({ turn: 5, lift: -90, zoom: 0.5 })
  })
})

it('the pointer finds the nearest point within reach', () => {
  const points = [
    { at: 7, left: 10, top: 10, depth: 1, size: 1 },
    { at: 8, left: 10, top: 10, depth: -1, size: 1 },
    { at: 9, left: 18, top: 10, depth: 0, size: 1 },
  ]
  expect(findPoint(points, { left: 11, top: 10 }, 12)).toBe(8)
  expect(findPoint(points, { left: 16, top: 10 }, 12)).toBe(9)
  expect(findPoint(points, { left: 60, top: 10 }, 12)).toBeUndefined()
})
