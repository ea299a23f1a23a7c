import { expect, test } from 'vitest'
import { type Report, type ReportAck, PilothouseError, decodeReportFrame } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract/wire'
import { makeReportSend } from './make-report-send.ts'
import { type ReporterClock, type ReporterOptions, Reporter } from './reporter.ts'

type Answer = 'ok' | Error

/** Time that stands until the test moves it. */
function makeClock(): ReporterClock & { advance(ms: number): Promise<void> } {
  let now = 1_000_000
  const timers = new Set<{ at: number; run: () => void }>()
  return {
    now: () => now,
    random: () => 1,
    setTimer(run, delayMs) {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    async advance(ms) {
      const end = now + ms
      for (;;) {
        await settle()
        const next = [...timers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0]
        if (next === undefined) break
        timers.delete(next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = end
      await settle()
    },
  }
}

/** Lets every promise that is ready run on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

function makeWorld(options: Partial<ReporterOptions> = {}) {
  const clock = makeClock()
  const tries: Report[] = []
  const stored = new Map<number, Report>()
  const warnings: string[] = []
  const answers: Answer[] = []
  let away: Error | null = null
  const send = async (bytes: Uint8Array): Promise<ReportAck> => {
    const report = decodeReportFrame(bytes)
    tries.push(report)
    const answer = answers.shift() ?? away ?? 'ok'
    if (answer !== 'ok') throw answer
    const repeated = stored.has(report.number)
    stored.set(report.number, report)
    return { number: report.number, repeated, serverTime: 0, state: 'running' }
  }
  const warn = (message: string): number => warnings.push(message)
  const reporter = new Reporter({ attempt: 1, writer: 'w', role: 'parser', send, clock, warn, ...options })
  return { clock, tries, stored, warnings, answers, reporter, setAway: (error: Error | null) => void (away = error) }
}

function linesOf(reports: Iterable<Report>): string[] {
  return [...reports].flatMap(({ logs }) => logs.flatMap(({ lines }) => lines))
}

function refuse(code: 'invalid' | 'notFound' | 'rateLimited' | 'unauthenticated' | 'unavailable' | 'internal'): Error {
  return new PilothouseError(code, `answer ${code}`)
}

test('what is added goes out together after at most 100 ms', async () => {
  const { clock, tries, reporter } = makeWorld()
  reporter.addLine('stdout', 'one')
  reporter.addLine('stdout', 'two')
  reporter.addLine('stderr', 'three')
  reporter.addPoint({ step: 1, epoch: 0.5, metrics: new Map([['loss', 2]]) })
  reporter.addPoint({ step: 2, epoch: 0.6, metrics: { loss: Number.NaN } })
  reporter.addPoint({ step: 3, metrics: { 'cpu.utilization': 5 }, source: 'host:a' })
  await clock.advance(99)
  expect(tries).toHaveLength(0)
  await clock.advance(1)
  expect(tries).toHaveLength(1)
  expect(tries[0]).toMatchObject({
    attempt: 1,
    writer: 'w',
    number: 1,
    role: 'parser',
    sentAt: 1_000_100,
    logs: [
      { stream: 'stdout', lines: ['one', 'two'], times: [1_000_000, 1_000_000] },
      { stream: 'stderr', lines: ['three'] },
    ],
  })
  const [own, host] = tries[0]?.points ?? []
  expect(own).toMatchObject({ source: 'job', keys: ['loss'] })
  expect([
    ...Array.from(own?.steps ?? []),
    ...Array.from(own?.epochs ?? []),
    ...Array.from(own?.values[0] ?? []),
  ]).toEqual([1, 2, 0.5, 0.6, 2, Number.NaN])
  expect(host).toMatchObject({ source: 'host:a', keys: ['cpu.utilization'] })
})

test('an empty report says every ten seconds that the job is alive', async () => {
  const { clock, tries } = makeWorld()
  await clock.advance(30_000)
  expect(tries.map(({ number, logs }) => [number, logs])).toEqual([
    [1, []],
    [2, []],
    [3, []],
  ])
})

test('while the server is away a report is repeated with its number and content, later and later', async () => {
  const { clock, tries, stored, warnings, reporter, setAway } = makeWorld()
  setAway(refuse('unavailable'))
  reporter.addLine('stdout', 'one')
  await clock.advance(100)
  reporter.addLine('stdout', 'two')
  await clock.advance(60_000)
  expect(new Set(tries.map(({ number }) => number))).toEqual(new Set([1]))
  expect(new Set(tries.map((report) => linesOf([report]).join()))).toEqual(new Set(['one']))
  const waits = tries.slice(1).map(({ sentAt }, at) => sentAt - (tries[at]?.sentAt ?? 0))
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000])
  setAway(null)
  await clock.advance(30_000)
  expect(linesOf(stored.values())).toEqual(['one', 'two'])
  expect(warnings).toEqual([
    'The server cannot take reports now; they wait and are sent later. answer unavailable',
    'The server is back; what waited is being sent.',
  ])
})

test('a report whose answer was lost is sent again and counts once', async () => {
  const { clock, tries, stored, reporter, answers } = makeWorld()
  answers.push(new TypeError('fetch failed'), 'ok')
  reporter.addLine('stdout', 'one')
  await clock.advance(2_000)
  expect(tries.map(({ number }) => number)).toEqual([1, 1])
  expect(linesOf(stored.values())).toEqual(['one'])
})

test.each(['unauthenticated', 'rateLimited', 'internal'] as const)(
  'after «%s» a report is tried again',
  async (code) => {
    const { clock, stored, reporter, answers } = makeWorld()
    answers.push(refuse(code))
    reporter.addLine('stdout', 'one')
    await clock.advance(2_000)
    expect(linesOf(stored.values())).toEqual(['one'])
  },
)

test('the server may say how long to wait', async () => {
  const { clock, tries, reporter, answers } = makeWorld()
  answers.push(Object.assign(new Error('slow down'), { status: 429, retryAfterMs: 7_000 }))
  reporter.addLine('stdout', 'one')
  await clock.advance(7_099)
  expect(tries).toHaveLength(1)
  await clock.advance(1)
  expect(tries).toHaveLength(2)
})

test('a report that is refused for good is left out, with one warning, and the next goes on', async () => {
  const { clock, tries, stored, warnings, reporter, answers } = makeWorld()
  answers.push(refuse('invalid'), refuse('invalid'))
  for (const line of ['one', 'two', 'three']) {
    reporter.addLine('stdout', line)
    await clock.advance(100)
  }
  expect(tries.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(linesOf(stored.values())).toEqual(['three'])
  expect(warnings).toEqual(['The server refused a report, which is left out: answer invalid'])
  expect(reporter.counts).toMatchObject({ reportsSent: 1, reportsRefused: 2 })
})

test('a full buffer drops the oldest, counts it, and says so in one line where it was', async () => {
  const { clock, stored, reporter, setAway } = makeWorld({ limits: { bufferBytesMax: 4_000, draftBytesMax: 1_000 } })
  setAway(new TypeError('fetch failed'))
  reporter.patchJob({ totalSteps: 10 })
  reporter.addLine('stdout', 'first')
  await clock.advance(100)
  reporter.addStage({ name: 'Training', state: 'active' })
  for (let at = 0; at < 300; at += 1) reporter.addLine('stdout', `line ${at}`)
  expect(reporter.counts.linesDropped).toBeGreaterThan(100)
  setAway(null)
  await clock.advance(60_000)
  const lines = linesOf(stored.values())
  const { linesDropped } = reporter.counts
  expect(lines[0]).toBe('first')
  expect(lines[1]).toBe(
    `pilothouse: ${linesDropped} lines and 0 values are missing here: the server was away and the buffer of 0 MiB was full`,
  )
  expect(lines[2]).toBe(`line ${linesDropped}`)
  expect(lines).toHaveLength(2 + 300 - linesDropped)
  expect([...stored.values()].flatMap(({ stages }) => stages)).toHaveLength(1)
  expect([...stored.keys()]).toEqual([...stored.keys()].map((_, at) => at + 1))
})

test('the state goes behind everything added before, in a report of its own role', async () => {
  const { clock, tries, reporter } = makeWorld()
  reporter.addLine('stdout', 'last words')
  reporter.setState({ state: 'failed', exitCode: 3 }, 'exit')
  const counts = await Promise.all([reporter.close(5_000), clock.advance(0)])
  expect(tries.map(({ role, logs, state }) => [role, logs.length, state?.exitCode])).toEqual([
    ['parser', 1, undefined],
    ['exit', 0, 3],
  ])
  expect(counts[0]).toMatchObject({ reportsSent: 2, linesWaiting: 0, pointsWaiting: 0 })
})

test('closing sends what waits at once, and again after a failure', async () => {
  const { clock, stored, reporter, answers } = makeWorld()
  answers.push(new TypeError('fetch failed'))
  reporter.addLine('stdout', 'one')
  const closed = reporter.close(5_000)
  await clock.advance(2_000)
  expect(await closed).toMatchObject({ linesWaiting: 0 })
  expect(linesOf(stored.values())).toEqual(['one'])
})

test('closing gives up at its deadline and says what was not acknowledged', async () => {
  const { clock, tries, reporter, setAway } = makeWorld()
  setAway(new TypeError('fetch failed'))
  reporter.addLine('stdout', 'one')
  reporter.addPoint({ step: 1, metrics: { loss: 1, lr: 2 } })
  const closed = reporter.close(3_000)
  await clock.advance(3_000)
  expect(await closed).toMatchObject({ linesWaiting: 1, pointsWaiting: 2 })
  const count = tries.length
  await clock.advance(60_000)
  expect(tries).toHaveLength(count)
})

test('the line under way is shown, replaced and taken away, and sent only when it changed', async () => {
  const { clock, tries, reporter } = makeWorld()
  reporter.setOpenLine('stderr', ' 10%')
  await clock.advance(100)
  reporter.setOpenLine('stderr', ' 10%')
  reporter.setOpenLine('stderr', ' 20%')
  await clock.advance(100)
  reporter.addLine('stderr', '100%')
  await clock.advance(100)
  expect(tries.map(({ logs }) => logs)).toEqual([
    [{ stream: 'stderr', times: [], lines: [], open: ' 10%' }],
    [{ stream: 'stderr', times: [], lines: [], open: ' 20%' }],
    [{ stream: 'stderr', times: [1_000_200], lines: ['100%'], open: '' }],
  ])
})

test('of one stage the last figures are sent, a change of state is an event of its own', async () => {
  const { clock, tries, reporter } = makeWorld()
  reporter.addStage({ name: 'Training', state: 'active', at: 5 })
  for (let done = 0; done <= 100; done += 1) reporter.addStage({ name: 'Training', done, total: 100, at: 6 })
  reporter.addStage({ name: 'Training', state: 'completed', at: 7 })
  await clock.advance(100)
  expect(tries[0]?.stages).toEqual([
    { name: 'Training', state: 'active', done: 100, total: 100, at: 5 },
    { name: 'Training', state: 'completed', at: 7 },
  ])
})

test('points of a key keep their order when rows differ in their keys', async () => {
  const { clock, tries, reporter } = makeWorld()
  reporter.addPoint({ step: 1, metrics: { loss: 1 } })
  reporter.addPoint({ step: 2, metrics: { loss: 2, lr: 1 } })
  reporter.addPoint({ step: 3, metrics: { loss: 3 } })
  await clock.advance(100)
  expect(tries[0]?.points.map(({ keys, steps }) => [keys.join(), Array.from(steps)])).toEqual([
    ['loss', [1]],
    ['loss,lr', [2]],
    ['loss', [3]],
  ])
})

test('many lines are cut into reports that the wire takes, and long lines are cut', async () => {
  const { clock, stored, reporter } = makeWorld()
  for (let at = 0; at < 25_000; at += 1) reporter.addLine('stdout', `line ${at}`)
  reporter.addLine('stdout', '🙂'.repeat(100_000))
  await clock.advance(1_000)
  const lines = linesOf(stored.values())
  expect(lines).toHaveLength(25_001)
  expect(lines[24_999]).toBe('line 24999')
  const last = lines.at(-1) ?? ''
  expect(Buffer.byteLength(last)).toBeLessThanOrEqual(limits.logLineBytesMax)
  expect(last.endsWith(' …')).toBe(true)
})

test('nothing is lost and nothing is doubled when answers fail at random', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    let state = seed
    const chance = (): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state / 2 ** 32
    }
    const clock = makeClock()
    const stored = new Map<number, string>()
    const send = async (bytes: Uint8Array): Promise<ReportAck> => {
      const fate = chance()
      if (fate < 0.3) throw new TypeError('never arrived')
      const { number, logs } = decodeReportFrame(bytes)
      const content = JSON.stringify(logs)
      if (stored.has(number)) expect(stored.get(number)).toBe(content)
      stored.set(number, content)
      if (fate < 0.5) throw new TypeError('answer lost')
      return { number, repeated: false, serverTime: 0, state: 'running' }
    }
    const reporter = new Reporter({ attempt: 1, writer: 'w', role: 'parser', send, clock })
    const sent: string[] = []
    for (let at = 0; at < 200; at += 1) {
      reporter.addLine('stdout', `line ${at}`)
      sent.push(`line ${at}`)
      await clock.advance(chance() * 300)
    }
    await clock.advance(600_000)
    const lines = [...stored.values()].flatMap((logs) =>
      (JSON.parse(logs) as { lines: string[] }[]).flatMap((one) => one.lines),
    ) // as decoded above
    expect(lines).toEqual(sent)
  }
})

test('the send function posts frames with the token and turns refusals into errors with their status', async () => {
  const calls: { url: string; init: RequestInit }[] = []
  const answers = [
    new Response(JSON.stringify({ number: 1, repeated: false, serverTime: 5, state: 'running' })),
    new Response(JSON.stringify(new PilothouseError('notFound', 'No such job.').toBody()), { status: 404 }),
    new Response('<html>', { status: 502, headers: { 'retry-after': '3' } }),
  ]
  const fetchIt = async (url: unknown, init?: RequestInit): Promise<Response> => {
    calls.push({ url: String(url), init: init ?? {} })
    return answers.shift() ?? Response.error()
  }
  const send = makeReportSend({
    url: 'http://127.0.0.1:4080/',
    uid: 'job-1',
    token: 'secret',
    fetch: fetchIt,
  })
  const { signal } = new AbortController()
  expect(await send(new Uint8Array(4), signal)).toMatchObject({ number: 1, state: 'running' })
  expect(calls[0]?.url).toBe('http://127.0.0.1:4080/api/jobs/job-1/reports')
  expect(calls[0]?.init).toMatchObject({
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/x-pilothouse-frame' },
  })
  await expect(send(new Uint8Array(4), signal)).rejects.toMatchObject({ status: 404, message: 'No such job.' })
  await expect(send(new Uint8Array(4), signal)).rejects.toMatchObject({ status: 503, retryAfterMs: 3_000 })
})
