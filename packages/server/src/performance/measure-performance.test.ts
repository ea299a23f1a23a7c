import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestStorage, openTestStorage, pointsOf } from '../storage/test-storage.ts'

let test: TestStorage
beforeAll(async () => {
  test = await openTestStorage()
})
afterAll(() => test.close())

const measure = (uid: string) => test.storage.call('jobs.performance', { uid })
const minute = 60_000
const now = Date.now()

describe('the performance of a job', () => {
  it('is worked out from its points, its stages and what its hosts reported', async () => {
    const gpus = [0, 1].map((index) => ({ index, name: 'NVIDIA A100' }))
    await test.put('gpu-job', {
      createdAt: now - 11 * minute,
      startedAt: now - 10 * minute,
      hardware: { host: 'node1', gpus, gpuAbsence: null },
    })
    const time = now - 5 * minute
    await test.report('gpu-job', {
      stages: [
        { name: 'Dataset loading', state: 'active', at: now - 9 * minute },
        { name: 'Training', state: 'active', at: now - 6 * minute },
      ],
      points: [
        pointsOf(
          { loss: [3, 2, 1], tokens_per_second: [90, 110, 100], data_time: [0.1, 0.1, 0.1] },
          { first: 1, time },
        ),
        pointsOf({ 'gpu.utilization': [40, 60], 'gpu.power': [200, 300] }, { source: 'gpu:node1/0', time }),
        pointsOf({ 'gpu.utilization': [0, 0], 'gpu.power': [100, 100] }, { source: 'gpu:node1/1', time }),
        pointsOf({ 'cpu.utilization': [50, 70], 'memory.used': [1, 3] }, { source: 'host:node1', time }),
      ],
    })
    await test.report('gpu-job', { state: { state: 'completed', at: now } })
    const answer = await measure('gpu-job')
    expect(answer).toMatchObject({
      job: 'gpu-job',
      waitedMs: minute,
      steps: { first: 1, last: 3, perSecond: 1 },
      rates: [{ key: 'tokens_per_second', mean: 100, last: 100 }],
      gpuCount: 2,
      gpuUtilization: { mean: 25, peak: 60 },
      gpus: [
        { index: 0, name: 'NVIDIA A100', power: { mean: 250, peak: 300 } },
        { index: 1, utilization: { mean: 0, peak: 0 }, idleMs: 2_000 },
      ],
      hosts: [{ host: 'node1', cpu: { mean: 60, peak: 70 }, memory: { mean: 2, peak: 3, total: null } }],
      inputWait: { key: 'data_time', ms: expect.closeTo(300, 5) },
    })
    expect(answer.attempts).toMatchObject([
      {
        number: 1,
        state: 'completed',
        stages: [
          { name: 'Dataset loading', state: 'completed' },
          { name: 'Training', state: 'completed' },
        ],
      },
    ])
    // 0.25 kW for two seconds and 0.1 kW for two seconds.
    expect(answer.energyWh).toBeCloseTo((350 * 2) / 3_600, 3)
    expect(answer.gpuHours).toBeCloseTo((2 * answer.busyMs) / 3_600_000, 6)
  })

  it('has hints where its figures stand out, by what the store has of them', async () => {
    const start = now - 60 * minute
    await test.put('idle-gpu', { createdAt: start, startedAt: start })
    const samples = Array.from({ length: 360 }, (_, at) => at)
    const everyTenSeconds = (values: number[], source: string, key: string) => ({
      ...pointsOf({ [key]: values }, { source }),
      times: samples.map((at) => start + at * 10_000),
    })
    await test.report('idle-gpu', {
      points: [
        { ...pointsOf({ loss: [2, 1] }), times: [start, now] },
        everyTenSeconds(
          samples.map((at) => (at >= 60 && at < 180 ? 0 : 95)),
          'gpu:node1/0',
          'gpu.utilization',
        ),
      ],
    })
    await test.report('idle-gpu', { state: { state: 'completed', at: now } })
    expect((await measure('idle-gpu')).hints).toMatchObject([
      { kind: 'gpuIdle', title: expect.stringMatching(/^GPU 0 did next to nothing for (19|20) m/) },
    ])
    expect((await measure('gpu-job')).hints).toEqual([])
  })

  it('of a job that never started has nothing but when it was made', async () => {
    await test.put('waiting', { state: 'pending' })
    expect(await measure('waiting')).toMatchObject({
      attempts: [],
      waitedMs: null,
      busyMs: 0,
      steps: null,
      gpuHours: null,
    })
  })

  it('of an unknown job is not found', async () => {
    await expect(measure('nobody')).rejects.toMatchObject({ code: 'notFound' })
  })

  it('shows the stages of each attempt', async () => {
    const claim = (number: number) => ({ attempt: { claim: `slurm:c/1/${number}`, lasting: true } })
    await test.put('requeued', { ...claim(0), stages: ['Fit'] })
    await test.report('requeued', {
      stages: [{ name: 'Fit', state: 'active', at: now }],
      state: { state: 'failed', at: now + 10 },
    })
    const again = await test.put('requeued', { attempt: { claim: 'slurm:c/1/1', lasting: true, after: 'slurm:c/1/0' } })
    expect(again.attempt).toBe(2)
    await test.report('requeued', { attempt: 2, stages: [{ name: 'Fit', state: 'active', at: now + 20 }] })
    const { attempts } = await measure('requeued')
    expect(attempts).toMatchObject([
      { number: 1, state: 'failed', stages: [{ name: 'Fit', state: 'failed' }] },
      { number: 2, state: 'running', stages: [{ name: 'Fit', state: 'active' }] },
    ])
  })
})
