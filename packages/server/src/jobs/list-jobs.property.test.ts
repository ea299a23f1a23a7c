/** Pages of the list of jobs against a naive sort, while jobs come and go between two pages. */
import { type JobState, isEnded, jobQuery, jobSorts, jobStates } from '@pilothouse/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { StorageContext } from '../storage/operation.ts'
import { openTestDatabase } from '../storage/test-database.ts'
import { listJobs } from './list-jobs.ts'

type Sort = (typeof jobSorts)[number] | 'metric:loss' | 'min:loss' | 'config:opt'
type Order = 'asc' | 'desc'
type Draft = {
  name: string
  state: JobState
  created: number
  started: number | null
  ended: number | null
  heard: number | null
  /** Of a millisecond. */
  price: number | null
  model: string | null
  /** Last and lowest value. */
  loss: [number, number] | null
  opt: number | string | null
}
type Row = Draft & { id: number; uid: string }
type Change = { come: Draft[]; go: number[] }
type Walk = { jobs: Draft[]; changes: Change[]; limit: number; ended: boolean | undefined }

const sorts: readonly Sort[] = [...jobSorts, 'metric:loss', 'min:loss', 'config:opt']
const firstNow = 10
const hourMs = 3_600_000

/** Few values each, so that most jobs tie with others. */
const few = fc.integer({ min: 0, max: 3 })
const rarely = fc.option(few, { nil: null })
const word = fc.constantFrom('a', 'A', 'a b', 'a-b', 'b', 'B', '10', '9', 'ä', 'z', '\u{fffd}', '🚀')
const draft: fc.Arbitrary<Draft> = fc.record({
  name: word,
  state: fc.constantFrom(...jobStates),
  created: few,
  started: rarely,
  ended: rarely,
  heard: rarely,
  price: rarely,
  model: fc.option(word, { nil: null }),
  loss: fc.option(fc.tuple(few, few), { nil: null }),
  opt: fc.option(fc.oneof(few, word), { nil: null }),
})
const change = fc.record({
  come: fc.array(draft, { maxLength: 4 }),
  go: fc.array(fc.nat({ max: 1_000 }), { maxLength: 3 }),
})
const walk: fc.Arbitrary<Walk> = fc.record({
  jobs: fc.array(draft, { maxLength: 30 }),
  changes: fc.array(change, { maxLength: 6 }),
  limit: fc.integer({ min: 1, max: 8 }),
  ended: fc.constantFrom(undefined, true, false),
})

let opened: Awaited<ReturnType<typeof openTestDatabase>>
beforeAll(async () => {
  opened = await openTestDatabase()
  const { db } = opened.database
  for (const [kind, id] of [['metric', keys.metric] as const, ['config', keys.config] as const])
    await inTransaction(() =>
      db
        .insertInto('value_key')
        .values({ id, kind, key: kind === 'metric' ? 'loss' : 'opt' })
        .execute(),
    )
})
afterAll(() => opened.close())

it.each(sorts.flatMap((sort) => (['asc', 'desc'] as const).map((order) => ({ sort, order }))))(
  'by $sort $order, a job that is there throughout stands on one page exactly, in its place',
  async ({ sort, order }) => {
    await fc.assert(
      fc.asyncProperty(walk, async (plan) => checkWalk(plan, sort, order)),
      { numRuns: 25 },
    )
  },
)

async function checkWalk({ jobs, changes, limit, ended }: Walk, sort: Sort, order: Order): Promise<void> {
  const { db } = opened.database
  await inTransaction(() => db.deleteFrom('job').execute())
  await inTransaction(() => db.deleteFrom('job_value').execute())
  await inTransaction(() => db.deleteFrom('attempt').execute())
  let there = await insert(jobs)
  const ever = new Map(there.map((row) => [row.uid, row]))
  const staying = new Set(ever.keys())
  const seen: string[] = []
  let cursor: string | null | undefined
  for (let page = 0; cursor !== null; page += 1) {
    const query = jobQuery.parse({ sort, order, limit, ...(cursor === undefined ? {} : { cursor }) })
    // Time goes on from page to page: running jobs grow older, but not past each other.
    const context = { db, now: () => firstNow + page } as StorageContext // the list asks for no more
    const input = { query, onlyUid: null, ...(ended === undefined ? {} : { ended }) }
    const answer = await inTransaction(() => listJobs(context, input))
    expect(answer.jobs.length).toBeLessThanOrEqual(limit)
    if (answer.next !== null) expect(answer.jobs.length).toBe(limit)
    expect(answer.total).toBe(there.filter((row) => matches(row, ended)).length)
    seen.push(...answer.jobs.map(({ uid }) => uid))
    expect(seen.length).toBeLessThanOrEqual(ever.size) // a list that goes in circles has no end
    cursor = answer.next
    there = await apply(there, changes[page] ?? { come: [], go: [] })
    const left = new Set(there.map(({ uid }) => uid))
    for (const uid of staying) if (!left.has(uid)) staying.delete(uid)
    for (const row of there) ever.set(row.uid, row)
  }
  const sorted = [...ever.values()].filter((row) => matches(row, ended)).toSorted((a, b) => compare(a, b, sort, order))
  const places = sorted.map(({ uid }) => uid)
  expect(seen).toEqual(places.filter((uid) => seen.includes(uid)))
  expect(seen.filter((uid) => staying.has(uid))).toEqual(places.filter((uid) => staying.has(uid)))
}

let made = 0

async function insert(drafts: readonly Draft[]): Promise<Row[]> {
  if (drafts.length === 0) return []
  const rows = drafts.map((one) => ({ ...one, uid: `job-${(made += 1)}` }))
  const ids = await inTransaction(() =>
    opened.database.db.insertInto('job').values(rows.map(toColumns)).returning(['id', 'uid']).execute(),
  )
  const byUid = new Map(ids.map(({ uid, id }) => [uid, id]))
  const there = rows.map((row) => ({ ...row, id: byUid.get(row.uid) ?? Number.NaN }))
  await inTransaction(() => opened.database.db.insertInto('attempt').values(there.map(toAttempt)).execute())
  const values = there.flatMap(toValues)
  if (values.length > 0) await inTransaction(() => opened.database.db.insertInto('job_value').values(values).execute())
  return there
}

async function apply(there: readonly Row[], { come, go }: Change): Promise<Row[]> {
  const gone = new Set(go.flatMap((at) => there[at % Math.max(1, there.length)]?.id ?? []))
  if (gone.size > 0) {
    await inTransaction(() =>
      opened.database.db
        .deleteFrom('job')
        .where('id', 'in', [...gone])
        .execute(),
    )
  }
  return [...there.filter(({ id }) => !gone.has(id)), ...(await insert(come))]
}

const keys = { metric: 1, config: 2 }

function toValues({ id, loss, opt }: Row) {
  const row = { job_id: id, number: null, low: null, high: null, word: null }
  return [
    ...(loss ? [{ ...row, key_id: keys.metric, number: loss[0], low: loss[1] }] : []),
    ...(typeof opt === 'string' ? [{ ...row, key_id: keys.config, word: opt }] : []),
    ...(typeof opt === 'number' ? [{ ...row, key_id: keys.config, number: opt }] : []),
  ]
}

function toAttempt({ id, state, created, started, ended }: Row) {
  const counts = { log_lines: 0, log_bytes: 0, log_debug: 0, log_info: 0, log_warning: 0, log_error: 0 }
  const times = { created_ms: created, started_ms: started, ended_ms: ended }
  return { job_id: id, number: 1, owner_id: 1, state, sdk_spoke: 0, ...times, ...counts }
}

function toColumns({ uid, name, state, created, started, ended, heard, price, model }: Draft & { uid: string }) {
  const times = { created_ms: created, started_ms: started, ended_ms: ended, heard_ms: heard }
  const rest = { kind: 'training', owner_id: 1, project: name, model, tags: '[]', attempt: 1, branch: 0 } as const
  const cost = { hour_cost: price === null ? null : price * hourMs, hour_currency: price === null ? null : 'USD' }
  return { uid, name, state, ...times, ...rest, ...cost, search: name, gpus: 0, version: 0 }
}

function inTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
  return opened.database.transaction(work)
}

function matches({ state }: Row, ended: boolean | undefined): boolean {
  return ended === undefined || isEnded(state) === ended
}

/** What has no value comes last in either order; numbers stand before words. */
function compare(one: Row, other: Row, sort: Sort, order: Order): number {
  const [a, b] = [valueOf(one, sort), valueOf(other, sort)]
  const byStage = rank(a) - rank(b)
  if (byStage !== 0) return byStage
  const byValue = typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : Number(a) - Number(b)
  return (byValue || one.id - other.id) * (order === 'asc' ? 1 : -1)
}

function rank(value: number | string | null): number {
  if (value === null) return 2
  return typeof value === 'number' ? 0 : 1
}

function valueOf(row: Row, sort: Sort): number | string | null {
  const { name, state, created, started, ended, heard, price, model, loss, opt } = row
  switch (sort) {
    case 'created':
      return created
    case 'name':
    case 'project':
      return name
    case 'heard':
      return heard ?? 0
    case 'duration':
      return started === null ? -1 : (ended ?? firstNow) - started
    case 'cost':
      return price && (started === null ? 0 : price * Math.max(0, (ended ?? firstNow) - started))
    case 'state':
      return jobStates.indexOf(state)
    case 'started':
      return started
    case 'ended':
      return ended
    case 'model':
      return model
    case 'dataset':
    case 'target':
      return null
    case 'metric:loss':
      return loss && loss[0]
    case 'min:loss':
      return loss && loss[1]
    case 'config:opt':
      return opt
    default:
      return sort satisfies never
  }
}
