import type { TimedAttempt } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { bucketSeries, makeSeries } from './resource-series.fixture.ts'
import type { ResourceSeries } from './resource-series.ts'
import { type PerformanceInput, summarisePerformance } from './summarise-performance.ts'

const minute = 60_000
const hour = 60 * minute
const gib = 1024 ** 3

const attempt: TimedAttempt = { number: 1, state: 'completed', startedAt: 0, endedAt: 2 * hour, stages: [] }

function hintsOf(resources: readonly ResourceSeries[], parts: Partial<PerformanceInput> = {}) {
  return summarisePerformance({
    job: 'job-1',
    now: 2 * hour,
    createdAt: 0,
    attempts: [attempt],
    attemptsLeftOut: 0,
    leftOutMs: 0,
    price: null,
    hardware: [],
    span: { firstStep: 0, lastStep: 3_599, firstAt: 0, lastAt: 2 * hour },
    own: [],
    resources,
    ...parts,
  }).hints
}

/** A sample every ten seconds for two hours. */
function measure(key: string, valueAt: (minutes: number) => number, source = 'gpu:node1/0'): ResourceSeries {
  const values = Array.from({ length: 720 }, (_, at) => valueAt(at / 6))
  return makeSeries(key, values, { source, everyMs: 10_000 })
}

const kindsOf = (resources: readonly ResourceSeries[], parts?: Partial<PerformanceInput>) =>
  hintsOf(resources, parts).map(({ kind }) => kind)

describe('an ordinary training has no hint', () => {
  it('nor one of which nothing was measured', () => {
    expect(hintsOf([])).toEqual([])
    expect(hintsOf([measure('gpu.utilization', () => 93), measure('cpu.utilization', () => 95, 'host:node1')])).toEqual(
      [],
    )
    expect(hintsOf([measure('gpu.utilization', () => 40), measure('cpu.utilization', () => 20, 'host:node1')])).toEqual(
      [],
    )
  })
})

describe('an idle GPU', () => {
  const idle = measure('gpu.utilization', (at) => (at >= 30 && at < 55 ? 2 : 90))

  it('is told with how long, how little and when, whatever the buckets', () => {
    const [hint, ...others] = hintsOf([idle])
    expect(others).toEqual([])
    expect(hint).toMatchObject({
      kind: 'gpuIdle',
      title: 'GPU 0 did next to nothing for 25 m of the training.',
      evidence: 'Its utilisation was 2.0 % on average from 30 m to 55 m after the start.',
    })
    expect(hintsOf([bucketSeries(idle, 6)])[0]?.evidence).toBe(hint?.evidence)
  })

  it('is none for less than ten minutes, before the training, or while nobody sampled', () => {
    expect(hintsOf([measure('gpu.utilization', (at) => (at >= 30 && at < 39 ? 2 : 90))])).toEqual([])
    const span = { firstStep: 0, lastStep: 9, firstAt: 60 * minute, lastAt: 2 * hour }
    expect(hintsOf([idle], { span })).toEqual([])
    expect(hintsOf([idle], { span: null })).toEqual([])
    const two = [0, 100].map((from) =>
      makeSeries(
        'gpu.utilization',
        Array.from({ length: 48 }, () => 1),
        { from: from * minute, everyMs: 10_000 },
      ),
    )
    expect(hintsOf([joinSeries(two)])).toEqual([])
  })

  it('counts in the stages that train, and in no others', () => {
    const stages = [
      { name: 'Tokenize', state: 'completed' as const, startedAt: 0, endedAt: 60 * minute },
      { name: 'Training', state: 'completed' as const, startedAt: 60 * minute, endedAt: 2 * hour },
    ]
    expect(hintsOf([idle], { attempts: [{ ...attempt, stages }] })).toEqual([])
    const trains = stages.map((stage) => ({ ...stage, name: stage.name === 'Tokenize' ? 'Fine-tuning' : 'Save' }))
    expect(kindsOf([idle], { attempts: [{ ...attempt, stages: trains }] })).toEqual(['gpuIdle'])
  })

  it('is named among several', () => {
    const gpus = [0, 1, 2].map((index) =>
      measure('gpu.utilization', (at) => (index < 2 && at < 12 + index ? 0 : 90), `gpu:node1/${index}`),
    )
    expect(hintsOf(gpus)[0]).toMatchObject({
      title: '2 of 3 GPUs did next to nothing for up to 13 m of the training.',
      evidence: 'GPU 0, GPU 1; longest GPU 1, whose utilisation was 0 % on average from 0 s to 13 m after the start.',
    })
  })
})

describe('a training that waits for its input', () => {
  const swinging = measure('gpu.utilization', (at) => (Math.round(at * 6) % 2 === 0 ? 12 : 80))

  it('is told where GPUs have little to do while the CPUs have much', () => {
    const [hint] = hintsOf([bucketSeries(swinging, 12), measure('cpu.utilization', () => 91, 'host:node1')])
    expect(hint).toMatchObject({
      kind: 'inputBound',
      evidence:
        'GPU utilisation was 46 % on average while at work, swinging between 12 % and 80 %, the CPUs of node1 were 91 % busy.',
    })
  })

  it('is told where the script itself says so', () => {
    const own = [{ key: 'data_time', mean: 0.7, last: 0.7 }]
    const [hint] = hintsOf([], { own })
    expect(hint?.evidence).toBe('The script waited for its input 35 % of the time (42 m, by data_time).')
    expect(hintsOf([], { own: [{ key: 'data_time', mean: 0.3, last: 0.3 }] })).toEqual([])
  })
})

describe('memory', () => {
  it('of a GPU that is nearly full is told with figures and time', () => {
    const used = measure('gpu.memory.used', (at) => (at < 60 ? 40 : 79) * gib)
    const total = measure('gpu.memory.total', () => 80 * gib)
    expect(hintsOf([used, total])[0]).toMatchObject({
      kind: 'gpuMemory',
      title: 'GPU 0 was nearly out of memory.',
      evidence: '79 GiB of 80 GiB in use (99 %), first 1 h after the start, for 1 h in all.',
    })
    expect(hintsOf([used])).toEqual([])
  })

  it('of a host that is nearly full names what this job had of it', () => {
    const host = 'host:node1'
    const hints = hintsOf([
      measure('memory.used', () => 62 * gib, host),
      measure('memory.total', () => 64 * gib, host),
      measure('process.memory', () => 20 * gib, host),
    ])
    expect(hints[0]).toMatchObject({
      kind: 'hostMemory',
      title: 'The host node1 was nearly out of memory.',
      evidence:
        '62 GiB of 64 GiB in use (97 %), first 0 s after the start, for 2 h in all. This job had up to 20 GiB of it.',
    })
  })
})

describe('several alike', () => {
  it('are not named one by one where it is all of them', () => {
    const sources = [0, 1, 2, 3, 4, 5].map((index) => `gpu:node1/${index}`)
    const used = sources.map((source) => measure('gpu.memory.used', () => 79 * gib, source))
    const total = sources.map((source) => measure('gpu.memory.total', () => 80 * gib, source))
    expect(hintsOf([...used, ...total])[0]).toMatchObject({
      title: 'All 6 GPUs were nearly out of memory.',
      evidence: 'Most GPU 0: 79 GiB of 80 GiB in use (99 %), first 0 s after the start, for 2 h in all.',
    })
    const some = used.map((series, at) => (at === 0 ? measure('gpu.memory.used', () => gib, sources[0]) : series))
    expect(hintsOf([...some, ...total])[0]?.evidence).toContain('GPU 1, GPU 2, GPU 3, GPU 4 and 1 more; most GPU 1: 79')
  })
})

describe('a GPU far behind the others', () => {
  const gpus = (means: readonly number[]) =>
    means.map((mean, index) => measure('gpu.utilization', () => mean, `gpu:node1/${index}`))

  it('is told with both figures', () => {
    expect(hintsOf(gpus([92, 94, 93, 51]))[0]).toMatchObject({
      kind: 'gpuBehind',
      title: 'GPU 3 lags far behind the others.',
      evidence: 'Its utilisation was 51 % on average over 2 h of training, that of the 3 others 93 %.',
    })
  })

  it('is none where half of them are, and none where it is idle, which is told already', () => {
    expect(kindsOf(gpus([92, 94, 50, 51]))).toEqual([])
    expect(kindsOf(gpus([92, 94, 93, 2]))).toEqual(['gpuIdle'])
  })
})

function joinSeries(parts: readonly ResourceSeries[]): ResourceSeries {
  const all = (pick: (one: ResourceSeries) => ArrayLike<number>) => parts.flatMap((one) => Array.from(pick(one)))
  return {
    key: 'gpu.utilization',
    source: 'gpu:node1/0',
    x: all(({ x }) => x),
    xLast: all(({ xLast }) => xLast),
    mean: all(({ mean }) => mean),
    min: all(({ min }) => min),
    max: all(({ max }) => max),
    n: all(({ n }) => n),
  }
}
