import { afterEach, describe, expect, it } from 'vitest'
import { type TestStorage, linesOf, openTestStorage, pointsOf } from './test-storage.ts'

let test: TestStorage | undefined
afterEach(async () => {
  await test?.close()
  test = undefined
})

describe('a full disk', () => {
  it('refuses reports clearly, goes on reading, and takes them in again once there is space', async () => {
    test = await openTestStorage({ pagesMax: 400 })
    await test.put('job-1')
    const values = () => Array.from({ length: 5_000 }, () => Math.random())
    let taken = 0
    const fill = async () => {
      for (; taken < 200; taken += 1)
        await test?.report('job-1', {
          number: taken + 1,
          points: [pointsOf({ loss: values() }, { first: taken * 5_000 })],
          logs: [linesOf([`line ${taken}`])],
        })
    }
    await expect(fill()).rejects.toMatchObject({ code: 'diskFull', status: 507 })
    expect(taken).toBeGreaterThan(3)
    expect((await test.query('job-1')).series[0]?.total).toBe(taken * 5_000)
    expect(await test.storage.call('jobs.get', { uid: 'job-1' })).toMatchObject({
      state: 'running',
      attempts: [{ logLines: taken }],
    })
    expect(await test.storage.call('storage.status', null)).toMatchObject({ writable: false })
    await test.reopen({ pagesMax: 100_000 })
    expect((await test.query('job-1')).series[0]?.total).toBe(taken * 5_000)
    expect(
      await test.report('job-1', {
        number: taken + 1,
        points: [pointsOf({ loss: values() })],
        logs: [linesOf(['after'])],
      }),
    ).toMatchObject({ repeated: false })
    expect((await test.query('job-1')).series[0]?.total).toBe((taken + 1) * 5_000)
    expect(await test.storage.call('storage.status', null)).toMatchObject({ writable: true })
  })

  it('lets small things through that still fit, and frees space by deleting', async () => {
    test = await openTestStorage({ pagesMax: 400 })
    await test.put('job-1')
    const values = Array.from({ length: 20_000 }, () => Math.random())
    const fill = async () => {
      for (;;) await test?.report('job-1', { points: [pointsOf({ loss: values })] })
    }
    await expect(fill()).rejects.toMatchObject({ code: 'diskFull' })
    await test.storage.call('jobs.delete', { uid: 'job-1', actor: test.admin, now: true })
    await test.reopen()
    await test.put('job-2')
    expect(await test.report('job-2', { points: [pointsOf({ loss: [1, 2] })] })).toMatchObject({ repeated: false })
  })
})
