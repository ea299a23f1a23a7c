import type { TimedAttempt } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { bucketSeries, makeSeries } from './resource-series.fixture.ts'
import { type PerformanceInput, summarisePerformance } from './summarise-performance.ts'

const hour = 3_600_000

function attempt(number: number, startedAt: number, endedAt: number | null): TimedAttempt {
  return { number, state: endedAt === null ? 'running' : 'completed', startedAt, endedAt, stages: [] }
}

function summarise(parts: Partial<PerformanceInput> = {}) {
  return summarisePerformance({
    job: 'job-1',
    now: 10 * hour,
    createdAt: 0,
    attempts: [attempt(1, hour, 3 * hour)],
    attemptsLeftOut: 0,
    leftOutMs: 0,
    price: null,
    hardware: [],
    span: null,
    own: [],
    resources: [],
    ...parts,
  })
}

describe('the performance of a job', () => {
  it('has only its times where nothing else was reported', () => {
    expect(summarise()).toMatchObject({
      waitedMs: hour,
      busyMs: 2 * hour,
      steps: null,
      rates: [],
      gpuCount: 0,
      gpuHours: null,
      gpuUtilization: null,
      energyWh: null,
      inputWait: null,
      gpus: [],
      hosts: [],
    })
  })

  it('counts the GPUs of its hosts times the hours of all attempts, the one under way up to now', () => {
    const gpus = [0, 1, 2, 3].map((index) => ({ index, name: 'A100' }))
    const hardware = [{ host: 'node1', gpus, gpuAbsence: null }]
    const attempts = [attempt(1, hour, 2 * hour), attempt(2, 8 * hour, null)]
    expect(summarise({ hardware, attempts })).toMatchObject({ busyMs: 3 * hour, gpuCount: 4, gpuHours: 12 })
  })

  it('costs the hours of all attempts, those that are not shown included', () => {
    const parts = [{ kind: 'gpu' as const, name: 'A100', count: 2, perHour: 1.5 }]
    const attempts = [attempt(21, 8 * hour, null)]
    const found = summarise({ attempts, attemptsLeftOut: 20, leftOutMs: 4 * hour, price: { currency: 'USD', parts } })
    expect(found.cost).toEqual({ amount: 18, currency: 'USD', hours: 6, parts })
    expect(found.busyMs).toBe(6 * hour)
    expect(summarise().cost).toBeNull()
  })

  it('integrates power over time, whatever the buckets', () => {
    const power = makeSeries(
      'gpu.power',
      Array.from({ length: 1_800 }, () => 250),
    )
    for (const resources of [[power], [bucketSeries(power, 60)]]) {
      expect(summarise({ resources }).energyWh).toBeCloseTo(250, 5)
    }
    expect(summarise({ resources: [makeSeries('gpu.utilization', [50])] }).energyWh).toBeNull()
  })

  it('does not count a time in which nobody sampled', () => {
    const before = makeSeries(
      'gpu.power',
      Array.from({ length: 900 }, () => 200),
    )
    const after = makeSeries(
      'gpu.power',
      Array.from({ length: 900 }, () => 200),
      { from: 5 * hour },
    )
    const join = (name: 'x' | 'xLast' | 'mean' | 'min' | 'max' | 'n') => [
      ...Array.from(before[name]),
      ...Array.from(after[name]),
    ]
    const resources = [
      {
        ...before,
        x: join('x'),
        xLast: join('xLast'),
        mean: join('mean'),
        min: join('min'),
        max: join('max'),
        n: join('n'),
      },
    ]
    expect(summarise({ resources }).energyWh).toBeCloseTo(200, 0)
  })

  it('tells mean and peak of use and memory, and the time in which a GPU did nothing', () => {
    const resources = [
      makeSeries('gpu.utilization', [...Array.from({ length: 30 }, () => 0), ...Array.from({ length: 90 }, () => 80)]),
      makeSeries('gpu.memory.used', [10, 30, 20]),
      makeSeries('gpu.memory.total', [40, 40, 40]),
      makeSeries('cpu.utilization', [20, 40], { source: 'host:node1' }),
    ]
    const figures = summarise({ resources })
    expect(figures).toMatchObject({
      gpuCount: 1,
      gpuUtilization: { mean: 60, peak: 80 },
      gpuMemoryPeak: 75,
      gpuIdleMs: 60_000,
    })
    expect(figures.gpus).toMatchObject([
      { host: 'node1', index: 0, memory: { mean: 20, peak: 30, total: 40 }, power: null },
    ])
    expect(figures.hosts).toMatchObject([{ host: 'node1', cpu: { mean: 30, peak: 40 }, memory: null }])
  })

  it('lists GPUs in the order of their numbers', () => {
    const resources = [10, 2, 0].map((index) => makeSeries('gpu.utilization', [1], { source: `gpu:node1/${index}` }))
    expect(summarise({ resources }).gpus.map(({ index }) => index)).toEqual([0, 2, 10])
  })

  it('measures steps a second over its points, without the time between two attempts', () => {
    const attempts = [attempt(1, hour, 2 * hour), attempt(2, 8 * hour, 9 * hour)]
    const span = { firstStep: 0, lastStep: 7_200, firstAt: hour, lastAt: 9 * hour }
    expect(summarise({ attempts, span }).steps).toEqual({ first: 0, last: 7_200, perSecond: 1 })
  })

  it('repeats the rates that the script logs, and no other metric', () => {
    const own = [
      { key: 'train_samples_per_second', mean: 41.5, last: 42 },
      { key: 'loss', mean: 1, last: 0.5 },
      { key: 'tokens/s', mean: 9_000, last: 9_100 },
    ]
    expect(summarise({ own }).rates.map(({ key }) => key)).toEqual(['train_samples_per_second', 'tokens/s'])
  })

  it('tells the time lost waiting for input by the metric that says so', () => {
    const span = { firstStep: 1, lastStep: 3_600, firstAt: hour, lastAt: 3 * hour }
    const waits = (key: string, mean: number) => summarise({ span, own: [{ key, mean, last: mean }] }).inputWait
    expect(waits('time/data', 0.5)).toEqual({ key: 'time/data', ms: 1_800_000, share: 0.25 })
    expect(waits('dataloader_wait_ms', 500)).toMatchObject({ ms: 1_800_000 })
    expect(waits('val/data_time', 0.5)).toBeNull()
    // Longer than the job: it is no time of each step in seconds.
    expect(waits('data_time', 500)).toBeNull()
  })
})
