import { type CompareAnswer, type InfluenceAnswer, limits } from '@pilothouse/contract'
import { compareRecords, rankParameters, readResult } from '@pilothouse/signals'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { pointsOf, toJson } from '../storage/test-storage.ts'
import { mergeKeys } from './measure-influence.ts'
import type { KeyCount } from './selected-values.ts'

let test: TestServer
const uids = Array.from({ length: 60 }, (_, at) => `many-${at}`)

/** Rates over decades, three optimizers, a seed that does not matter, and what only some have. */
function configOf(at: number) {
  const rare = at % 2 === 0 ? { warmup: at } : {}
  const mixed = at === 0 ? 'none' : at % 3
  return {
    lr: 10 ** -(1 + (at % 5)),
    optim: { name: ['adam', 'sgd', 'lion'][at % 3] ?? '' },
    seed: (at * 37) % 11,
    same: 1,
    mixed,
    ...rare,
  }
}

beforeAll(async () => {
  test = await startTestServer()
  for (const [at, uid] of uids.entries()) {
    const body = { project: 'many', config: { ...configOf(at), empty: null } }
    await test.ask(`/api/jobs/${uid}`, { method: 'PUT', token: test.tokens.reporter, body })
    const best = Math.log10(configOf(at).lr) + (at % 7) / 10
    const points = { loss: [9, best, 8], custom: [1, at % 2, 3], hidden: [at, at, at] }
    const report = {
      attempt: 1,
      writer: 'w',
      number: 1,
      role: 'sdk',
      sentAt: Date.now(),
      points: [pointsOf(at === 59 ? { loss: [Number.POSITIVE_INFINITY] } : points)],
      job: {
        metrics: [
          { key: 'custom', goal: 'maximize' },
          { key: 'hidden', hidden: true },
        ],
      },
    }
    const sent = JSON.parse(new TextDecoder().decode(toJson(report))) as object // our own JSON
    const path = `/api/jobs/${uid}/reports`
    const { status, text } = await test.ask(path, { method: 'POST', token: test.tokens.reporter, body: sent })
    expect({ status, text }).toMatchObject({ status: 200 })
  }
  // Values are written a little after what they come from.
  await vi.waitFor(async () => expect((await ask('search=project:many')).withMetric).toBe(59), {
    timeout: 30_000,
    interval: 200,
  })
}, 60_000)
afterAll(() => test.close())

async function ask(query: string): Promise<InfluenceAnswer> {
  const { status, json, text } = await test.ask(`/api/compare/influence?${query}`, { token: test.tokens.viewer })
  expect({ status, text }).toMatchObject({ status: 200 })
  return json as InfluenceAnswer // what this route answers with
}

describe('what goes with a metric over a search', () => {
  it('is told from more jobs than can be compared, the best setting first', async () => {
    const answer = await ask('search=project:many')
    expect(answer).toMatchObject({ total: 60, jobs: 60, metric: 'loss', goal: 'minimize', same: 2, leftOut: 0 })
    expect(answer.metrics).toEqual(['loss', 'custom'])
    expect(answer.settings[0]).toMatchObject({ name: 'lr', n: 59, isNumeric: true, absence: null })
    expect(answer.settings[0]?.spearman?.value).toBeGreaterThan(0.9)
    expect(answer.settings.find(({ name }) => name === 'warmup')?.n).toBe(30)
    expect(answer.settings.find(({ name }) => name === 'mixed')?.isNumeric).toBe(false)
  })

  it('is the same as that of a comparison of these jobs', async () => {
    const some = uids.slice(0, limits.compareJobsMax)
    const { json } = await test.ask(`/api/compare?${some.map((uid) => `job=${uid}`).join('&')}`, {
      token: test.tokens.viewer,
    })
    const { jobs } = json as CompareAnswer // what this route answers with
    const parameters = compareRecords(jobs.map(({ config }) => config)).filter(({ differs }) => differs)
    const expected = rankParameters(
      parameters,
      jobs.map((job) => readResult(job, 'loss', 'best')),
    )
    const others = uids.slice(limits.compareJobsMax).map((uid) => `-uid:${uid}`)
    const answer = await ask(`search=${encodeURIComponent(`project:many ${others.join(' ')}`)}&metric=loss`)
    expect(answer.jobs).toBe(50)
    expect(answer.settings.map(({ name }) => name)).toEqual(expected.map(({ name }) => name))
    for (const [at, one] of answer.settings.entries()) {
      expect(one.n).toBe(expected[at]?.n)
      for (const measure of ['pearson', 'spearman', 'ratio'] as const) {
        // 9 stands for what cannot be told.
        expect(one[measure]?.value ?? 9).toBeCloseTo(expected[at]?.[measure]?.value ?? 9, 9)
        expect(one[measure]?.p ?? 9).toBeCloseTo(expected[at]?.[measure]?.p ?? 9, 9)
      }
    }
  })

  it('takes the metric that is asked for, its best value or its newest', async () => {
    const best = await ask('search=project:many&metric=custom')
    expect(best).toMatchObject({ metric: 'custom', goal: 'maximize', withMetric: 59 })
    expect(best.settings.every(({ absence }) => absence === 'constantMetric')).toBe(true)
    const last = await ask('search=project:many&metric=loss&value=last')
    expect(last.settings.every(({ absence }) => absence === 'constantMetric')).toBe(true)
  })

  it('says so where there is no job or no such metric, and refuses what it cannot read', async () => {
    expect(await ask('search=project:nobody')).toMatchObject({ total: 0, jobs: 0, metric: null, settings: [] })
    expect(await ask('search=project:many&metric=gone')).toMatchObject({ jobs: 60, metric: null, settings: [] })
    const { status } = await test.ask('/api/compare/influence?search=lr%3E%3E', { token: test.tokens.viewer })
    expect(status).toBe(400)
  })
})

it('counts of slices differ where one of them or two of them differ', () => {
  const count = (id: number, more: Partial<KeyCount>): KeyCount => {
    const empty = {
      kind: 'config' as const,
      key: 'k',
      jobs: 1,
      numbers: 0,
      low: null,
      high: null,
      first: null,
      last: null,
    }
    return { id, ...empty, ...more }
  }
  expect(
    mergeKeys([
      count(1, { numbers: 1, low: 2, high: 2 }),
      count(2, { first: 'a', last: 'b' }),
      count(1, { jobs: 2, numbers: 2, low: -1, high: 5 }),
      count(2, { first: 'b', last: 'b' }),
    ]),
  ).toEqual([count(1, { jobs: 3, numbers: 3, low: -1, high: 5 }), count(2, { jobs: 2, first: 'a', last: 'b' })])
})
