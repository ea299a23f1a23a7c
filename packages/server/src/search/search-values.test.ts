import { type RouteAnswer, limits } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
  const body = { config: { lr: 0.1, optim: 'adam', '50%_a': 1 }, summary: { loss_final: 2 } }
  await ask('/api/jobs/job-1', { method: 'PUT', body })
  await ask('/api/jobs/job-2', { method: 'PUT', body: {} })
  const points = [{ source: 'job', keys: ['loss'], steps: [0, 1], times: [0, 1], values: [[1, 3]] }]
  const report = { attempt: 1, writer: 'w', number: 1, role: 'sdk', sentAt: 0, points }
  await ask('/api/jobs/job-1/reports', { method: 'POST', body: report })
  await vi.waitFor(async () => expect(await listKeys('loss')).toContain('metric loss'), {
    timeout: 20_000,
    interval: 50,
  })
})
afterAll(() => test.close())

const ask = (path: string, question: object = {}) => test.ask(path, { token: test.tokens.admin, ...question })

async function listKeys(search: string, more = ''): Promise<string[]> {
  const { json } = await ask(`/api/search/keys?search=${encodeURIComponent(search)}${more}`)
  return (json as RouteAnswer<'search.keys'>).keys.map(({ kind, key }) => `${kind} ${key}`)
}

it('names are found by letters of theirs, those that begin with them first', async () => {
  expect(await listKeys('LO')).toEqual(['metric loss', 'summary loss_final'])
  expect(await listKeys('o', '&kind=config')).toEqual(['config optim'])
  expect(await listKeys('%_')).toEqual(['config 50%_a'])
  expect(await listKeys('', '&limit=2')).toHaveLength(2)
})

it('values stand in the order in which they were asked for, null where there is none', async () => {
  const names = [
    'config:lr',
    'max:loss',
    'metric:loss',
    'min:loss',
    'config:optim',
    'summary:loss_final',
    'metric:none',
  ]
  const query = names.map((name) => `value=${encodeURIComponent(name)}`).join('&')
  const { json } = await ask(`/api/search/values?uid=job-1&uid=job-2&${query}`)
  expect(json).toEqual({
    values: { 'job-1': [0.1, 3, 3, 1, 'adam', 2, null], 'job-2': names.map(() => null) },
  })
})

it('what is asked for is bounded', async () => {
  const uids = Array.from({ length: limits.searchValueJobsMax + 1 }, (_, at) => `uid=job-${at}`).join('&')
  expect((await ask(`/api/search/values?value=metric:loss&${uids}`)).status).toBe(400)
  expect((await ask('/api/search/values?uid=job-1&value=loss')).status).toBe(400)
})
