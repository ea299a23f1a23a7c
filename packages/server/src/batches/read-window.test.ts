import { expect, it } from 'vitest'
import { readWindow } from './read-window.ts'

it('a completion window is a number of seconds, minutes, hours or days', () => {
  expect(['90s', '30m', '24h', '7d'].map(readWindow)).toEqual([90_000, 1_800_000, 86_400_000, 604_800_000])
})
