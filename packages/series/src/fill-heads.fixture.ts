/**
 * A process of its own that keeps 100,000 series open, one commit after another, in the file named. Prints what it took as
 * JSON: the most memory of heads, and of the process in each round, bytes.
 */
import { openSeriesStore } from './series-store.ts'
import { openSqliteSeriesDatabase } from './sqlite-database.ts'

const [place = ''] = process.argv.slice(2)
const groups = 2_500
const keys = Array.from({ length: 40 }, (_, key) => `layer/${key}/loss`)
const rounds = 6
const rowsPerRound = 8
/** Groups in one commit. */
const commitGroups = 50

const database = openSqliteSeriesDatabase(place)
const store = await openSeriesStore(database)
let headBytes = 0
/** The most memory of the process in each round. */
const rssBytes: number[] = []
for (let round = 0; round < rounds; round += 1) {
  let rss = 0
  for (let group = 1; group <= groups; group += commitGroups) {
    const blocks = Array.from({ length: commitGroups }, (_, at) => makeBlock(group + at, round * rowsPerRound))
    const staged = await database.transaction(() => store.stage(blocks))
    staged.apply()
    while (await store.maintain({ budgetMs: 50 }));
    rss = Math.max(rss, process.memoryUsage.rss())
  }
  rssBytes.push(rss)
  headBytes = Math.max(headBytes, (await store.statistics()).headBytes)
}
const { series, points, headBytesMax } = await store.statistics()
process.stdout.write(JSON.stringify({ series, points, headBytes, headBytesMax, rssBytes }))
await store.close()
database.close()

function makeBlock(group: number, from: number) {
  const steps = Float64Array.from({ length: rowsPerRound }, (_, row) => from + row)
  const values = keys.map(() => steps.map(() => Math.fround(Math.random())))
  return { group, branch: 0, source: 'job', keys, steps, times: steps.map((step) => 1e12 + step * 50), values }
}
