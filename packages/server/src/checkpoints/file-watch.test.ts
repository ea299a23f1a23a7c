import { mkdir, mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checkpoint } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CopyJob, content, manifestOf } from '../copies/copies.fixture.ts'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { lookForFiles } from './look-for-files.ts'

const patient = { timeout: 30_000 }

let test: TestServer
let folder: string
beforeAll(async () => {
  test = await startTestServer({}, { lookPace: { roundMs: 50, lookMs: 0, corruptMs: 0 } })
  folder = await mkdtemp(join(tmpdir(), 'pilothouse-looks-'))
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true, force: true })
})

it('files that go, change and come back are told, with since when; what cannot be looked at is no fault', async () => {
  const place = join(folder, 'kept')
  await mkdir(place)
  const job = await CopyJob.start(test, 'looks-1')
  const bytes = content(2_000)
  await job.write(place, 'one', { one: bytes })
  await job.write(place, 'tree', { 'a/b': content(10), c: content(3) })
  const read = (name: string): Promise<Checkpoint> => job.checkpoint(name)
  // Nobody looks while it runs: it does so itself.
  await unlink(join(place, 'tree', 'c'))
  await job.report({ state: { state: 'completed', at: Date.now() } })
  await expect
    .poll(() => read('tree'), patient)
    .toMatchObject({
      state: 'corrupt',
      stateReason: `${join(place, 'tree')} has 10 B instead of 13 B.`,
      faultSince: expect.any(Number),
    })
  await expect.poll(async () => (await read('one')).seenAt, patient).not.toBeNull()
  await rename(join(place, 'one'), join(folder, 'away'))
  await expect.poll(() => read('one'), patient).toMatchObject({ state: 'missing', faultSince: expect.any(Number) })
  // The folder itself is gone, as on a disk that is not mounted: nothing is known, and nothing new is said to be missing.
  await rename(place, join(folder, 'unmounted'))
  const hidden = {
    hidden: { reason: `${place} is not there: its disk may not be mounted.`, since: expect.any(Number) },
  }
  await expect.poll(() => read('tree'), patient).toMatchObject({ state: 'corrupt', ...hidden })
  await rename(join(folder, 'unmounted'), place)
  await rename(join(folder, 'away'), join(place, 'one'))
  await expect
    .poll(() => read('one'), patient)
    .toMatchObject({ state: 'present', faultSince: null, hidden: null, summedAt: expect.any(Number) })
  // As large, and other bytes: only reading them shows it, and the right ones make it fine again.
  await writeFile(join(place, 'one'), content(2_000))
  const { id } = await read('one')
  expect((await job.ask(`/checkpoints/${id}/check`, { method: 'POST' })).json).toMatchObject({
    state: 'corrupt',
    stateReason: `${join(place, 'one')} has other bytes than were written: its checksum is another one.`,
  })
  await writeFile(join(place, 'one'), bytes)
  await expect.poll(async () => (await read('one')).state, patient).toBe('present')
  expect((await job.ask(`/checkpoints/${id}/check`, { method: 'POST' })).json).toMatchObject({
    state: 'present',
    stateReason: null,
  })
})

it('what a job merely says to be here is not read, and what lies elsewhere not looked at', async () => {
  const job = await CopyJob.start(test, 'looks-2')
  const one = await job.write(folder, 'theirs', { theirs: content(10) })
  await writeFile(
    join(folder, 'theirs.pilothouse.json'),
    JSON.stringify({ version: 1, uid: 'another', name: 'theirs' }),
  )
  expect((await job.ask(`/checkpoints/${one.id}/check`, { method: 'POST' })).json).toMatchObject({
    state: 'present',
    hidden: { reason: expect.stringContaining('does not say that this job has written it') },
  })
  const far = await job.tell('far', manifestOf({ far: content(3) }))
  expect((await job.ask(`/checkpoints/${far.id}/check`, { method: 'POST' })).json).toMatchObject({
    error: { code: 'conflict', message: '«far» lies on node7, which is not reached from here.' },
  })
  // The job has not told of it yet.
  await writeFile(
    join(folder, 'theirs.pilothouse.json'),
    JSON.stringify({ version: 1, uid: 'looks-2', name: 'theirs', sha256: 'b' }),
  )
  expect((await job.ask(`/checkpoints/${one.id}/check`, { method: 'POST' })).json).toMatchObject({
    state: 'present',
    hidden: { reason: expect.stringContaining('has been written again') },
  })
})

it('a missing file on another disk than before is not known to be missing', async () => {
  const uri = join(folder, 'nothing')
  const asked = { uid: 'looks-3', name: 'nothing', uri, host: hostname(), bytes: 1, sha256: null }
  expect(await lookForFiles({ ...asked, device: null })).toMatchObject({ state: 'missing' })
  expect(await lookForFiles({ ...asked, device: '-1' })).toMatchObject({ state: 'hidden' })
})
