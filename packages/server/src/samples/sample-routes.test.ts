import type { AlertPage, Job, SamplePage } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'

const gif = 'R0lGODlhAgADAIAAAP///wAAACwAAAAAAgADAAACAkQBADs='

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
  await test.ask('/api/jobs/job-1', { method: 'PUT', token: test.tokens.admin, body: { group: 'g', jobType: 'eval' } })
})
afterAll(() => test.close())

it('sends an image by what its bytes say, for a sandbox without scripts', async () => {
  await report({ samples: [{ kind: 'image', key: 'view', step: 1, at: 0, data: gif, caption: '<script>' }] })
  const { samples } = await read<SamplePage>('/api/jobs/job-1/samples?key=view&step=1')
  expect(samples[0]).toMatchObject({ type: 'image/gif', width: 2, height: 3, caption: '<script>' })
  const { status, headers } = await test.ask(samples[0]?.content ?? '', { token: test.tokens.viewer })
  expect(status).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'image/gif',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'content-disposition': expect.stringMatching(/^inline/),
  })
  const download = await test.ask(`${samples[0]?.content ?? ''}?download=true`, { token: test.tokens.viewer })
  expect(download.headers['content-disposition']).toMatch(/^attachment; filename="job-1-\d+\.gif"$/)
})

it('sends anything but an image as a download', async () => {
  await report({ samples: [{ kind: 'text', key: 'words', step: 1, at: 0, body: { output: '<b>' } }] })
  const { samples } = await read<SamplePage>('/api/jobs/job-1/samples?key=words')
  const { headers, json } = await test.ask(samples[0]?.content ?? '', { token: test.tokens.viewer })
  expect(headers['content-disposition']).toMatch(/^attachment/)
  expect(json).toMatchObject({ output: '<b>' })
})

it('does not find a sample under another job', async () => {
  await test.ask('/api/jobs/job-2', { method: 'PUT', token: test.tokens.admin, body: {} })
  const { samples } = await read<SamplePage>('/api/jobs/job-1/samples')
  const { status } = await test.ask(`/api/jobs/job-2/samples/${samples[0]?.id ?? 0}/content`, {
    token: test.tokens.viewer,
  })
  expect(status).toBe(404)
})

it('refuses a step and a range at once, and a cursor of another list', async () => {
  for (const query of ['step=1&from=0', 'cursor=xyz', 'step=a']) {
    const { status } = await test.ask(`/api/jobs/job-1/samples?${query}`, { token: test.tokens.viewer })
    expect(status, query).toBe(400)
  }
})

it('lists alerts, newest first, in pages', async () => {
  const alert = (title: string, level: string) => ({ title, level, at: Date.now(), text: 'a\0b' })
  await report({ alerts: [alert('one', 'info'), alert('two', 'error'), alert('three', 'warning')] })
  const first = await read<AlertPage>('/api/alerts?limit=2')
  expect(first.alerts.map(({ title }) => title)).toEqual(['three', 'two'])
  const second = await read<AlertPage>(`/api/alerts?limit=2&cursor=${String(first.next)}`)
  expect(second.alerts).toMatchObject([{ title: 'one', text: 'a�b', job: { uid: 'job-1' } }])
  expect((await read<AlertPage>('/api/alerts?level=error&job=job-1')).alerts).toHaveLength(1)
  expect((await read<Job>('/api/jobs/job-1')).alerts).toHaveLength(3)
})

it('keeps artifacts by name and version', async () => {
  const artifact = (sha: string, metadata = {}) => ({
    name: 'm',
    kind: 'model',
    uri: '/m.bin',
    host: 'h',
    at: 0,
    bytes: 3,
    sha256: sha.repeat(64),
    metadata,
  })
  const deployed = { name: 'chat', kind: 'deployment', uri: 'https://host/v1', at: 0 }
  await report({ artifacts: [artifact('a'), artifact('a', { note: 'the same' }), artifact('b'), deployed] })
  const { artifacts } = await read<Job>('/api/jobs/job-1')
  expect(artifacts.map(({ name, version }) => [name, version])).toEqual([
    ['chat', 1],
    ['m', 2],
  ])
  const { status } = await tryReport({ artifacts: [{ ...deployed, uri: 'javascript:alert(1)' }] })
  expect(status).toBe(400)
})

it('finds jobs by their group and job type, and tells what there is', async () => {
  expect(await read('/api/jobs?group=g&jobType=eval')).toMatchObject({
    total: 1,
    jobs: [{ group: 'g', jobType: 'eval' }],
  })
  expect(await read('/api/jobs?group=other')).toMatchObject({ total: 0 })
  expect(await read('/api/jobs/statistics')).toMatchObject({ groups: ['g'], jobTypes: ['eval'] })
})

it('takes what is best from what the script says', async () => {
  const points = [{ keys: ['loss'], steps: [1, 2], times: [0, 0], values: [[1, 3]] }]
  await report({ job: { metrics: [{ key: 'lo*', goal: 'maximize' }] }, points })
  expect(await read('/api/jobs/job-1')).toMatchObject({
    headline: { key: 'loss', best: 3, bestStep: 2, goal: 'maximize' },
    metrics: [{ key: 'lo*', goal: 'maximize' }],
  })
})

let number = 0

function tryReport(parts: object) {
  number += 1
  const body = { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: Date.now(), ...parts }
  return test.ask('/api/jobs/job-1/reports', { method: 'POST', token: test.tokens.admin, body })
}

async function report(parts: object): Promise<void> {
  const { status, text } = await tryReport(parts)
  expect({ status, text }).toMatchObject({ status: 200 })
}

async function read<Answer>(path: string): Promise<Answer> {
  const { status, json } = await test.ask(path, { token: test.tokens.viewer })
  expect(status).toBe(200)
  return json as Answer // what the route answers with
}
