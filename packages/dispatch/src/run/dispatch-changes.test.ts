/** What changes while a run goes on: its engines, and whether anybody still wants a result. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { judgeFailure } from '../engine/judge-failure.ts'
import type { BatchRequest, RequestResult } from '../request.ts'
import { Dispatch } from './dispatch.ts'
import type { DispatchEngine } from './dispatch-engine.ts'
import type { SeatView } from './engine-seat.ts'

type Attempt = Awaited<ReturnType<DispatchEngine['send']>>

const usage = { inputTokens: 1, cachedTokens: 0, outputTokens: 3, reasoningTokens: 0 }
const answer = (body = '{}'): Attempt => ({ kind: 'answered', status: 200, requestId: null, body, usage })
const fail = (status: number): Attempt => {
  const failure = judgeFailure({ kind: 'status', status, headers: {}, body: '' }, 0)
  return { kind: 'failed', status, requestId: null, body: null, ...failure }
}

/** An engine whose requests wait until the test answers them. */
function holdEngine(name: string): DispatchEngine & { held: Map<number, (attempt: Attempt) => void> } {
  const held = new Map<number, (attempt: Attempt) => void>()
  return {
    name,
    held,
    send: async ({ line }, { signal, onTokens }) => {
      const answered = Promise.withResolvers<Attempt>()
      held.set(line, answered.resolve)
      onTokens(1)
      const aborted = once(signal, 'abort').then(() => {
        throw signal.reason
      })
      return Promise.race([answered.promise, aborted]).finally(() => held.delete(line))
    },
  }
}

function instantEngine(name: string): DispatchEngine {
  return { name, send: async () => answer() }
}

async function* listRequests(count: number, signalOf: (line: number) => AbortSignal | undefined = () => undefined) {
  for (let line = 1; line <= count; line += 1) {
    const request: BatchRequest = { line, customId: `r${line}`, url: '/v1/chat/completions', body: '{}' }
    yield { ...request, signal: signalOf(line) }
  }
}

function prepare(engines: DispatchEngine[]): { saved: RequestResult[]; left: SeatView[]; dispatch: Dispatch } {
  const [saved, left]: [RequestResult[], SeatView[]] = [[], []]
  const save = async (results: readonly RequestResult[]): Promise<void> => void saved.push(...results)
  const dispatch = new Dispatch({ engines, save, random: () => 0.1, onEngineLeft: (seat) => left.push(seat) })
  return { saved, left, dispatch }
}

const never = new AbortController().signal

function enginesOf(saved: readonly RequestResult[]): string[] {
  return [...new Set(saved.map(({ engine }) => engine ?? 'none'))].toSorted()
}

test('without an engine requests wait, and go out when there is one', async () => {
  const { saved, dispatch } = prepare([])
  const running = dispatch.run(listRequests(50), never)
  await new Promise(setImmediate)
  expect(dispatch.view()).toEqual([])
  dispatch.setEngines([instantEngine('late')])
  await running
  expect([saved.length, enginesOf(saved)]).toEqual([50, ['late']])
})

test('an engine that leaves gets nothing more, and what it still answers counts', async () => {
  const first = holdEngine('first')
  const { saved, left, dispatch } = prepare([first])
  const running = dispatch.run(listRequests(40), never)
  await expect.poll(() => first.held.size).toBe(4)
  dispatch.setEngines([instantEngine('second')])
  await expect.poll(() => saved.length).toBe(36)
  expect([first.held.size, left.length]).toEqual([4, 0])
  expect(dispatch.view().map(({ name }) => name)).toEqual(['first', 'second'])
  for (const resolve of first.held.values()) resolve(answer())
  await running
  expect([saved.length, enginesOf(saved)]).toEqual([40, ['first', 'second']])
  expect(left).toMatchObject([{ name: 'first', inFlight: 0, answered: 4 }])
  expect(dispatch.view().map(({ name }) => name)).toEqual(['second'])
})

test('an engine of the same name keeps its seat, under other bounds', async () => {
  const engine = holdEngine('one')
  const { saved, dispatch } = prepare([engine])
  const running = dispatch.run(listRequests(40), never)
  await expect.poll(() => engine.held.size).toBe(4)
  const bounds = { floor: 1, ceiling: 2, start: 2 }
  dispatch.setEngines([{ ...engine, bounds }])
  expect(dispatch.view()).toMatchObject([{ name: 'one', inFlight: 4, limit: 2 }])
  dispatch.setEngines([{ ...instantEngine('one'), bounds }])
  for (const resolve of engine.held.values()) resolve(answer())
  await running
  expect(saved.length).toBe(40)
  expect(dispatch.view()).toMatchObject([{ name: 'one', answered: 40 }])
})

test('an engine that was away is tried at once when it has another address or key', async () => {
  const { saved, dispatch } = prepare([{ name: 'one', send: async () => fail(401) }])
  const running = dispatch.run(listRequests(3), never)
  await expect.poll(() => dispatch.view()[0]?.isAway).toBe(true)
  dispatch.setEngines([instantEngine('one')])
  await running
  expect(saved.every(({ outcome }) => outcome.kind === 'answered')).toBe(true)
})

test('requests that nobody wants any more are dropped, wherever they are', async () => {
  const unwanted = new AbortController()
  const engine = holdEngine('one')
  const { saved, dispatch } = prepare([engine])
  const isUnwanted = (line: number): boolean => line % 2 === 0
  const running = dispatch.run(
    listRequests(600, (line) => (isUnwanted(line) ? unwanted.signal : undefined)),
    never,
  )
  await expect.poll(() => engine.held.size).toBe(4)
  // One that is wanted and one that is not wait for another try.
  engine.held.get(1)?.(fail(500))
  engine.held.get(2)?.(fail(500))
  await expect.poll(() => engine.held.has(6)).toBe(true)
  unwanted.abort()
  await expect.poll(() => [...engine.held.keys()].some(isUnwanted)).toBe(false)
  dispatch.setEngines([instantEngine('one'), instantEngine('two')])
  for (const resolve of engine.held.values()) resolve(answer())
  await running
  expect(saved.map(({ request }) => request.line).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 300 }, (_, at) => 2 * at + 1),
  )
  const one = dispatch.view().find(({ name }) => name === 'one')
  expect(one).toMatchObject({ inFlight: 0, failed: 2, isAway: false })
})

test('a run of which nobody wants anything ends, and says so of no request', async () => {
  const unwanted = new AbortController()
  const engine = holdEngine('one')
  const { saved, dispatch } = prepare([engine])
  const running = dispatch.run(
    listRequests(1_000, () => unwanted.signal),
    never,
  )
  await expect.poll(() => engine.held.size).toBe(4)
  unwanted.abort()
  await running
  expect(saved).toEqual([])
  expect(dispatch.view()).toMatchObject([{ inFlight: 0, answered: 0, failed: 0, tokens: 4 }])
})

test('results are saved in groups that are bounded in bytes, and too many bytes hold back what is sent', async () => {
  const megabytes = (count: number): string => 'x'.repeat(count * 1_048_576)
  const [groups, gate]: [number[], PromiseWithResolvers<void>] = [[], Promise.withResolvers()]
  let sent = 0
  const engine: DispatchEngine = {
    name: 'one',
    send: async ({ line }) => {
      sent += 1
      return answer(megabytes(line === 5 ? 10 : 3))
    },
  }
  const save = async (results: readonly RequestResult[]): Promise<void> => {
    groups.push(results.reduce((sum, { outcome }) => sum + (outcome.body?.length ?? 0), 0) / 1_048_576)
    await gate.promise
  }
  const dispatch = new Dispatch({ engines: [engine], save })
  const running = dispatch.run(listRequests(40), never)
  await expect.poll(() => groups.length).toBe(1)
  await expect.poll(() => sent).toBeGreaterThan(5)
  expect(sent).toBeLessThan(16)
  gate.resolve()
  await running
  expect(sent).toBe(40)
  expect(groups.filter((size) => size > 8)).toEqual([10])
  expect(groups.reduce((sum, size) => sum + size)).toBe(39 * 3 + 10)
})
