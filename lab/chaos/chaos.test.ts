import { expect, it } from 'vitest'
import { Postgres } from '../postgres.ts'
import { killDuringBatch } from './batch-rounds.ts'
import { killAtRandom } from './kill-rounds.ts'

/** Another one each day; `npm run chaos` repeats it by `--seed`, and kills as often as `--rounds` says. */
const seed = Math.floor(Date.now() / 86_400_000)
const slow = { timeout: 240_000 }

it(
  `keeps every point and line of four trainings whose server is killed again and again (seed ${seed})`,
  slow,
  async () => {
    const { points, lines } = await killAtRandom({ victim: 'server', rounds: 3, seed })
    expect(points).toBeGreaterThan(1_000)
    expect(lines).toBeGreaterThan(50)
  },
)

it(`keeps what a killed training had logged, with and without a server (seed ${seed})`, slow, async () => {
  const { jobs, points } = await killAtRandom({ victim: 'trainer', rounds: 4, seed })
  expect(jobs).toBe(4)
  expect(points).toBeGreaterThan(100)
})

it(`keeps every point and line while PostgreSQL is killed again and again (seed ${seed})`, slow, async () => {
  const { points, lines } = await killAtRandom({ victim: 'database', rounds: 3, seed })
  expect(points).toBeGreaterThan(1_000)
  expect(lines).toBeGreaterThan(50)
})

it(
  `keeps every point and line on PostgreSQL while the server is killed again and again (seed ${seed})`,
  slow,
  async () => {
    const postgres = await Postgres.open()
    const { points } = await killAtRandom({ victim: 'server', rounds: 2, seed, databaseUrl: postgres.url })
    expect(points).toBeGreaterThan(1_000)
    await postgres.stop()
  },
)

for (const { name, openDatabase, rounds, requests, killsAtLeast } of [
  { name: 'SQLite', openDatabase: async () => null, rounds: 50, requests: 20_000, killsAtLeast: 50 },
  { name: 'PostgreSQL', openDatabase: async () => Postgres.open(), rounds: 8, requests: 3_000, killsAtLeast: 3 },
])
  it(
    `sends each request of a batch until it has one line, whoever is killed, on ${name} (seed ${seed})`,
    { timeout: 600_000 },
    async () => {
      const postgres = await openDatabase()
      const { kills, ...counts } = await killDuringBatch({ rounds, requests, seed, databaseUrl: postgres?.url })
      expect(counts).toMatchObject({ answered: requests * 0.99, failed: requests * 0.01 })
      expect(kills.server + kills.worker).toBeGreaterThanOrEqual(killsAtLeast)
      await postgres?.stop()
    },
  )
