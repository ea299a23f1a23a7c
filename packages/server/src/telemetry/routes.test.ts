import {
  decodeMetricAnswer,
  encodeReport,
  frameContentType,
  framesContentType,
  joinFrames,
  limits,
  type ReportAnswers,
} from '@pilothouse/contract'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestServer, startTestServer } from '../http/test-server.ts'
import { linesOf, pointsOf, toJson } from '../storage/test-storage.ts'

let test: TestServer
beforeAll(async () => {
  test = await startTestServer()
  await call('/api/jobs/job-1', { method: 'PUT', body: '{}' })
})
afterAll(() => test.close())

type Init = {
  method?: string
  body?: string | Uint8Array<ArrayBuffer>
  type?: string
  headers?: Record<string, string>
  token?: string
}

function call(
  path: string,
  { method = 'GET', body, type = 'application/json', headers = {}, token = test.tokens.admin }: Init = {},
): Promise<Response> {
  const all = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }), ...headers }
  return fetch(`${test.server.url}${path}`, { method, headers: all, ...(body === undefined ? {} : { body }) })
}

type JsonExport = { series: { key: string; points: (number | string | null)[][] }[] }

const envelope = { attempt: 1, writer: 'w', role: 'sdk', sentAt: 0 } as const
const post = (body: Uint8Array<ArrayBuffer>, type = 'application/json', token = test.tokens.admin) =>
  call('/api/jobs/job-1/reports', { method: 'POST', body, type, token })

describe('over HTTP', () => {
  it('a row of reports is stored in its order, each with its answer, and a bad one holds nothing up', async () => {
    await call('/api/jobs/job-row', { method: 'PUT', body: '{}' })
    const make = (number: number) =>
      encodeReport({ ...envelope, number, points: [pointsOf({ loss: [number] }, { first: number })] })
    const send = (frames: readonly Uint8Array[]) =>
      call('/api/jobs/job-row/reports/many', { method: 'POST', body: joinFrames(frames), type: framesContentType })
    const frames = [make(1), make(2), new Uint8Array(40), make(3)]
    const { answers } = (await (await send(frames)).json()) as ReportAnswers // by the contract
    expect(answers).toMatchObject([
      { number: 1, repeated: false, state: 'running' },
      { number: 2, repeated: false },
      { error: { code: 'malformed', message: expect.stringContaining('PHF1') as unknown } },
      { number: 3, repeated: false },
    ])
    expect(await (await send([make(3), make(4)])).json()).toMatchObject({
      answers: [{ repeated: true }, { number: 4 }],
    })
    const text = await (await call('/api/jobs/job-row/metrics/export?key=loss&format=ndjson')).text()
    const values = text.trim().split('\n')
    expect(values.map((line) => (JSON.parse(line) as { value: number }).value)).toEqual([1, 2, 3, 4])
  })

  it('a row that is none, or too long, is refused whole', async () => {
    const send = async (body: Uint8Array<ArrayBuffer>) => {
      const answer = await call('/api/jobs/job-1/reports/many', { method: 'POST', body, type: framesContentType })
      return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code]
    }
    const tooMany = Array.from({ length: limits.reportsInRowMax + 1 }, () => new Uint8Array(8))
    expect(await send(new Uint8Array(20).fill(9))).toEqual([400, 'malformed'])
    expect(await send(joinFrames(tooMany))).toEqual([413, 'tooLarge'])
    expect(await send(new Uint8Array(limits.reportRowBytesMax + 1))).toEqual([413, 'tooLarge'])
  })

  it('a report comes in both forms, small and large, and comes back in both', async () => {
    const large = Array.from({ length: 20_000 }, (_, at) => at)
    const frame = encodeReport({
      ...envelope,
      number: 1,
      points: [pointsOf({ loss: large })],
      logs: [linesOf(['one', 'two', 'three'])],
    })
    expect(await (await post(frame, frameContentType)).json()).toMatchObject({
      number: 1,
      repeated: false,
      state: 'running',
    })
    const json = new Uint8Array(
      toJson({ ...envelope, number: 2, points: [pointsOf({ loss: [Number.NaN] }, { first: 20_000 })] }),
    )
    expect(await (await post(json)).json()).toMatchObject({ number: 2, repeated: false })
    expect(await (await post(frame, frameContentType)).json()).toMatchObject({ repeated: true })
    const answer = await call('/api/jobs/job-1/metrics?points=10', { headers: { accept: frameContentType } })
    expect(answer.headers.get('content-type')).toBe(frameContentType)
    expect(decodeMetricAnswer(new Uint8Array(await answer.arrayBuffer())).series[0]).toMatchObject({
      key: 'loss',
      total: 20_001,
      count: 20_001,
    })
    const plain = (await (await call('/api/admin/training/job-1/metrics?from=20000')).json()) as {
      series: { last: unknown }[]
    }
    expect(plain.series[0]?.last).toEqual(['NaN'])
    expect(await (await call('/api/jobs/job-1/metrics/latest')).json()).toMatchObject({
      metrics: [{ key: 'loss', value: 'NaN', max: 19_999 }],
    })
  })

  it('x is one of four axes or a metric; anything else is refused with what was expected', async () => {
    const answer = await call('/api/jobs/job-1/metrics?x=metric:loss&points=3&from=10&to=20')
    expect(await answer.json()).toMatchObject({ x: 'metric:loss', series: [{ key: 'loss', count: 11 }] })
    const refused = await call('/api/jobs/job-1/metrics?x=steps')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid', field: 'x' } })
  })

  it('a report that cannot be taken in is answered with what is wrong', async () => {
    const cut = encodeReport({ ...envelope, number: 9, points: [pointsOf({ loss: [1, 2] })] }).slice(0, -8)
    const refused = async (body: Uint8Array<ArrayBuffer>, type: string) => {
      const answer = await post(body, type)
      return [answer.status, ((await answer.json()) as { error: { code: string } }).error.code]
    }
    expect(await refused(cut, frameContentType)).toEqual([400, 'malformed'])
    expect(await refused(new Uint8Array(limits.reportBytesMax + 1), frameContentType)).toEqual([413, 'tooLarge'])
    expect(await refused(new Uint8Array(3), 'text/plain')).toEqual([415, 'unsupportedMediaType'])
    expect(await refused(new Uint8Array(0), 'application/json')).toEqual([400, 'malformed'])
  })

  it('the log is sent as text, whole or in byte ranges', async () => {
    await call('/api/jobs/spoken', { method: 'PUT', body: '{}' })
    const body = encodeReport({ ...envelope, number: 1, logs: [linesOf(['one', 'two', 'three'])] })
    await call('/api/jobs/spoken/reports', { method: 'POST', body, type: frameContentType })
    const whole = await call('/api/jobs/spoken/logs/text?download=true')
    expect(await whole.text()).toBe('one\ntwo\nthree\n')
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="spoken-1.log"')
    expect(whole.headers.get('content-type')).toMatch(/^text\/plain/)
    const part = await call('/api/jobs/spoken/logs/text', { headers: { range: 'bytes=4-6' } })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 4-6/14', 'two'])
    const beyond = await call('/api/jobs/spoken/logs/text', { headers: { range: 'bytes=99-' } })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */14'])
  })

  it('of the log a range of lines is sent, and what matches', async () => {
    await call('/api/jobs/ranged', { method: 'PUT', body: '{}' })
    const text = (n: number) => `line ${n} ${'of a long text '.repeat(20)}`
    const long = Array.from({ length: 5_000 }, (_, n) => text(n))
    const logs = [linesOf(long), linesOf(['Traceback', 'ValueError: no'], 'stderr'), linesOf(['end'])]
    const body = encodeReport({ ...envelope, number: 1, logs })
    await call('/api/jobs/ranged/reports', { method: 'POST', body, type: frameContentType })
    const ask = (query: string, headers = {}) => call(`/api/jobs/ranged/logs/text?${query}`, { headers })

    const some = await ask('from=9&count=2&download=true')
    expect(await some.text()).toBe(`${text(9)}\n${text(10)}\n`)
    expect(some.headers.get('content-disposition')).toBe('attachment; filename="ranged-1-lines-10-11.log"')
    expect(some.headers.get('content-length')).toBe(String(Buffer.byteLength(`${text(9)}\n${text(10)}\n`)))
    const part = await ask('from=5002', { range: 'bytes=1-2' })
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 1-2/4', 'nd'])
    expect(await (await ask('from=9000')).text()).toBe('')

    const errors = await ask('stream=stderr&download=true')
    expect(await errors.text()).toBe('Traceback\nValueError: no\n')
    expect(errors.headers.get('content-disposition')).toBe('attachment; filename="ranged-1-stderr.log"')
    expect(errors.headers.get('accept-ranges')).toBe('none')
    expect(await (await ask('stream=stdout&from=4999')).text()).toBe(`${text(4_999)}\nend\n`)
    expect(await (await ask('text=LINE%204999')).text()).toBe(`${text(4_999)}\n`)
    expect((await (await ask('stream=stdout')).text()).split('\n')).toHaveLength(5_002)
    for (const wrong of ['from=-1', 'count=0', 'stream=stdin', 'level=loud', 'text=(a&regex=true'])
      expect([wrong, (await ask(wrong)).status]).toEqual([wrong, 400])
    const page = await call('/api/jobs/ranged/logs?stream=stderr')
    expect(await page.json()).toMatchObject({
      total: 5_003,
      lines: [{ n: 5_000 }, { n: 5_001 }],
    })
  })

  it('an export streams every point', async () => {
    await call('/api/jobs/exported', { method: 'PUT', body: '{}' })
    const values = [...Array.from({ length: 20_000 }, (_, at) => at), Number.NaN]
    const body = encodeReport({ ...envelope, number: 1, points: [pointsOf({ loss: values })] })
    expect((await call('/api/jobs/exported/reports', { method: 'POST', body, type: frameContentType })).status).toBe(
      200,
    )
    const csv = await (await call('/api/jobs/exported/metrics/export')).text()
    const lines = csv.trimEnd().split('\n')
    expect([lines.length, lines[0], lines.at(-1)?.endsWith(',NaN')]).toEqual([
      20_002,
      'branch,source,key,step,epoch,time,value',
      true,
    ])
    const ndjson = await (await call('/api/jobs/exported/metrics/export?format=ndjson&key=loss')).text()
    expect(JSON.parse(ndjson.split('\n')[5] ?? '')).toMatchObject({ key: 'loss', step: 5, value: 5, epoch: null })
    for (const format of ['csv', 'json', 'parquet'])
      expect((await call(`/api/jobs/nobody/metrics/export?format=${format}`)).status).toBe(404)
  })

  it('an export as JSON and as Parquet has every value, the odd ones too', async () => {
    await call('/api/jobs/whole', { method: 'PUT', body: '{}' })
    const odd = [Number.NaN, Infinity, -Infinity, -0, 5e-324, 0.1]
    const values = [...Array.from({ length: 50_000 }, (_, at) => at / 7), ...odd]
    const steps = values.map((_, at) => 2 ** 40 + at)
    const fractions = { ...pointsOf({ 'ünïcode, "lr"': [1, 2] }), steps: [0.5, 2], epochs: [0.25, Number.NaN] }
    const points = [{ ...pointsOf({ loss: values }), steps }, fractions]
    const body = encodeReport({ ...envelope, number: 1, points })
    expect((await call('/api/jobs/whole/reports', { method: 'POST', body, type: frameContentType })).status).toBe(200)

    const json = (await (await call('/api/jobs/whole/metrics/export?format=json')).json()) as JsonExport
    expect(json.series.map(({ key, points: all }) => [key, all.length])).toEqual([
      ['loss', values.length],
      ['ünïcode, "lr"', 2],
    ])
    expect(json.series[0]?.points.map(([step]) => step)).toEqual(steps)
    expect(json.series[0]?.points.slice(-6).map((point) => Number(point[3]))).toEqual(odd.map((one) => one + 0))
    expect(json.series[1]?.points.map((point) => [point[0], point[1], point[3]])).toEqual([
      [0.5, 0.25, 1],
      [2, null, 2],
    ])
    const nothing = (await (await call('/api/jobs/whole/metrics/export?format=json&key=none')).json()) as JsonExport
    expect(nothing.series).toEqual([])

    const file = await (await call('/api/jobs/whole/metrics/export?format=parquet')).arrayBuffer()
    const metadata = parquetMetadata(file)
    expect(metadata.row_groups.length).toBe(3)
    const rows = await parquetReadObjects({ file })
    expect(rows.length).toBe(values.length + 2)
    expect(rows.slice(0, -2).map(({ value }) => Number(value))).toEqual(values)
    expect(rows.slice(0, -2).map(({ step }) => Number(step))).toEqual(steps)
    expect(rows.at(-1)).toMatchObject({ key: 'ünïcode, "lr"', step: 2n, fractional_step: null, epoch: null, value: 2 })
    expect(rows.at(-2)).toMatchObject({ step: null, fractional_step: 0.5, epoch: 0.25, branch: 0, source: 'job' })
    const times = json.series[1]?.points.map((point) => point[2]) ?? []
    expect(rows.slice(-2).map(({ time }) => (time as Date).getTime())).toEqual(
      times.map((time) => Math.trunc(Number(time))),
    )
    const empty = await (await call('/api/jobs/whole/metrics/export?format=parquet&key=none')).arrayBuffer()
    expect(await parquetReadObjects({ file: empty })).toEqual([])
  })

  it('a reporter writes its own jobs and sees nothing', async () => {
    const token = test.tokens.reporter
    expect((await call('/api/jobs/job-1', { token })).status).toBe(403)
    expect((await call('/api/jobs/own-1', { method: 'PUT', body: '{"name":"mine"}', token })).status).toBe(200)
    expect((await call('/api/jobs?search=mine&state=running')).status).toBe(200)
  })
})
