import { afterEach, describe, expect, it } from 'vitest'
import { type TestStorage, linesOf, openTestStorage, pointsOf } from './test-storage.ts'

let test: TestStorage
afterEach(() => test.close())

describe('the storage', () => {
  it('carries a job from its first report to the answer of a query', async () => {
    test = await openTestStorage()
    expect(await test.put('job-1', { name: 'first', tags: ['a', 'b'], totalSteps: 10 })).toMatchObject({
      uid: 'job-1',
      attempt: 1,
      branch: 0,
      page: '/job/job-1',
    })
    const ack = await test.report('job-1', {
      points: [pointsOf({ loss: [3, 2, 1], acc: [0.1, 0.2, Number.NaN] })],
      logs: [linesOf(['hello', 'ERROR: no'])],
    })
    expect(ack).toMatchObject({ number: 1, repeated: false, state: 'running' })
    const { series } = await test.query('job-1', { key: ['loss'] })
    expect(series.map(({ key, total, x, last }) => ({ key, total, x: Array.from(x), last: Array.from(last) }))).toEqual(
      [{ key: 'loss', total: 3, x: [0, 1, 2], last: [3, 2, 1] }],
    )
    const page = await test.storage.call('logs.page', { uid: 'job-1', query: { count: 10 } })
    expect(page).toMatchObject({ total: 2, levels: { debug: 0, info: 1, warning: 0, error: 1 }, bytes: 16 })
    expect(page.lines.map(({ n, text, level }) => [n, text, level])).toEqual([
      [0, 'hello', 'info'],
      [1, 'ERROR: no', 'error'],
    ])
    const job = await test.storage.call('jobs.get', { uid: 'job-1' })
    expect(job).toMatchObject({
      name: 'first',
      state: 'running',
      stage: 'Training',
      tags: ['a', 'b'],
      owner: { name: 'admin' },
      headline: { key: 'loss', last: 1, best: 1 },
    })
    expect(job.progress).toMatchObject({ step: 2, totalSteps: 10, fraction: 0.2 })
  })

  it('has everything after it was closed and opened again', async () => {
    test = await openTestStorage()
    await test.put('job-1')
    await test.report('job-1', { points: [pointsOf({ loss: [1, 2] })], logs: [linesOf(['a'])] })
    await test.reopen()
    expect((await test.query('job-1')).series[0]).toMatchObject({ key: 'loss', total: 2 })
    expect((await test.storage.call('logs.page', { uid: 'job-1', query: { count: 10 } })).lines).toHaveLength(1)
    expect((await test.report('job-1', { number: 1, points: [pointsOf({ loss: [9] })] })).repeated).toBe(true)
  })

  it('keeps text that not every database can hold in the same way on all', async () => {
    test = await openTestStorage()
    await test.put('job-1', { name: 'a\0b\ud800', tags: ['t\0'] })
    await test.report('job-1', {
      points: [pointsOf({ 'k\0': [1] })],
      logs: [linesOf(['line\0', 'x'], 'stdout', 'o\0')],
    })
    expect(await test.storage.call('jobs.get', { uid: 'job-1' })).toMatchObject({ name: 'a\uFFFDb\uFFFD' })
    expect((await test.query('job-1')).series[0]?.key).toBe('k\0')
    const query = { count: 10 }
    const [line] = (await test.storage.call('logs.page', { uid: 'job-1', query })).lines
    expect(line?.text).toBe('line\0')
  })
})
