import type { Report } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { type AttemptState, applyReport } from './apply-report.ts'

const now = 1_000_000
const start: AttemptState = {
  attempt: {
    number: 1,
    state: 'running',
    stateRole: null,
    startedMs: 900_000,
    endedMs: null,
    exitCode: null,
    signal: null,
    error: null,
    clockOffsetMs: 0,
    sdkSpoke: true,
  },
  stages: [],
}

type State = NonNullable<Report['state']>
const own = { type: 'ValueError', message: 'NaN in batch 7', traceback: 'rank 2 trace' }
const broken = { type: 'torch.distributed.DistBackendError', message: 'NCCL error', traceback: 'rank 0 trace' }
const reset = { type: 'RuntimeError', message: 'Connection closed by peer [127.0.0.1]:24' }
const fail = (rank: number, at: number, error: State['error'] = own): State => ({ state: 'failed', at, rank, error })
const stop = (at: number): State => ({ state: 'cancelled', at, signal: 'SIGTERM', rank: 0 })

function end(...states: readonly State[]) {
  return states.reduce((before, state) => {
    const report = {
      attempt: 1,
      writer: 'w',
      number: 1,
      role: 'sdk' as const,
      sentAt: now,
      logs: [],
      stages: [],
      points: [],
    }
    return applyReport(before, { report: { ...report, state }, kind: 'training', now }).next
  }, start).attempt
}

/** All orders of a few things. */
function permute<Item>(items: readonly Item[]): Item[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, at) => permute(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

describe('a distributed job', () => {
  it('fails by the rank that failed first, in whatever order the ranks tell it', () => {
    const told = [fail(2, now - 500), fail(0, now - 480, broken), fail(1, now - 470, reset), fail(3, now - 100)]
    for (const order of permute(told)) {
      expect(end(...order)).toMatchObject({ state: 'failed', error: { rank: 2, traceback: 'rank 2 trace' } })
    }
  })

  it('fails by an exception rather than by a collective that it broke, whatever the clocks say', () => {
    expect(end(fail(0, now - 900, broken), fail(2, now - 500)).error).toMatchObject({ rank: 2 })
    expect(end(fail(2, now - 500), fail(0, now - 900, broken)).error).toMatchObject({ rank: 2 })
  })

  it('has failed when its launcher ended rank 0 because another rank failed', () => {
    for (const order of permute([stop(now - 450), fail(2, now - 500)])) {
      expect(end(...order)).toMatchObject({ state: 'failed', error: { rank: 2 } })
    }
  })

  it('was cancelled when its processes were asked to end and broke on the way', () => {
    for (const order of permute([stop(now - 9_500), fail(2, now - 9_000, reset), fail(1, now - 5_000)])) {
      if (order[0]?.state === 'cancelled') expect(end(...order)).toMatchObject({ state: 'cancelled', error: null })
    }
  })

  it('was cancelled when a person interrupted it', () => {
    const interrupt: State = { state: 'cancelled', at: now - 500, signal: 'SIGINT', rank: 0 }
    expect(end(interrupt, fail(2, now - 490)).state).toBe('cancelled')
  })

  it('has failed when another rank fails after rank 0 was done', () => {
    expect(end({ state: 'completed', at: now - 900, rank: 0 }, fail(2, now - 500))).toMatchObject({
      state: 'failed',
      error: { rank: 2 },
    })
  })

  it('fails by its last failure when a launcher had started it again after an earlier one', () => {
    const note = (rank: number, at: number): State => ({ ...fail(rank, at), state: 'running' })
    expect(end(note(1, now - 90_000), note(3, now - 500), note(2, now - 510)).error).toMatchObject({ rank: 2 })
  })

  it('that has no ranks keeps the first word on its end', () => {
    const plain = (message: string): State => ({ state: 'failed', at: now, error: { type: 'E', message } })
    expect(end(plain('first'), plain('second')).error).toMatchObject({ message: 'first' })
  })
})
