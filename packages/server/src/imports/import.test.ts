import type { ImportAnswer, Job, JobPage, LatestAnswer } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { currentJobs, pastJobs } from './old-files.fixture.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
})
afterAll(() => test.close())

async function send(body: unknown, query = 'file=past-jobs.json'): Promise<ImportAnswer> {
  const { status, json } = await test.ask(`/api/import?${query}`, { method: 'POST', token: test.tokens.member, body })
  expect(json).toMatchObject({ counts: {} })
  expect(status).toBe(200)
  return json as ImportAnswer // what this route answers with
}

async function getJob(uid: string): Promise<Job> {
  return (await test.ask(`/api/jobs/${uid}`, { token: test.tokens.viewer })).json as Job // what this route answers with
}

/** The rate and the time left are reckoned anew for every answer. */
function withoutNow({ progress, ...job }: Job): unknown {
  return { ...job, progress: progress && { ...progress, at: 0 } }
}

async function getLatest(uid: string): Promise<LatestAnswer['metrics']> {
  const { json } = await test.ask(`/api/jobs/${uid}/metrics/latest`, { token: test.tokens.viewer })
  return (json as LatestAnswer).metrics // what this route answers with
}

it('a trial run tells what would come and changes nothing', async () => {
  const answer = await send(pastJobs, 'file=past-jobs.json&dryRun=true')
  expect(answer).toMatchObject({ dryRun: true, counts: { imported: 2, updated: 0, unchanged: 0, refused: 0 } })
  expect((await test.ask('/api/jobs/ft-2025-001', { token: test.tokens.viewer })).status).toBe(404)
})

it('completed and failed jobs are as the file tells them, and say what it lacks', async () => {
  const { counts, problems, jobs } = await send(pastJobs)
  expect({ counts, problems }).toEqual({ counts: { imported: 2, updated: 0, unchanged: 0, refused: 0 }, problems: [] })
  expect(jobs.map(({ lacks }) => lacks)).toEqual([['curves', 'log'], ['stages']])
  const start = Date.parse('2025-03-01T09:00:00Z')
  expect(await getJob('ft-2025-001')).toMatchObject({
    name: 'support-bot',
    state: 'completed',
    stateReason: 'Imported from past-jobs.json: final values, no curves.',
    model: 'llama-3-8b',
    dataset: 'tickets-v2',
    tags: ['imported', 'support', 'lora'],
    createdAt: start,
    startedAt: start,
    endedAt: Date.parse('2025-03-01T11:30:00Z'),
    config: { learning_rate: 0.0002, imported: { file: 'past-jobs.json', costEstimate: '12 USD' } },
    summary: { loss: 0.41, accuracy: 0.93, f1: 0.91, deployment: { endpoint: 'support-bot-v3' } },
    headline: null,
  })
  const { stages } = await getJob('ft-2025-001')
  expect(stages.map(({ name, state }) => `${name} ${state}`)).toEqual(
    ['Dataset Loading', 'Tokenization', 'Training', 'Validation', 'Save Model'].map((name) => `${name} completed`),
  )
  expect(stages[2]).toMatchObject({ startedAt: start + 450_000, endedAt: start + 7_650_000 })
})

it('a failed job has its error, its progress, its curve and its log', async () => {
  const job = await getJob('ft-2025-002')
  expect(job).toMatchObject({
    state: 'failed',
    model: 'bert-base',
    errorMessage: 'CUDA out of memory',
    error: {
      type: 'OutOfMemory',
      message: 'CUDA out of memory\nsuggestedFixes: ["Use a smaller batch"]',
      stage: 'Training',
    },
    progress: { fraction: 0.43 },
    attempts: [{ logLines: 2 }],
  })
  const latest = await getLatest('ft-2025-002')
  expect(latest.map(({ key, step, value, total }) => ({ key, step, value, total }))).toEqual([
    { key: 'loss', step: 20, value: 1.4, total: 2 },
    { key: 'val_loss', step: 20, value: 'NaN', total: 2 },
  ])
  expect(latest[0]?.time).toBeCloseTo(Date.parse('2025-03-02T09:15:00Z'), -3)
})

it('the same file again changes nothing', async () => {
  const read = async () => (await Promise.all(['ft-2025-001', 'ft-2025-002'].map(getJob))).map(withoutNow)
  const before = await read()
  expect((await send(pastJobs)).counts).toEqual({ imported: 0, updated: 0, unchanged: 2, refused: 0 })
  expect(await read()).toEqual(before)
})

describe('jobs that had not ended', () => {
  it('are lost, because nobody reports them here, and keep what is known', async () => {
    const { jobs } = await send(currentJobs, 'file=current-jobs.json')
    expect(jobs.map(({ place, outcome, state }) => ({ place, outcome, state }))).toEqual([
      { place: 'jobs[0]', outcome: 'imported', state: 'lost' },
      { place: 'jobs[1]', outcome: 'imported', state: 'lost' },
    ])
    expect(await getJob('ft-2025-003')).toMatchObject({
      name: 'summariser',
      state: 'lost',
      stateReason: 'It was running when current-jobs.json was written; nothing has reported it here.',
      createdAt: 1_741_000_000_000,
      startedAt: 1_741_000_600_000,
      endedAt: 1_741_004_200_000,
      headline: { key: 'loss', last: 1.2 },
      progress: { step: 500, totalSteps: 2000 },
    })
    const waited = await getJob(jobs[1]?.uid ?? '')
    expect(waited.stateReason).toContain('It was waiting')
    expect([waited.startedAt, waited.attempts[0]?.startedAt]).toEqual([null, null])
  })

  it('move on when a later file tells how they ended, and keep what their owner changed', async () => {
    const token = test.tokens.member
    await test.ask('/api/jobs/ft-2025-003', { method: 'PATCH', token, body: { name: 'my summariser', tags: ['mine'] } })
    const [running] = currentJobs.jobs
    const later = {
      ...running,
      state: 'completed',
      ended_at: 1_741_009_000,
      metrics: { loss: [2.5, 1.9, 1.2, 0.7], step: [100, 300, 500, 2000], accuracy: 0.8 },
    }
    expect((await send([later])).jobs).toMatchObject([{ outcome: 'updated', state: 'completed' }])
    expect(await getJob('ft-2025-003')).toMatchObject({
      name: 'my summariser',
      tags: ['mine'],
      state: 'completed',
      stateReason: null,
      endedAt: 1_741_009_000_000,
      summary: { accuracy: 0.8 },
    })
    expect(await getLatest('ft-2025-003')).toMatchObject([{ key: 'loss', step: 2000, value: 0.7, total: 4 }])
    expect((await send([later])).counts).toMatchObject({ unchanged: 1 })
  })
})

describe('what is wrong in a file', () => {
  it('is told with place, field and what was expected, and the rest is taken', async () => {
    const { counts, problems } = await send({
      jobs: [
        { id: 'half-good', name: 'half', status: 'exploded', startTime: 'yesterday', endTime: 4e15, tags: { a: 1 } },
        'no job',
        { status: 'completed' },
        { id: 'half-good', status: 'failed' },
        { id: 'whole', status: 'done', metrics: [1, 2] },
      ],
    })
    expect(counts).toEqual({ imported: 2, updated: 0, unchanged: 0, refused: 3 })
    expect(problems.map(({ place, field, message }) => `${place} ${field ?? '-'}: ${message}`)).toEqual([
      'jobs[0] startTime: startTime is «yesterday».',
      'jobs[0] endTime: endTime is «4000000000000000».',
      'jobs[0] status: status is «exploded».',
      'jobs[0] tags: tags is an object.',
      'jobs[1] -: This is no job.',
      'jobs[2] -: Nothing tells this job from others.',
      'jobs[3] uid: The job «half-good» stands in this file twice; the first one counts.',
      'jobs[4] metrics: metrics is a list of 2.',
    ])
    expect(problems.every(({ expected }) => expected.length > 5)).toBe(true)
    expect(await getJob('half-good')).toMatchObject({ state: 'lost', config: { imported: { status: 'exploded' } } })
  })

  it('never touches a job that was reported here', async () => {
    const token = test.tokens.member
    await test.ask('/api/jobs/real-0001', { method: 'PUT', token, body: { name: 'real' } })
    const { counts, problems } = await send([{ uid: 'real-0001', name: 'old', status: 'failed' }])
    expect(counts).toMatchObject({ refused: 1 })
    expect(problems).toMatchObject([{ place: '[0]', field: 'uid', message: expect.stringContaining('did not come') }])
    expect(await getJob('real-0001')).toMatchObject({ name: 'real', state: 'running' })
  })

  it('ids that are no uids of ours become some, always the same', async () => {
    const file = { jobs: { '../../etc': { name: 'one', status: 'done' }, 'job 7': { name: 'two', status: 'done' } } }
    const first = await send(file)
    expect(first.jobs.map(({ place, uid }) => [place, uid])).toEqual([
      ['jobs.../../etc', expect.stringMatching(/^old-[0-9a-f]{16}$/)],
      ['jobs.job 7', expect.stringMatching(/^old-[0-9a-f]{16}$/)],
    ])
    expect((await send(file)).counts).toMatchObject({ unchanged: 2 })
  })

  it('is refused whole when there are no jobs in it, or too many', async () => {
    const ask = (body: unknown) => test.ask('/api/import', { method: 'POST', token: test.tokens.member, body })
    for (const body of [{}, 'text', 7, null, { version: 1 }])
      expect(await ask(body)).toMatchObject({ status: 400, json: { error: { code: 'invalid' } } })
    expect(await ask([])).toMatchObject({ status: 200, json: { jobs: [] } })
    expect(await ask(Array.from({ length: 1_001 }, () => ({})))).toMatchObject({ status: 413 })
    expect(await ask(Buffer.from('[{"uid": "cut-off"'))).toMatchObject({
      status: 400,
      json: { error: { code: 'malformed' } },
    })
    expect(await ask(Buffer.from('[{"__proto__": {"uid": "x"}}]'))).toMatchObject({ status: 400 })
    expect(await ask(Buffer.alloc(9 * 1024 * 1024, '['))).toMatchObject({ status: 413 })
  })

  it('survives what is odd: deep nesting, huge texts, numbers beyond all bounds', async () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const odd = [
      `{"uid": "deep-one", "status": "done", "config": {"a": ${deep}}}`,
      `{"uid": "long-one", "status": "done", "config": {"a": "${'x'.repeat(600_000)}"}}`,
      '{"uid": "wild-one", "status": "failed", "progress": 1e999, "totalSteps": -5, "duration": 1e300, "error": ["a"]}',
      '{"uid": "good-one", "status": "done", "losses": [3, 2, 1]}',
    ]
    const { jobs, problems } = await send(Buffer.from(`[${odd.join()}]`))
    expect(jobs.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'imported', 'imported'])
    expect(problems.map(({ place }) => place)).toEqual(expect.arrayContaining(['[0]', '[1]', '[2]']))
    expect(await getLatest('good-one')).toMatchObject([{ key: 'loss', step: 3, value: 1, total: 3 }])
  })
})

it('imported jobs are found by their tag', async () => {
  const { json } = await test.ask('/api/jobs?tag=imported&search=support', { token: test.tokens.viewer })
  expect((json as JobPage).jobs.map(({ uid }) => uid)).toEqual(['ft-2025-001']) // what this route answers with
})
