import { expect, it } from 'vitest'
import { type HeldReadings, type HoldEvent, holdReadings, nothingHeld, type TimedReading } from './hold-readings.ts'
import { builtInPatterns } from './log-catalogue.ts'
import { readLine, startLogReader } from './log-reader.ts'

const print = (time: number): TimedReading => ({
  reading: readLine(startLogReader(), 'Step 1: loss = 0.5', builtInPatterns),
  time,
})

/** The times of what is passed on at each event. */
function follow(...events: Partial<HoldEvent>[]): number[][] {
  let state: HeldReadings = nothingHeld
  return events.map((event) => {
    const { next, passed } = holdReadings(state, { readings: [], word: 'none', now: 0, graceMs: 10_000, ...event })
    state = next
    return passed.map(({ time }) => time)
  })
}

it('waits for a word that may be on its way, and passes on what an ordinary program prints, with its times', () => {
  expect(
    follow(
      { readings: [print(1)], now: 1 },
      { readings: [print(5_000)], now: 5_000 },
      { now: 10_000 },
      { now: 10_001 },
      { readings: [print(10_002)], now: 10_002 },
    ),
  ).toEqual([[], [], [], [1, 5_000], [10_002]])
})

it('forgets what is held once the SDK has sent numbers', () => {
  expect(
    follow(
      { readings: [print(1)], now: 1 },
      { word: 'init', now: 9_000 },
      { word: 'init', now: 11_000 },
      { word: 'log', readings: [print(12_000)], now: 12_000 },
      { word: 'log', now: 13_000, isEnd: true },
    ),
  ).toEqual([[], [], [], [], []])
})

it('passes on what a script prints that says nothing for a minute, and all that follows', () => {
  expect(
    follow(
      { word: 'init', now: 0 },
      { word: 'init', readings: [print(1)], now: 1 },
      { word: 'init', readings: [print(60_001)], now: 60_001 },
      { word: 'init', readings: [print(60_002)], now: 60_002 },
    ),
  ).toEqual([[], [], [1, 60_001], [60_002]])
})

it('passes on at the end what nobody else has said', () => {
  expect(follow({ readings: [print(1)], now: 1 }, { now: 2, isEnd: true })).toEqual([[], [1]])
})
