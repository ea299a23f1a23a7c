import { describe, expect, it } from 'vitest'
import { drawNormal, makeRandom } from '../impact/synthetic-curves.fixture.ts'
import { type AnomalyPoints, allAnomalies, quietAnomalies, watchAnomalies, watchStall } from './watch-anomalies.ts'

const minuteMs = 60_000

function pointsOf(values: readonly number[], { key = 'loss', source = 'job', everyMs = 1_000 } = {}): AnomalyPoints {
  const steps = values.map((_, at) => at)
  return { source, keys: [key], steps, times: steps.map((step) => everyMs * step), values: [values] }
}

/** Falls as most losses do, with noise of 2 %. */
function drawLoss(length: number, level = (at: number) => 1 + 4 / Math.sqrt(1 + at / 20)): number[] {
  const random = makeRandom(7)
  return Array.from({ length }, (_, at) => level(at) * (1 + 0.02 * drawNormal(random)))
}

function list(points: AnomalyPoints, watched = allAnomalies): string[] {
  return watchAnomalies(quietAnomalies, points, watched).anomalies.map(
    ({ kind, phase, step }) => `${kind} ${phase} ${step ?? 0}`,
  )
}

describe('a curve', () => {
  it('that is calm raises nothing', () => {
    expect(list(pointsOf(drawLoss(5_000)))).toEqual([])
  })

  it('that shoots up and comes back has a spike, which is over when it is calm', () => {
    const values = drawLoss(600)
    values[400] = 6
    const { anomalies } = watchAnomalies(quietAnomalies, pointsOf(values))
    expect(anomalies).toMatchObject([
      { kind: 'spike', phase: 'raised', step: 401, at: 401_000, key: 'loss', source: 'job' },
      { kind: 'spike', phase: 'resolved', step: 411 },
    ])
    expect(anomalies[0]?.why).toMatch(/^It shot to 6 where 1\.\d+ was usual\.$/)
  })

  it('of which more is better is looked at upside down', () => {
    const values = drawLoss(600).map((loss) => 10 - loss)
    values[400] = 1
    const points = pointsOf(values, { key: 'accuracy' })
    const [spike] = watchAnomalies(quietAnomalies, points, { ...allAnomalies, key: 'accuracy' }).anomalies
    expect(spike?.why).toMatch(/^It shot to 1 where 8\.\d+ was usual\.$/)
  })

  it('that stops to improve has a plateau, which is over when it improves again', () => {
    const level = (at: number) => 1 + 4 / Math.sqrt(1 + Math.min(at, 500) / 20) - (at > 1_500 ? 0.4 : 0)
    const found = list(pointsOf(drawLoss(2_000, level)))
    expect(found).toEqual([
      expect.stringMatching(/^plateau raised [67]\d\d$/),
      expect.stringMatching(/^plateau resolved 15\d\d$/),
    ])
  })

  it('that was never better has no plateau', () => {
    expect(list(pointsOf(drawLoss(3_000, () => 4.6)))).toEqual([])
  })

  it('that goes up and stays there diverges, until it is back', () => {
    const level = (at: number) => 1 + 4 / Math.sqrt(1 + at / 20) + (at > 600 && at < 1_000 ? 2 : 0)
    const found = list(pointsOf(drawLoss(1_500, level)))
    expect(found).toEqual([
      expect.stringMatching(/^divergence raised 6\d\d$/),
      expect.stringMatching(/^divergence resolved 10\d\d$/),
    ])
  })

  it('that is NaN three times in a row diverges; once or twice are skipped steps', () => {
    const values = drawLoss(200)
    values[50] = Number.NaN
    values[51] = Infinity
    values.fill(Number.NaN, 100, 110)
    expect(list(pointsOf(values))[0]).toBe('divergence raised 102')
    expect(list(pointsOf([Number.NaN, Number.NaN, Number.NaN]))).toEqual(['divergence raised 2'])
  })
})

describe('a GPU', () => {
  it('that does nothing for a quarter of an hour after it worked is idle, whatever single samples say', () => {
    const values = Array.from({ length: 400 }, (_, at) => (at < 100 || at > 300 ? 90 : at === 150 ? 60 : 1))
    const points = pointsOf(values, { key: 'gpu.utilization', source: 'gpu:box/0', everyMs: 10_000 })
    expect(list(points)).toEqual(['idle raised 195', 'idle resolved 336'])
  })

  it('that is hot and takes less power than usual at full use is slowed down; one that cools down is not', () => {
    const draw = (temperature: number): AnomalyPoints => {
      const rows = Array.from({ length: 200 }, (_, at) => at)
      const columns = [() => 98, (at: number) => (at < 100 ? 78 : temperature), (at: number) => (at < 100 ? 400 : 270)]
      return {
        ...pointsOf(rows, { source: 'gpu:box/0', everyMs: 10_000 }),
        keys: ['gpu.utilization', 'gpu.temperature', 'gpu.power'],
        values: columns.map((column) => rows.map(column)),
      }
    }
    const { anomalies } = watchAnomalies(quietAnomalies, draw(88))
    expect(anomalies.map(({ why }) => why)).toEqual([
      'It is slowed down by its heat: 88 °C, and for 1 m 30 s it takes 270 W where 400 W are usual.',
    ])
    expect(list(draw(70))).toEqual([])
  })
})

describe('a job', () => {
  const running = watchAnomalies(quietAnomalies, pointsOf(drawLoss(100))).state

  it('that is heard and logs nothing for long has stalled, until it goes on', () => {
    const early = watchStall(running, { now: 10 * minuteMs, excused: false })
    expect(early.anomalies).toEqual([])
    const late = watchStall(early.state, { now: 20 * minuteMs, excused: false })
    expect(late.anomalies).toMatchObject([{ kind: 'stall', phase: 'raised', step: 99, source: '', key: '' }])
    expect(watchStall(late.state, { now: 30 * minuteMs, excused: false }).anomalies).toEqual([])
    const on = { ...pointsOf([1.5]), steps: [100], times: [31 * minuteMs] }
    expect(watchAnomalies(late.state, on).anomalies).toMatchObject([{ kind: 'stall', phase: 'resolved', step: 100 }])
  })

  it('whose machine is heard has stalled, too', () => {
    const heard = { ...pointsOf([50], { key: 'cpu.utilization', source: 'host:box' }), times: [20 * minuteMs] }
    expect(watchAnomalies(running, heard).anomalies).toMatchObject([{ kind: 'stall', step: 99 }])
  })

  it('that stands still on purpose has not stalled, and begins to wait anew', () => {
    const paused = watchStall(running, { now: 60 * minuteMs, excused: true })
    expect(watchStall(paused.state, { now: 65 * minuteMs, excused: false }).anomalies).toEqual([])
  })
})

it('the same points in other portions, and a watch that was written down and read, come to the same', () => {
  const values = drawLoss(700)
  values.fill(5, 500)
  const whole = watchAnomalies(quietAnomalies, pointsOf(values))
  const all = pointsOf(values)
  let state = quietAnomalies
  const found = values.flatMap((value, row) => {
    const one = { ...all, steps: [all.steps[row] ?? 0], times: [all.times[row] ?? 0], values: [[value]] }
    const next = watchAnomalies(state, one)
    state = JSON.parse(JSON.stringify(next.state)) // what a restart would read
    return next.anomalies
  })
  expect(found).toEqual(whole.anomalies)
  expect(state).toEqual(whole.state)
})

it('only the kinds and series that are asked for are looked at, and a watch does not grow without bound', () => {
  const values = drawLoss(600)
  values[400] = 6
  expect(list(pointsOf(values), { ...allAnomalies, kinds: ['stall', 'plateau'] })).toEqual([])
  expect(list(pointsOf(values, { key: 'lr' }))).toEqual([])
  let state = quietAnomalies
  for (let at = 0; at < 100; at += 1)
    state = watchAnomalies(state, pointsOf(drawLoss(300), { key: `loss/${at}` })).state
  const size = JSON.stringify(state).length
  for (let at = 0; at < 100; at += 1)
    state = watchAnomalies(state, pointsOf(drawLoss(300), { key: `loss/${at}` })).state
  expect(Object.keys(state.curves)).toHaveLength(32)
  expect(JSON.stringify(state).length).toBeLessThan(3 * size)
})
