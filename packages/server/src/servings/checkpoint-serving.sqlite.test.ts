/** The loop: a training writes a checkpoint, that is served, and a batch goes through it. All of it for real. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CheckpointList, ModelList } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { findPython } from '../../../../lab/find-python.ts'
import { createBatch, openClient, readThrough } from '../batches/run-through-client.fixture.ts'
import { LaunchWorld } from '../launches/launch-world.fixture.ts'
import { patience, quickServing, ServingWorld } from './serving-world.fixture.ts'

const example = fileURLToPath(new URL('../../../../examples/pytorch_charlm', import.meta.url))
const sdk = fileURLToPath(new URL('../../../../python/src', import.meta.url))
const uid = 'charlm-1'

let folder: string
let world: ServingWorld
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ph-charlm-'))
  world = new ServingWorld(await LaunchWorld.open({}, { servingTimes: quickServing }))
})
afterAll(async () => {
  await world.launches.close()
  rmSync(folder, { recursive: true })
})

async function train(): Promise<string> {
  const path = join(folder, 'model of one.pt')
  writeFileSync(join(folder, 'verses.txt'), 'green bottles hanging on the wall\n'.repeat(800))
  const words = ['--text', folder, '--out', path, '--steps', '5', '--batch', '4', '--length', '16', '--width', '16']
  const env = { PATH: process.env['PATH'], PYTHONPATH: sdk, PILOTHOUSE_MODE: 'disabled', OMP_NUM_THREADS: '1' }
  await promisify(execFile)(findPython(), [join(example, 'train.py'), ...words], { env })
  return path
}

/** As the SDK reports a checkpoint that it has written, with its record beside it. */
async function report(path: string): Promise<number> {
  const name = basename(path)
  writeFileSync(`${path}.pilothouse.json`, JSON.stringify({ uid, name }))
  await world.ask(`/api/jobs/${uid}`, 'PUT', { name: 'charlm', project: 'charlm', attempt: {} })
  const place = { name, kind: 'manual', at: 0, step: 5, uri: path, host: hostname() }
  const steering = { checkpoints: [{ ...place, bytes: statSync(path).size, tookMs: 1 }] }
  const body = { attempt: 1, writer: 'trainer', number: 1, role: 'sdk', sentAt: 0, steering }
  await world.ask(`/api/jobs/${uid}/reports`, 'POST', body)
  const { checkpoints } = (await world.ask(`/api/jobs/${uid}/checkpoints`)).json as CheckpointList // what this route answers with
  return checkpoints[0]?.id ?? 0
}

it('a checkpoint is served, listed among the models, answers a batch, and is gone when it is stopped', async () => {
  const checkpointId = await report(await train())
  const words = [findPython(), join(example, 'serve.py'), '{model}', '--host', '{host}', '--port', '{port}']
  const started = await world.start({
    name: 'bottles',
    kind: 'custom',
    model: { jobUid: uid, checkpointId },
    command: [...words, '--name', '{name}'],
    environment: { PYTHONPATH: sdk, OMP_NUM_THREADS: '1' },
  })
  expect(started.source).toEqual({ path: join(folder, 'model of one.pt'), jobUid: uid, checkpointId })
  const ready = await world.until(started.id, 'ready')
  await vi.waitFor(async () => {
    const { data } = (await world.ask('/v1/models')).json as ModelList // what this route answers with
    expect(data).toMatchObject([{ id: 'bottles', owned_by: 'bottles' }])
  }, patience)
  const [engine] = await world.engines()
  if (!engine) throw new Error('There is no engine.')
  expect(engine.serving).toEqual({ id: started.id, jobUid: uid, checkpointId })
  const asked = (prompt: string) => ({ model: 'bottles', prompt, max_tokens: 4, temperature: 0 })
  const client = openClient(world.launches.test.server.url, world.launches.test.tokens.member)
  const bodies = { first: asked('green'), second: asked('wall') }
  const { id } = await createBatch(client, { endpoint: '/v1/completions', bodies })
  const { batch, answers } = await readThrough(client, id)
  expect(batch).toMatchObject({ status: 'completed', model: 'bottles', usage: { input_tokens: 9, output_tokens: 8 } })
  expect(answers.get('first')?.response?.body.choices[0]?.text).toHaveLength(4)
  expect(await world.launches.job(ready.jobUid)).toMatchObject({ kind: 'engine', state: 'running' })
  await world.stop(started.id)
  await world.until(started.id, 'stopped')
  expect(await world.engines()).toEqual([])
  await expect.poll(() => askPlain(engine.baseUrl)).toBe('nothing')
})

async function askPlain(url: string): Promise<number | 'nothing'> {
  return fetch(`${url}/v1/models`).then(
    ({ status }) => status,
    () => 'nothing',
  )
}
