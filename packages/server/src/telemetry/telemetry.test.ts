import {
  type JobsEvent,
  type LogsEvent,
  type MetricsEvent,
  type PilothouseError,
  encodeReport,
  limits,
} from '@pilothouse/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Actor } from '../storage/operation.ts'
import type { ExportPlace, ExportSlice } from './export-metrics.ts'
import { type TestStorage, linesOf, openTestStorage, pointsOf, toJson, waitForUpdate } from '../storage/test-storage.ts'

let test: TestStorage
let count = 0
let uid = ''
beforeAll(async () => {
  test = await openTestStorage()
})
beforeEach(async () => {
  count += 1
  uid = `job-${count}`
  await test.put(uid)
})
afterAll(() => test.close())

const envelope = { attempt: 1, writer: 'w', number: 1, role: 'sdk', sentAt: 0 } as const
const send = (
  bytes: Uint8Array,
  { to = uid, format = 'json', actor = test.admin }: { to?: string; format?: 'json' | 'frame'; actor?: Actor } = {},
) => test.storage.call('telemetry.append', { uid: to, actor, format, bytes })
const totals = async (source = 'job') =>
  Object.fromEntries((await test.query(uid, { source })).series.map(({ key, total }) => [key, total]))
const getJob = () => test.storage.call('jobs.get', { uid })

describe('reports', () => {
  it('say the same in both forms', async () => {
    await test.report(uid, { points: [pointsOf({ loss: [1, Number.NaN, Infinity] })] }, 'json')
    await test.report(uid, { points: [pointsOf({ loss: [2] }, { first: 3 })] }, 'frame')
    const { series } = await test.query(uid)
    expect(series[0]).toMatchObject({ total: 4 })
    expect(Array.from(series[0]!.last)).toEqual([1, Number.NaN, Infinity, 2])
    const json = JSON.parse(
      new TextDecoder().decode(
        await test.storage.call('metrics.query', {
          uid,
          format: 'json',
          query: { source: 'job', x: 'step', points: 100 },
        }),
      ),
    ) as { series: { last: unknown[] }[] }
    expect(json.series[0]?.last).toEqual([1, 'NaN', 'Infinity', 2])
  })

  it('that are sent again change nothing', async () => {
    const parts = { number: 1, points: [pointsOf({ loss: [1] })], logs: [linesOf(['a'])] }
    expect((await test.report(uid, parts)).repeated).toBe(false)
    const before = await getJob()
    expect(await test.report(uid, parts)).toMatchObject({ number: 1, repeated: true, state: 'running' })
    expect(await totals()).toEqual({ loss: 1 })
    expect((await getJob()).version).toBe(before.version)
  })

  it('are kept once each, out of order and with gaps', async () => {
    for (const number of [3, 1, 3, 5, 2, 1, 5, 4, 2])
      await test.report(uid, { number, points: [pointsOf({ loss: [number] }, { first: number })] })
    expect(await totals()).toEqual({ loss: 5 })
  })

  it('are counted for each writer and attempt by itself', async () => {
    await test.report(uid, { writer: 'a', number: 1, points: [pointsOf({ loss: [1] })] })
    await test.report(uid, { writer: 'b', number: 1, points: [pointsOf({ loss: [1] })] })
    await test.put(uid, { attempt: { number: 2 } })
    await test.report(uid, { attempt: 2, writer: 'a', number: 1, points: [pointsOf({ loss: [1] })] })
    expect(await totals()).toEqual({ loss: 3 })
  })

  it('in one group fail alone', async () => {
    const good = (number: number) =>
      send(encodeReport({ ...envelope, number, points: [pointsOf({ loss: [number] })] }), { format: 'frame' })
    const results = await Promise.allSettled([
      good(1),
      send(new TextEncoder().encode('{')),
      good(2),
      send(toJson({ ...envelope, number: 3, attempt: 9 })),
      send(toJson({ ...envelope, number: 3 }), { to: 'nobody' }),
      good(2),
      good(3),
    ])
    expect(
      results.map((one) => (one.status === 'fulfilled' ? one.value.repeated : (one.reason as PilothouseError).code)),
    ).toEqual([false, 'malformed', false, 'invalid', 'notFound', true, false])
    expect(await totals()).toEqual({ loss: 3 })
  })

  it.each([
    ['no JSON', new TextEncoder().encode('not json'), 'json', { code: 'malformed' }],
    ['nothing', new Uint8Array(0), 'frame', { code: 'malformed' }],
    [
      'a truncated frame',
      encodeReport({ ...envelope, points: [pointsOf({ loss: [1, 2, 3] })] }).slice(0, -5),
      'frame',
      { code: 'malformed' },
    ],
    ['a wrong type', toJson({ ...envelope, number: 'one' }), 'json', { code: 'invalid', field: 'number' }],
    [
      'uneven columns',
      toJson({ ...envelope, points: [{ ...pointsOf({ loss: [1, 2] }), times: [1] }] }),
      'json',
      { code: 'invalid', field: 'points[0].times' },
    ],
    ['too many bytes', new Uint8Array(limits.reportBytesMax + 1), 'json', { code: 'tooLarge' }],
    [
      'too large a configuration',
      toJson({ ...envelope, job: { config: { a: 'x'.repeat(limits.configBytesMax) } } }),
      'json',
      { code: 'tooLarge', field: 'config' },
    ],
    ['an unknown attempt', toJson({ ...envelope, attempt: 7 }), 'json', { code: 'invalid', field: 'attempt' }],
  ] as const)('are refused with %s, and the job is unharmed', async (_what, bytes, format, expected) => {
    await test.report(uid, { points: [pointsOf({ loss: [1] })] })
    const before = await getJob()
    await expect(send(bytes, { format })).rejects.toMatchObject(expected)
    expect(await getJob()).toEqual({ ...before, progress: expect.anything() as unknown })
    expect((await test.report(uid, { points: [pointsOf({ loss: [2] }, { first: 1 })] })).repeated).toBe(false)
  })

  it('of somebody else’s job find nothing', async () => {
    const stranger = { memberId: 999, all: false, jobUid: null }
    await expect(send(toJson(envelope), { actor: stranger })).rejects.toMatchObject({ code: 'notFound' })
    const bound = { ...test.admin, all: false, jobUid: 'job-2' }
    await expect(send(toJson(envelope), { actor: bound })).rejects.toMatchObject({ code: 'notFound' })
  })

  it('keep any key and any line as it is', async () => {
    const key = '<b>«ключ»</b> \u001b[31m 🚢 \0"'
    const line = '\u001b[2J<script>alert(1)</script>'
    await test.report(uid, { points: [pointsOf({ [key]: [1] })], logs: [linesOf([line])] })
    expect(await totals()).toEqual({ [key]: 1 })
    expect((await test.storage.call('logs.page', { uid, query: { count: 1 } })).lines[0]?.text).toBe(line)
  })

  it('of a parser lose their points once an sdk has spoken', async () => {
    await test.report(uid, { writer: 'p', role: 'parser', points: [pointsOf({ parsed: [1] })] })
    await test.report(uid, { points: [pointsOf({ loss: [1] })] })
    const ack = await test.report(uid, {
      writer: 'p',
      role: 'parser',
      points: [pointsOf({ parsed: [2] })],
      logs: [linesOf(['kept'])],
    })
    expect(ack.repeated).toBe(false)
    expect(await totals()).toEqual({ parsed: 1, loss: 1 })
    expect((await test.storage.call('logs.page', { uid, query: { count: 1 } })).total).toBe(1)
  })

  it('set the fields of their job', async () => {
    await test.report(uid, {
      job: {
        name: 'new',
        tags: ['x'],
        hardware: { host: 'h1', gpus: [{ index: 0, name: 'A' }], gpuAbsence: null },
        summary: { best: 1 },
      },
    })
    await test.report(uid, { job: { hardware: { host: 'h2', gpus: [], gpuAbsence: 'none' } } })
    expect(await getJob()).toMatchObject({
      name: 'new',
      tags: ['x'],
      summary: { best: 1 },
      hardware: [{ host: 'h1' }, { host: 'h2' }],
    })
  })

  it('end a job with its error and the stage it happened in', async () => {
    await test.report(uid, { stages: [{ name: 'Validation', state: 'active', at: Date.now() }] })
    const error = { type: 'ValueError', message: 'first line\nsecond', traceback: 'Traceback …' }
    const ack = await test.report(uid, { state: { state: 'failed', at: Date.now(), error, exitCode: 1 } })
    expect(ack.state).toBe('failed')
    expect(await getJob()).toMatchObject({
      state: 'failed',
      errorMessage: 'first line',
      error: { ...error, stage: 'Validation' },
      stage: null,
      attempts: [{ exitCode: 1 }],
    })
    const late = await test.report(uid, {
      points: [pointsOf({ loss: [1] })],
      logs: [linesOf(['late'])],
      state: { state: 'running', at: Date.now() },
    })
    expect(late.state).toBe('failed')
    expect(await totals()).toEqual({ loss: 1 })
  })

  it('of an earlier attempt do not touch the state of the job', async () => {
    await test.put(uid, { attempt: { number: 2 } })
    await test.report(uid, { attempt: 1, state: { state: 'failed', at: Date.now() } })
    expect(await getJob()).toMatchObject({ state: 'running', attempts: [{ state: 'failed' }, { state: 'running' }] })
  })

  it('of a job that was deleted are not found', async () => {
    await test.report(uid, { points: [pointsOf({ loss: [1] })] })
    await test.storage.call('jobs.delete', { uid, actor: test.admin, now: true })
    await expect(test.report(uid, {})).rejects.toMatchObject({ code: 'notFound' })
    await test.put(uid)
    expect(await totals()).toEqual({})
  })
})

describe('live updates', () => {
  const watch = <Data>(topic: string) =>
    waitForUpdate(test.storage, (update) => (update.topic === topic ? (update.data as Data) : undefined)) // as live.ts of the contract says

  it('tell the cards that changed and the jobs that went', async () => {
    const changed = waitForUpdate(test.storage, ({ data }) =>
      (data as JobsEvent).jobs?.find((card) => card.headline?.last === 7),
    )
    await test.report(uid, { points: [pointsOf({ loss: [7] })] })
    expect((await changed).uid).toBe(uid)
    const removed = waitForUpdate(test.storage, ({ data }) =>
      (data as JobsEvent).removed.length > 0 ? (data as JobsEvent).removed : undefined,
    )
    await test.storage.call('jobs.delete', { uid, actor: test.admin, now: true })
    expect(await removed).toEqual([uid])
  })

  it('carry points and lines only for topics that are watched, numbered as the store numbers them', async () => {
    await test.report(uid, { points: [pointsOf({ loss: [1, 2] })], logs: [linesOf(['a'])] })
    test.storage.watch([`metrics:${uid}`, `logs:${uid}`, `resources:${uid}`, `job:${uid}`])
    const [metrics, logs, resources, job] = [
      watch<MetricsEvent>(`metrics:${uid}`),
      watch<LogsEvent>(`logs:${uid}`),
      watch<MetricsEvent>(`resources:${uid}`),
      watch<{ uid: string }>(`job:${uid}`),
    ]
    await test.report(uid, {
      points: [pointsOf({ loss: [Number.NaN] }, { first: 2 }), pointsOf({ 'gpu.power': [5] }, { source: 'gpu:h/0' })],
      logs: [linesOf(['b'], 'stdout', '50 %')],
    })
    expect((await metrics).series).toMatchObject([
      { key: 'loss', source: 'job', branch: 0, from: 2, steps: [2], values: ['NaN'], epochs: [null] },
    ])
    expect(await resources).toMatchObject({ series: [{ key: 'gpu.power', from: 0 }], skipped: 0 })
    expect(await logs).toMatchObject({ attempt: 1, lines: [{ n: 1, text: 'b' }], open: '50 %', skipped: 0 })
    expect((await job).uid).toBe(uid)
  })

  it('are bounded: what is too much is counted as skipped', async () => {
    test.storage.watch([`metrics:${uid}`, `logs:${uid}`])
    const metrics = watch<MetricsEvent>(`metrics:${uid}`)
    const logs = watch<LogsEvent>(`logs:${uid}`)
    await test.report(uid, {
      points: [pointsOf({ loss: Array.from({ length: 20_000 }, () => 1) })],
      logs: [linesOf(Array.from({ length: 5_000 }, (_, at) => `line ${at}`))],
    })
    expect(await metrics).toMatchObject({ series: [], skipped: 20_000 })
    expect(await logs).toMatchObject({ skipped: 3_000, lines: expect.objectContaining({ length: 2_000 }) as unknown })
  })
})

describe('metrics', () => {
  it('are found by relative and wall time on our clock', async () => {
    const offset = 3_600_000
    const now = Date.now()
    await test.report(uid, { sentAt: now + offset, points: [pointsOf({ loss: [1, 2] }, { time: now + offset })] })
    const { clockOffsetMs, startedAt } = await getJob()
    expect(Math.abs((clockOffsetMs ?? 0) - offset)).toBeLessThan(5_000)
    const wall = Array.from((await test.query(uid, { x: 'wall' })).series[0]!.x)
    expect(wall[0]).toBeCloseTo(now + offset - (clockOffsetMs ?? 0), 3)
    const relative = Array.from((await test.query(uid, { x: 'relative' })).series[0]!.x)
    expect(relative[0]).toBeCloseTo((wall[0] ?? 0) - (startedAt ?? 0), 3)
    const from = (relative[0] ?? 0) + 500
    expect((await test.query(uid, { x: 'relative', from })).series[0]?.count).toBe(1)
  })

  it('are found over another metric, also behind a resume', async () => {
    await test.report(uid, {
      points: [pointsOf({ loss: [3, 2], tokens: [10, 20] }), pointsOf({ late: [7] }, { first: 5 })],
    })
    await test.put(uid, { attempt: { number: 2 } })
    await test.report(uid, { attempt: 2, writer: 'b', points: [pointsOf({ loss: [1], tokens: [25] }, { first: 2 })] })
    const { x, series } = await test.query(uid, { key: ['loss', 'late'], x: 'metric:tokens' })
    expect(x).toBe('metric:tokens')
    expect(series.map((one) => [one.key, Array.from(one.x), Array.from(one.last)])).toEqual([
      ['loss', [10, 20, 25], [3, 2, 1]],
      ['late', [25], [7]],
    ])
    const part = await test.query(uid, { key: 'loss', x: 'metric:tokens', from: 15, to: 20 })
    expect(part.series[0]).toMatchObject({ count: 1, total: 3 })
    expect((await test.query(uid, { key: 'loss', x: 'metric:none' })).series[0]).toMatchObject({ count: 0, total: 3 })
    await expect(test.query(uid, { x: 'metric:' })).rejects.toThrow()
  })

  it('are averaged where asked for, alike whatever part is looked at', async () => {
    await test.report(uid, { points: [pointsOf({ loss: [4, 2, Number.NaN, 1, 5, 3, 0, 6] })] })
    const whole = (await test.query(uid, { smooth: 0.5 })).series[0]
    const part = (await test.query(uid, { smooth: 0.5, from: 4, to: 6 })).series[0]
    expect(Array.from(whole?.smoothed ?? []).slice(0, 3)).toEqual([4, (4 * 0.25 + 2 * 0.5) / 0.75, Number.NaN])
    expect(Array.from(part?.smoothed ?? [])).toEqual(Array.from(whole?.smoothed ?? []).slice(4, 7))
    expect((await test.query(uid, {})).series[0]?.smoothed).toBeUndefined()
    expect((await test.query(uid, { smooth: 'auto' })).series[0]?.smoothing?.weight).toBeGreaterThan(0)
    await expect(test.query(uid, { smooth: 1 })).rejects.toThrow()
  })

  it('tell their latest values', async () => {
    await test.report(uid, { points: [pointsOf({ loss: [3, 1, 2] })] })
    await test.report(uid, { points: [pointsOf({ bad: [Number.NaN] })] })
    const { metrics } = await test.storage.call('metrics.latest', { uid, query: { source: 'job' } })
    expect(metrics).toMatchObject([
      { key: 'loss', total: 3, step: 2, value: 2, min: 1, minStep: 1, max: 3, maxStep: 0, epoch: null },
      { key: 'bad', value: 'NaN', min: 'NaN', nonFinite: 1 },
    ])
  })

  it('are exported whole, slice by slice, in order', async () => {
    const values = Array.from({ length: 30_000 }, (_, at) => at)
    await test.report(uid, { points: [pointsOf({ loss: values })] })
    await test.report(uid, { points: [pointsOf({ 'a,"b"': [1, Number.NaN] })] })
    const lines: string[] = []
    let place: ExportPlace | null = null
    let slices = 0
    do {
      const slice: ExportSlice = await test.storage.call('metrics.export', {
        uid,
        query: { source: 'job', format: 'csv' },
        place,
      })
      lines.push(...new TextDecoder().decode(slice.bytes).split('\n').slice(0, -1))
      place = slice.next
      slices += 1
    } while (place !== null)
    expect(slices).toBeGreaterThan(1)
    expect(lines[0]).toMatch(/^0,job,"a,""b""",0,,\d+(\.\d+)?,1$/)
    expect(lines[1]).toMatch(/,NaN$/)
    expect(lines.slice(2).map((line) => Number(line.split(',').at(-1)))).toEqual(values)
  })
})
