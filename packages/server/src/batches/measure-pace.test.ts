import { expect, it } from 'vitest'
import { estimateLeft, measurePace } from './measure-pace.ts'

const pointsOf = (...requests: number[]) =>
  requests.map((one, at) => ({ atMs: at * 10_000, requests: one, tokens: 20 * one }))

it('the pace is what was done between the first point and the last', () => {
  expect(measurePace(pointsOf(0, 100, 200, 300))).toMatchObject({ requestsPerSecond: 10, tokensPerSecond: 200 })
})

it('nothing is said before something was done, or of no time at all', () => {
  expect(measurePace([])).toBeNull()
  expect(measurePace(pointsOf(5))).toBeNull()
  expect(measurePace(pointsOf(5, 5, 5))).toBeNull()
  expect(measurePace([pointsOf(5), pointsOf(9)].flat())).toBeNull()
})

it('an even pace has a narrow interval, an uneven one a wide one, and few points a wide one', () => {
  const width = (...requests: number[]): number => {
    const pace = measurePace(pointsOf(...requests))
    const eta = pace && estimateLeft(1_000, pace)
    return eta ? (eta.leftMsMax - eta.leftMsMin) / eta.leftMs : 0
  }
  const even = width(0, 100, 200, 300, 400)
  expect(even).toBeLessThan(0.15)
  expect(width(0, 10, 200, 210, 400)).toBeGreaterThan(4 * even)
  expect(width(0, 100)).toBeGreaterThan(4 * even)
})

it('the estimate lies between the earliest end and the latest, which is a number', () => {
  const pace = { requestsPerSecond: 10, tokensPerSecond: 0, requestsSpread: 50 }
  expect(estimateLeft(1_000, pace)).toEqual({ leftMs: 100_000, leftMsMin: 16_667, leftMsMax: 500_000 })
})
