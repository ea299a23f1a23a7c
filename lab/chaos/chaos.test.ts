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

for (const [name, openDatabase] of [
  ['SQLite', async () => null],
  ['PostgreSQL', async () => Postgres.open()],
] as const)
  it(
    `sends each request of a batch until it has one line, whoever is killed, on ${name} (seed ${seed})`,
    slow,
    async () => {
      const postgres = await openDatabase()
      const result = await killDuringBatch({ rounds: 8, requests: 3_000, seed, databaseUrl: postgres?.url })
      expect(result).toMatchObject({ answered: 2_970, failed: 30 })
      expect(result.kills.server + result.kills.worker).toBeGreaterThan(2)
      await postgres?.stop()
    },
  )
