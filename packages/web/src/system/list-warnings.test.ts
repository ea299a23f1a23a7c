import { expect, test } from 'vitest'
import type { SystemStatus } from '@pilothouse/contract'
import { forecastGrowth, listWarnings } from './list-warnings.ts'

const well = {
  database: { writable: true },
  disk: { freeBytes: 50 * 2 ** 30, totalBytes: 100 * 2 ** 30, level: 'ok' },
  storageThread: { utilisation: 0.2, waiting: 0 },
} as SystemStatus // the rest is not looked at

test('a server that is well has nothing to warn of', () => {
  expect(listWarnings(well)).toEqual([])
})

test('what stops reports stands before what only slows them', () => {
  const ill: SystemStatus = {
    ...well,
    database: { ...well.database, writable: false },
    disk: { ...well.disk, freeBytes: 6 * 2 ** 30, level: 'low' },
    storageThread: { utilisation: 0.97, waiting: 12 },
  }
  const warnings = listWarnings(ill)
  expect(warnings.map(({ isBad }) => isBad)).toEqual([true, false, false])
  expect(warnings[1]?.title).toBe('The disk has 6 GiB left of 100 GiB.')
})

test('growth is told from what arrives now and what a point takes', () => {
  const status = { ingest: { pointsPerSecond: 1_000 }, store: { bytesPerPoint: 5 } } as SystemStatus // the rest is not looked at
  expect(forecastGrowth(status)).toBe(432_000_000)
  expect(forecastGrowth({ ...status, store: { ...status.store, bytesPerPoint: null } })).toBeNull()
})
