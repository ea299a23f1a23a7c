import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Proposed } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { startTestServer } from '../http/test-server.ts'
import { askDatabase, makeTestDatabase } from '../storage/test-database.ts'

it('a proposal is answered with 202, and told apart from a change in the audit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-test-'))
  const { url: databaseUrl, remove } = await makeTestDatabase()
  const test = await startTestServer({ dataFolder: folder, databaseUrl: databaseUrl ?? null })
  const { admin, member } = test.tokens
  const path = '/api/jobs/job-0001'
  await test.ask(path, { method: 'PUT', token: admin, body: { project: 'careful' } })
  const controls = { kinds: ['set', 'schedule'], parameters: [{ key: 'lr', type: 'number', value: 0.1 }] }
  const report = { attempt: 1, writer: 'script', number: 1, role: 'sdk', sentAt: 0, steering: { controls } }
  await test.ask(`${path}/reports`, { method: 'POST', token: admin, body: report })
  const change = (token: string, body: object) => test.ask(`${path}/parameters/lr`, { method: 'PUT', token, body })

  expect(await change(member, { value: 0.2 })).toMatchObject({ status: 200, json: { kind: 'set', state: 'created' } })
  const wanted = { projects: [' careful ', ''] }
  const set = (body: object) => test.ask('/api/system/approval', { method: 'PUT', token: admin, body })
  expect(await set(wanted)).toMatchObject({ status: 400, json: { error: { field: 'projects[1]' } } })
  expect(await set({ projects: ['careful'] })).toMatchObject({ status: 200, json: { all: false } })

  const proposed = await change(member, { value: 0.3, note: 'please' })
  expect(proposed).toMatchObject({ status: 202, json: { message: expect.stringContaining('an admin has to approve') } })
  const [{ id } = { id: 0 }] = (proposed.json as Proposed).proposals // what this route answers a member with there
  expect(await change(admin, { value: 0.4 })).toMatchObject({ status: 200, json: { state: 'created' } })
  const move = { schedule: { key: 'lr', shape: { kind: 'set', to: 0.01 } } }
  expect(await test.ask(`${path}/schedules`, { method: 'POST', token: member, body: move })).toMatchObject({
    status: 202,
    json: { proposals: [{ kind: 'schedule' }] },
  })
  const decline = { method: 'POST', token: admin, body: { reason: 'no' } }
  expect(await test.ask(`${path}/proposals/${id}/decline`, decline)).toMatchObject({
    status: 200,
    json: { state: 'declined', reason: 'no' },
  })
  expect(await test.ask(`${path}/proposals/99/withdraw`, { method: 'POST', token: member })).toMatchObject({
    status: 404,
  })
  await test.close()
  const listAudit = `select action, detail from audit where subject = 'job-0001' order by id`
  const rows = await askDatabase({ folder, databaseUrl }, listAudit)
  expect(rows.map(({ action, detail }) => [action, detail]).slice(1)).toEqual([
    ['parameters.set', '{"key":"lr"}'],
    ['parameters.set', '{"key":"lr","isProposed":true}'],
    ['parameters.set', '{"key":"lr"}'],
    ['schedules.create', '{"isProposed":true}'],
    ['proposals.decline', `{"id":"${id}"}`],
  ])
  await remove()
  await rm(folder, { recursive: true })
})
