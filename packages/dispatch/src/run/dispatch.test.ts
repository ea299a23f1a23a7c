import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { judgeFailure } from '../engine/judge-failure.ts'
import type { BatchRequest, RequestResult } from '../request.ts'
import { Dispatch } from './dispatch.ts'
import type { DispatchEngine } from './dispatch-engine.ts'

async function* listRequests(count: number): AsyncIterable<BatchRequest> {
  for (let line = 1; line <= count; line += 1)
    yield { line, customId: `r${line}`, url: '/v1/chat/completions', body: `{"n":${line}}` }
}

type Attempt = Awaited<ReturnType<DispatchEngine['send']>>
type Calls = Parameters<DispatchEngine['send']>[1]

function answer({ body }: BatchRequest, { onTokens }: Calls): Attempt {
  const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 3, reasoningTokens: 0 }
  onTokens(usage.outputTokens)
  return { kind: 'answered', status: 200, requestId: null, body, usage }
}

function fail(evidence: Parameters<typeof judgeFailure>[0]): Attempt {
  return { kind: 'failed', status: null, requestId: null, body: null, ...judgeFailure(evidence, 0) }
}

const status = (code: number): Attempt => fail({ kind: 'status', status: code, headers: {}, body: '' })
const away = (): Attempt =>
  fail({ kind: 'broken', error: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) })

type Run = { saved: RequestResult[]; groups: number[] }

function prepare(engines: DispatchEngine[], attemptsMax = 3): Run & { dispatch: Dispatch } {
  const [saved, groups]: [RequestResult[], number[]] = [[], []]
  const save = async (results: readonly RequestResult[]): Promise<void> => {
    groups.push(results.length)
    await pause(2)
    saved.push(...results)
  }
  return { saved, groups, dispatch: new Dispatch({ engines, save, attemptsMax, random: () => 0.001 }) }
}

const never = new AbortController().signal

function expectEachOnce(saved: readonly RequestResult[], count: number): void {
  const lines = saved.map(({ request }) => request.line).toSorted((a, b) => a - b)
  expect(lines).toEqual(Array.from({ length: count }, (_, at) => at + 1))
}

test('each request has one result, saved in groups', async () => {
  const run = prepare([{ name: 'one', send: async (request, calls) => answer(request, calls) }])
  await run.dispatch.run(listRequests(2_000), never)
  expectEachOnce(run.saved, 2_000)
  expect(run.groups.length).toBeLessThan(1_000)
  expect(run.saved.every(({ outcome, attempts }) => outcome.kind === 'answered' && attempts === 1)).toBe(true)
  const [seat] = run.dispatch.view()
  expect(seat).toMatchObject({ name: 'one', inFlight: 0, answered: 2_000, failed: 0, tokens: 6_000 })
})

test('nothing to send ends at once', async () => {
  const run = prepare([{ name: 'one', send: async (request, calls) => answer(request, calls) }])
  await run.dispatch.run(listRequests(0), never)
  expect(run.saved).toEqual([])
})

test('failures are tried again, and after so many the request has failed', async () => {
  const sent = new Map<number, number>()
  const send = async (request: BatchRequest, calls: Calls): Promise<Attempt> => {
    const times = (sent.get(request.line) ?? 0) + 1
    sent.set(request.line, times)
    if (request.line === 7) return status(500)
    if (request.line === 8) return status(400)
    return times < 2 ? status(500) : answer(request, calls)
  }
  const run = prepare([{ name: 'one', send }])
  await run.dispatch.run(listRequests(20), never)
  expectEachOnce(run.saved, 20)
  const of = (line: number) => run.saved.find(({ request }) => request.line === line)
  expect(of(1)).toMatchObject({ attempts: 2, outcome: { kind: 'answered' } })
  expect(of(7)).toMatchObject({ attempts: 3, outcome: { kind: 'failed', code: 'engine_error' } })
  expect(of(8)).toMatchObject({ attempts: 1, outcome: { kind: 'failed', code: 'refused' } })
})

test('an engine that is away is tried with one request at a time, and another takes the rest', async () => {
  let [isAway, tried] = [true, 0]
  const first: DispatchEngine = {
    name: 'first',
    send: async (request, calls) => {
      if (!isAway) return answer(request, calls)
      tried += 1
      return away()
    },
  }
  const second: DispatchEngine = {
    name: 'second',
    send: async (request, calls) => pause(5).then(() => answer(request, calls)),
  }
  const run = prepare([first, second])
  await run.dispatch.run(listRequests(300), never)
  expectEachOnce(run.saved, 300)
  expect(tried).toBeLessThan(10)
  expect(run.dispatch.view()[0]).toMatchObject({ isAway: true, answered: 0 })

  isAway = false
  const alone = prepare([first])
  isAway = true
  const running = alone.dispatch.run(listRequests(40), never)
  await expect.poll(() => alone.dispatch.view()[0]?.isAway).toBe(true)
  isAway = false
  await running
  expectEachOnce(alone.saved, 40)
})

test('a key that is refused is no fault of the requests: they wait until it is right', async () => {
  let isRefused = true
  const send = async (request: BatchRequest, calls: Calls): Promise<Attempt> =>
    isRefused ? status(401) : answer(request, calls)
  const run = prepare([{ name: 'one', send }])
  const running = run.dispatch.run(listRequests(20), never)
  await expect.poll(() => run.dispatch.view()[0]?.failed).toBeGreaterThan(4)
  expect([run.saved.length, run.dispatch.view()[0]?.isAway]).toEqual([0, true])
  isRefused = false
  await running
  expectEachOnce(run.saved, 20)
})

test('what waits for being saved holds back what is sent', async () => {
  const gate = Promise.withResolvers<void>()
  let sent = 0
  const dispatch = new Dispatch({
    engines: [{ name: 'one', send: async (request, calls) => ((sent += 1), answer(request, calls)) }],
    save: async () => gate.promise,
  })
  const running = dispatch.run(listRequests(10_000), never)
  await expect.poll(() => sent).toBeGreaterThan(2_000)
  const before = sent
  await pause(50)
  expect(sent).toBe(before)
  expect(sent).toBeLessThan(2_100)
  gate.resolve()
  await running
  expect(sent).toBe(10_000)
})

test('a run that is broken off gives up what is under way, and says why', async () => {
  const stop = new AbortController()
  let aborted = 0
  const send = async (request: BatchRequest, calls: Calls): Promise<Attempt> => {
    if (request.line < 3) return answer(request, calls)
    return pause(60_000, answer(request, calls), { signal: calls.signal }).catch((error: unknown) => {
      aborted += 1
      throw error
    })
  }
  const run = prepare([{ name: 'one', send }])
  const running = run.dispatch.run(listRequests(50), stop.signal)
  await expect.poll(() => run.saved.length).toBe(2)
  stop.abort(new Error('The lease is lost.'))
  await expect(running).rejects.toThrow('The lease is lost.')
  await expect.poll(() => aborted).toBe(4)
  expect(run.saved.length).toBe(2)
})

test('a drained run sends nothing more and ends with what was under way', async () => {
  const gates: (() => void)[] = []
  const send = async (request: BatchRequest, calls: Calls): Promise<Attempt> => {
    await new Promise<void>((resolve) => gates.push(resolve))
    return answer(request, calls)
  }
  const run = prepare([{ name: 'one', send }])
  const running = run.dispatch.run(listRequests(50), never)
  await expect.poll(() => gates.length).toBe(4)
  run.dispatch.drain()
  for (const open of gates) open()
  await running
  expect([run.saved.length, gates.length]).toEqual([4, 4])
})

test('what cannot be read or saved ends the run with its error', async () => {
  async function* broken(): AsyncIterable<BatchRequest> {
    yield* listRequests(5)
    throw new Error('The input cannot be read.')
  }
  const run = prepare([{ name: 'one', send: async (request, calls) => answer(request, calls) }])
  await expect(run.dispatch.run(broken(), never)).rejects.toThrow('The input cannot be read.')
  const full = new Dispatch({
    engines: [{ name: 'one', send: async (request, calls) => answer(request, calls) }],
    save: async () => Promise.reject(new Error('The disk is full.')),
  })
  await expect(full.run(listRequests(5), never)).rejects.toThrow('The disk is full.')
})

test('the engine’s own figures decide how many are sent at once', async () => {
  let [inFlight, most] = [0, 0]
  const slots = 8
  const engine: DispatchEngine = {
    name: 'one',
    send: async (request, calls) => {
      inFlight += 1
      most = Math.max(most, inFlight)
      await pause(20)
      inFlight -= 1
      return answer(request, calls)
    },
    readMetrics: async () => ({
      kind: 'vllm',
      running: Math.min(slots, inFlight),
      waiting: Math.max(0, inFlight - slots),
      cacheUse: null,
      promptTokens: null,
      outputTokens: null,
      preemptions: 0,
      prefixQueries: null,
      prefixHits: null,
    }),
  }
  const run = prepare([engine])
  await run.dispatch.run(listRequests(1_000), never)
  expect(most).toBeGreaterThanOrEqual(slots)
  expect(run.dispatch.view()[0]?.limit).toBeLessThanOrEqual(2 * slots)
})
