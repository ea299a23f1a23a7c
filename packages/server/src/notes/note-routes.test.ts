import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Note } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { startTestServer } from '../http/test-server.ts'
import { askDatabase, makeTestDatabase } from '../storage/test-database.ts'

it('every change of a note is audited, with the note that it was done to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-test-'))
  const { url: databaseUrl, remove } = await makeTestDatabase()
  const test = await startTestServer({ dataFolder: folder, databaseUrl: databaseUrl ?? null })
  const { member, viewer } = test.tokens
  await test.ask('/api/jobs/job-0001', { method: 'PUT', token: test.tokens.admin, body: {} })
  const path = '/api/jobs/job-0001/notes'
  const { json } = await test.ask(path, { method: 'POST', token: member, body: { text: '<script>alert(1)</script>' } })
  const { id } = json as Note // what this route answers with
  await test.ask(`${path}/${id}`, { method: 'PATCH', token: member, body: { text: 'calmer' } })
  await test.ask(`${path}/${id}`, { method: 'DELETE', token: member })
  expect((await test.ask(path, { token: viewer })).json).toEqual({ notes: [], total: 0, next: null })
  await test.ask(`${path}/${id}/restore`, { method: 'POST', token: member })
  expect((await test.ask(path, { token: viewer })).json).toMatchObject({ notes: [{ text: 'calmer' }], total: 1 })
  await test.close()
  const listAudit = "select action, detail from audit where action like 'notes.%' order by id"
  const rows = await askDatabase({ folder, databaseUrl }, listAudit)
  expect(rows.map(({ action, detail }) => [action, detail])).toEqual([
    ['notes.create', null],
    ['notes.edit', `{"id":"${id}"}`],
    ['notes.delete', `{"id":"${id}"}`],
    ['notes.restore', `{"id":"${id}"}`],
  ])
  await remove()
  await rm(folder, { recursive: true })
})
