import { expect, test } from 'vitest'
import { chooseWaitMs, isUsable, neverLooked, noteLook } from './judge-health.ts'

const well = (atMs: number) => ({ atMs, trouble: null })
const ill = (atMs: number) => ({ atMs, trouble: 'Nothing listens there.' })

test('an engine is healthy at the first answer, and failing at the first look in vain', () => {
  expect(noteLook(neverLooked, well(5))).toMatchObject({ state: 'healthy', since: 5, checkedAt: 5, trouble: null })
  expect(noteLook(neverLooked, ill(5))).toMatchObject({ state: 'failing', since: 5, trouble: 'Nothing listens there.' })
})

test('a single look in vain is forgiven, the next one is not', () => {
  const healthy = noteLook(neverLooked, well(1))
  const once = noteLook(healthy, ill(2))
  expect(once).toMatchObject({ state: 'healthy', since: 1, trouble: 'Nothing listens there.' })
  expect(noteLook(once, well(3))).toMatchObject({ state: 'healthy', since: 1, trouble: null, misses: 0 })
  const twice = noteLook(once, ill(3))
  expect(twice).toMatchObject({ state: 'failing', since: 3 })
  expect(noteLook(twice, well(9))).toMatchObject({ state: 'healthy', since: 9 })
})

test('one that fails is looked at later and later, up to a minute', () => {
  let watched = noteLook(neverLooked, well(0))
  const waits = [chooseWaitMs(watched)]
  for (let look = 0; look < 8; look += 1) {
    watched = noteLook(watched, ill(look))
    waits.push(chooseWaitMs(watched))
  }
  expect(waits).toEqual([10_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
})

test('requests are sent to an engine that was well in the last two minutes, whatever the last look brought', () => {
  expect(isUsable(null, 1_000_000)).toBe(false)
  expect(isUsable(1_000_000, 1_120_000)).toBe(true)
  expect(isUsable(1_000_000, 1_120_001)).toBe(false)
  expect(isUsable(9_000_000, 1_000_000)).toBe(false)
})
