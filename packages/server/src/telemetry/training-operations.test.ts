import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf } from '../storage/test-storage.ts'

const uid = 'job-1'
let test: TestStorage
beforeEach(async () => {
  test = await openTestStorage()
  await test.put(uid)
})
afterEach(() => test.close())

it('the short paths answer for the newest running job', async () => {
  await test.report(uid, {
    points: [
      pointsOf({ loss: [1], 'val/loss': [2], acc: [3] }),
      pointsOf({ 'cpu.utilization': [5] }, { source: 'host:h' }),
    ],
  })
  const read = (bytes: Uint8Array) =>
    JSON.parse(new TextDecoder().decode(bytes)) as { job: string; series: { key: string; source: string }[] }
  const losses = read(await test.storage.call('training.losses', { points: 10, format: 'json' }))
  expect([losses.job, losses.series.map(({ key }) => key).toSorted()]).toEqual([uid, ['loss', 'val/loss']])
  const resources = read(await test.storage.call('training.resources', { points: 10, format: 'json' }))
  expect(resources.series.map(({ key, source }) => [key, source])).toEqual([['cpu.utilization', 'host:h']])
  expect(await test.storage.call('training.status', { uid })).toMatchObject({
    uid,
    state: 'running',
    stage: 'Training',
    metrics: [{}, {}, {}],
  })
  expect(await test.storage.call('training.summary', null)).toMatchObject({
    statistics: { total: 1 },
    running: [{ uid }],
  })
  await test.report(uid, { state: { state: 'completed', at: Date.now() } })
  await expect(test.storage.call('training.losses', { points: 10, format: 'json' })).rejects.toMatchObject({
    code: 'notFound',
    field: 'job',
  })
})
