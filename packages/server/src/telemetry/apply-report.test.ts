import { type Report, type ReportRole, jobStates } from '@pilothouse/contract'
import { describe, expect, it } from 'vitest'
import { type AttemptFacts, type AttemptState, applyReport } from './apply-report.ts'
import { layStages } from './stages.ts'

const now = 1_000_000
const fresh: AttemptFacts = {
  number: 1,
  state: 'running',
  stateRole: null,
  startedMs: 900_000,
  endedMs: null,
  exitCode: null,
  signal: null,
  error: null,
  clockOffsetMs: null,
  sdkSpoke: false,
}

function stateOf(facts: Partial<AttemptFacts> = {}, stages = layStages([], [])): AttemptState {
  return { attempt: { ...fresh, ...facts }, stages }
}

function report(parts: Partial<Report> = {}): Report {
  return { attempt: 1, writer: 'w', number: 1, role: 'sdk', sentAt: now, logs: [], stages: [], points: [], ...parts }
}

const apply = (before: AttemptState, parts: Partial<Report>) =>
  applyReport(before, { report: report(parts), kind: 'training', now })
const points = [{ source: 'job', keys: ['loss'], steps: [1], times: [now], values: [[1]] }]
const end = (state: 'completed' | 'failed' | 'cancelled', more = {}) => ({ state, at: now, ...more })

describe('a report', () => {
  it('shows that a waiting or lost attempt is running', () => {
    for (const state of ['queued', 'submitting', 'pending', 'lost'] as const) {
      expect(apply(stateOf({ state, endedMs: state === 'lost' ? 5 : null }), {}).next.attempt).toMatchObject({
        state: 'running',
        endedMs: null,
      })
    }
  })

  it('completes a lost attempt when it says so', () => {
    const { next, ended } = apply(stateOf({ state: 'lost' }), { state: end('completed') })
    expect([next.attempt.state, ended]).toEqual(['completed', true])
  })

  it('never resurrects an attempt that has ended, yet its points are taken', () => {
    for (const state of ['completed', 'failed', 'cancelled'] as const) {
      const { next, takesPoints } = apply(stateOf({ state, stateRole: 'sdk' }), {
        points,
        state: { state: 'running', at: now },
      })
      expect([next.attempt.state, takesPoints]).toEqual([state, true])
    }
  })

  it('leaves the stages of an ended attempt alone', () => {
    const before = stateOf({ state: 'completed', stateRole: 'sdk' })
    expect(apply(before, { points, stages: [{ name: 'x', state: 'active', at: now }] }).next.stages).toBe(before.stages)
  })

  it('ignores a state that may not follow', () => {
    expect(apply(stateOf({ state: 'pending' }), { state: { state: 'paused', at: now } }).next.attempt.state).toBe(
      'paused',
    )
    expect(
      apply(stateOf({ state: 'cancelled', stateRole: null }), { role: 'exit', state: end('failed') }).next.attempt
        .state,
    ).toBe('cancelled')
  })

  it('lets the exit record correct what the sdk said of the end, and not the other way round', () => {
    const bySdk = apply(stateOf(), { state: end('completed') }).next
    const byExit = apply(bySdk, { role: 'exit', state: end('failed', { exitCode: 3 }) }).next
    expect(byExit.attempt).toMatchObject({
      state: 'failed',
      exitCode: 3,
      error: { type: 'exit', message: 'Ended with exit code 3.' },
    })
    expect(apply(byExit, { state: end('completed') }).next.attempt.state).toBe('failed')
  })

  it('keeps cancelled what was cancelled, and notes the exit code', () => {
    const cancelled = apply(stateOf(), { state: end('cancelled') }).next
    expect(
      apply(cancelled, { role: 'exit', state: end('failed', { exitCode: 130, signal: 'SIGINT' }) }).next.attempt,
    ).toMatchObject({
      state: 'cancelled',
      exitCode: 130,
      signal: 'SIGINT',
    })
  })

  it('keeps the traceback of the script over a bare exit code', () => {
    const error = { type: 'ValueError', message: 'no', traceback: 'Traceback' }
    const failed = apply(stateOf(), { state: end('failed', { error }) }).next
    const after = apply(failed, {
      role: 'exit',
      state: end('failed', { exitCode: 1, error: { type: 'exit', message: 'exit code 1' } }),
    }).next
    expect(after.attempt).toMatchObject({ exitCode: 1, error: { type: 'ValueError', traceback: 'Traceback' } })
  })

  it('names the stage that failed', () => {
    const before = apply(stateOf(), { stages: [{ name: 'training', state: 'active', at: now }] }).next
    const { next } = apply(before, { state: end('failed', { error: { type: 'E', message: 'm' } }) })
    expect(next.attempt.error?.stage).toBe('Training')
    expect(next.stages.map(({ state }) => state)).toContain('failed')
  })

  it('of a parser counts only until an sdk has sent points', () => {
    const parsed = { role: 'parser' as ReportRole, points }
    expect(apply(stateOf(), parsed).takesPoints).toBe(true)
    const spoken = apply(stateOf(), { points }).next
    expect(spoken.attempt.sdkSpoke).toBe(true)
    expect(apply(spoken, parsed).takesPoints).toBe(false)
    expect(apply(spoken, { role: 'parser', state: end('completed') }).next.attempt.state).toBe('running')
  })

  it('of a sampler says nothing about the state', () => {
    expect(apply(stateOf(), { role: 'sampler', state: end('failed') }).next.attempt.state).toBe('running')
  })

  it('keeps an error of a process that does not decide the end until somebody says how it ended', () => {
    const error = { type: 'ValueError', message: 'no', traceback: 'Traceback' }
    const noted = apply(stateOf(), { state: { state: 'running', at: now, error } }).next
    expect(noted.attempt).toMatchObject({ state: 'running', endedMs: null })
    const failed = apply(noted, { role: 'exit', state: end('failed', { exitCode: 1 }) }).next
    expect(failed.attempt).toMatchObject({ state: 'failed', error: { type: 'ValueError', traceback: 'Traceback' } })
    const completed = apply(noted, { role: 'exit', state: end('completed', { exitCode: 0 }) }).next
    expect(completed.attempt).toMatchObject({ state: 'completed', error: null })
  })

  it('adds the traceback to an end that was told without it', () => {
    const byExit = apply(stateOf(), { role: 'exit', state: end('failed', { exitCode: 1 }) }).next
    const error = { type: 'ValueError', message: 'no', traceback: 'Traceback' }
    expect(apply(byExit, { state: end('failed', { error }) }).next.attempt).toMatchObject({
      state: 'failed',
      stateRole: 'exit',
      error: { type: 'ValueError', traceback: 'Traceback' },
    })
  })

  it('of another rank leaves the clock of the one that logs alone, and is read by its own', () => {
    const known = stateOf({ clockOffsetMs: 40, startedMs: 1 })
    const state = { state: 'failed' as const, at: now + 9_000, rank: 3, error: { type: 'E', message: 'm' } }
    expect(apply(known, { sentAt: now + 10_000, state }).next.attempt).toMatchObject({
      clockOffsetMs: 40,
      endedMs: now - 1_000,
      error: { rank: 3, at: now - 1_000 },
    })
  })

  it('measures the clock and puts the times of events onto ours', () => {
    const { next } = apply(stateOf(), { sentAt: now + 60_000, state: { state: 'completed', at: now + 59_000 } })
    expect(next.attempt).toMatchObject({ clockOffsetMs: 60_000, endedMs: now - 1_000 })
  })

  it('believes the fastest way and forgets it slowly', () => {
    const first = apply(stateOf(), { sentAt: now - 500 }).next
    expect(apply(first, { sentAt: now - 20 }).next.attempt.clockOffsetMs).toBe(-20)
    expect(apply(first, { sentAt: now - 5_500 }).next.attempt.clockOffsetMs).toBe(-600)
  })

  it('never leads to a state that is none', () => {
    for (const state of jobStates) {
      for (const to of ['running', 'paused', 'completed', 'failed', 'cancelled'] as const) {
        for (const role of ['sdk', 'exit', 'parser', 'sampler'] as const) {
          const { next } = apply(stateOf({ state }), { role, state: { state: to, at: now } })
          expect(jobStates).toContain(next.attempt.state)
        }
      }
    }
  })
})
