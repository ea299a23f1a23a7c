/**
 * Appends numbered batches until it is killed, and prints the number of each as soon as it is committed. Limits are small,
 * so that sealing, flushing, spilling, retiring and compaction happen all the time.
 *
 *   node kill-child.fixture.ts <database file or address> <number of the first batch> <bytes for heads>
 */
import { openPostgresSeriesDatabase } from './postgres-database.ts'
import { openSeriesStore } from './series-store.ts'
import { openSqliteSeriesDatabase } from './sqlite-database.ts'
import type { SeriesBlock } from './types.ts'

export const batchRows = 97
export const batchKeys = ['a', 'b', 'c']
const groups = 5

/** Every row of a batch has its number as value; steps go back and forth and repeat. */
export function makeBatch(number: number): SeriesBlock {
  const steps = Array.from({ length: batchRows }, (_, row) => (number % 7) * 10 + (row % 50))
  return {
    group: 1 + (number % groups),
    branch: 0,
    source: 'job',
    keys: batchKeys.slice(0, 1 + (number % batchKeys.length)),
    steps,
    times: steps.map((_, row) => 1_750_000_000_000 + number * 1000 + row),
    values: batchKeys.slice(0, 1 + (number % batchKeys.length)).map(() => steps.map(() => number)),
  }
}

if (import.meta.main) {
  const [place = '', first = '0', headBytesMax = '0'] = process.argv.slice(2)
  const opening = place.startsWith('postgres:') ? openPostgresSeriesDatabase(place) : openSqliteSeriesDatabase(place)
  const database = await opening
  const store = await openSeriesStore(database, { headBytesMax: Number(headBytesMax), walBytesMax: 20_000 })
  for (let number = Number(first); ; number += 1) {
    const staged = await database.transaction(() => store.stage([makeBatch(number)]))
    process.stdout.write(`${number}\n`)
    staged.apply()
    await store.maintain({ budgetMs: number % 4 })
    if (number % 40 === 0) await store.finish(1 + (number % groups), { budgetMs: 1 })
  }
}
