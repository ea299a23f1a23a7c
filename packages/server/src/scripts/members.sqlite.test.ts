import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Project, ScriptChoices } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { openGitYard } from '../../../../lab/git-yard.ts'
import { startTestServer } from '../http/test-server.ts'

it('where several people come, no script is run as one of them, whoever asks', async () => {
  const yard = openGitYard()
  yard.write('code/train.py', 'import argparse\nopen("ran", "w")\n')
  const dataFolder = mkdtempSync(join(yard.root, 'data-'))
  const settings = { dataFolder, projectRoots: [yard.root], gitEnvironment: yard.environment }
  const first = await startTestServer(settings)
  const body = { place: join(yard.root, 'code') }
  const { id } = (await first.ask('/api/projects', { method: 'POST', token: first.tokens.admin, body }))
    .json as Project & { id: number } // what this route answers with
  await first.close()
  const database = new DatabaseSync(join(dataFolder, 'pilothouse.db'))
  database.prepare("insert into member (name, role, created_ms) values ('Grace', 'member', 0)").run()
  database.close()
  const second = await startTestServer(settings)
  const token = second.tokens.admin
  const { here } = (await second.ask(`/api/projects/${id}/scripts`, { token })).json as ScriptChoices // as above
  expect(here.refusal).toContain('2 members')
  const question = { script: 'train.py', interpreter: 'python3', consent: true }
  const asked = await second.ask(`/api/projects/${id}/scripts/describe`, { method: 'POST', token, body: question })
  expect([asked.status, asked.json]).toMatchObject([403, { error: { message: here.refusal } }])
  await second.close()
  rmSync(dataFolder, { recursive: true })
  yard.close()
})
