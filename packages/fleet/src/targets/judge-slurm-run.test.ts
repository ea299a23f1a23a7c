import { describe, expect, it } from 'vitest'
import type { RunLook } from '../runs/runs.ts'
import { parseAccounting } from '../slurm/parse-accounting.ts'
import { parseQueue } from '../slurm/parse-queue.ts'
import { writeJob } from '../slurm/slurm.fixture.ts'
import { SlurmError } from '../slurm/slurm-error.ts'
import { judgeEarlierEnd } from './earlier-end.ts'
import { explainReason } from './explain-reason.ts'
import { countPositions } from './queue-positions.ts'
import { judgeSlurmRun, type SlurmEvidence } from './judge-slurm-run.ts'

const look: RunLook = {
  state: 'elsewhere',
  logBytes: 5,
  host: 'a1',
  startedAt: 1_000,
  isCancelled: false,
  slurmId: '7',
  exit: null,
}
const record = (exitCode: number, restarts = 0) => ({ exitCode, startedAt: 1_000, endedAt: 9_000, restarts })

function judge(more: Partial<SlurmEvidence>): ReturnType<typeof judgeSlurmRun> {
  const nothing = { queued: null, accounted: null, error: null, isForgotten: false }
  return judgeSlurmRun({ look, slurmId: '7', seenRestarts: null, now: 10_000, ...nothing, ...more })
}

function queue(state: string, reason = '', set: Parameters<typeof writeJob>[0] = {}) {
  return parseQueue(writeJob({ id: '7', state, reason, nodeList: 'a1', ...set }))[0] ?? null
}

const noAnswer = new SlurmError('controller', { message: 'It does not answer.', hint: '' })

describe('a run on Slurm', () => {
  it.each([
    ['BOOT_FAIL', 'nodeFailure'],
    ['CANCELLED', 'cancelled'],
    ['COMPLETED', 'completed'],
    ['DEADLINE', 'timeLimit'],
    ['FAILED', 'failed'],
    ['NODE_FAIL', 'nodeFailure'],
    ['OUT_OF_MEMORY', 'outOfMemory'],
    ['PREEMPTED', 'preempted'],
    ['TIMEOUT', 'timeLimit'],
  ])('that is %s has ended: %s', (state, cause) => {
    expect(judge({ queued: queue(state) })).toMatchObject({ state: 'ended', cause })
    const accounted = parseAccounting(`7|${state}|0:9|1|2|3|1|a1\n`)
    expect(judge({ accounted })).toMatchObject({ state: 'ended', cause, exitCode: 137, endedAt: 3_000 })
  })

  it.each([
    ['PENDING', 'Priority', 'pending'],
    ['PENDING', 'JobHeldAdmin', 'held'],
    ['PENDING', 'launch failed requeued held', 'held'],
    ['REQUEUE_HOLD', '', 'held'],
    ['CONFIGURING', '', 'pending'],
    ['RUNNING', '', 'running'],
    ['SUSPENDED', '', 'running'],
    ['COMPLETING', '', 'running'],
  ])('that is %s (%s) is %s', (state, reason, ours) => {
    expect(judge({ queued: queue(state, reason) })).toMatchObject({ state: ours, cause: null, exitCode: null })
  })

  it('with a record of its end has ended once Slurm does not begin it anew, or says nothing for long', () => {
    const ended = { ...look, exit: record(143) }
    expect(judge({ look: ended, queued: queue('COMPLETING') }).state).toBe('running')
    expect(judge({ look: ended, queued: queue('PENDING', 'BeginTime') }).state).toBe('pending')
    const late = { look: ended, now: 9_000 + 61_000 }
    expect(judge({ ...late, queued: queue('COMPLETING') })).toMatchObject({ state: 'ended', exitCode: 143 })
    expect(judge({ ...late, queued: queue('RUNNING') })).toMatchObject({ state: 'ended', exitCode: 143 })
    expect(judge({ ...late, queued: queue('PENDING') }).state).toBe('pending')
    const anew = { ...late, queued: { ...(queue('RUNNING') ?? expect.fail()), restarts: 1 } }
    expect(judge(anew)).toMatchObject({ state: 'running', restarts: 1 })
  })

  it('that Slurm has forgotten is told by accounts, then by its record, and else is lost', () => {
    const ended = { ...look, exit: record(0) }
    const accounted = parseAccounting('7|REQUEUED|0:0|1|2|3|1|a1\n7|TIMEOUT|0:0|4|5|6|1|a2\n')
    expect(judge({ accounted })).toMatchObject({ cause: 'timeLimit', exitCode: null, restarts: 1, nodes: ['a2'] })
    expect(judge({ look: ended, accounted: [] })).toMatchObject({ state: 'ended', cause: 'completed' })
    expect(judge({ accounted: [] })).toMatchObject({ state: 'lost', nodes: ['a1'], startedAt: 1_000 })
    expect(judge({ look: { ...look, state: 'gone' } })).toMatchObject({ state: 'gone' })
  })

  it('is never lost, and has not ended, because nobody answers', () => {
    expect(judge({ error: noAnswer })).toMatchObject({ state: 'unknown', error: noAnswer, logBytes: 5 })
    // It may have been begun anew meanwhile.
    expect(judge({ look: { ...look, exit: record(143) }, error: noAnswer }).state).toBe('unknown')
    expect(judge({ look: { ...look, state: 'gone' }, error: noAnswer }).state).toBe('unknown')
    // Only its accounts are away.
    const forgotten = { error: noAnswer, isForgotten: true }
    expect(judge({ look: { ...look, exit: record(0) }, ...forgotten })).toMatchObject({ state: 'ended', exitCode: 0 })
    expect(judge(forgotten).state).toBe('unknown')
  })

  it('that is put back into the queue has not begun anew before Slurm has cleared up behind it', () => {
    const queued = { ...(queue('COMPLETING') ?? expect.fail()), restarts: 1 }
    expect(judge({ queued, seenRestarts: 0 })).toMatchObject({ state: 'running', restarts: 0 })
    expect(judge({ queued, seenRestarts: 1 })).toMatchObject({ state: 'running', restarts: 1 })
  })

  it.each([
    ['accounts say', { accounted: parseAccounting('7|PREEMPTED|0:0|1|2|3|1|a1\n') }, 'preempted', 3_000],
    ['accounts say', { accounted: parseAccounting('7|NODE_FAIL|0:0|1|2|3|1|a1\n') }, 'nodeFailure', 3_000],
    ['accounts say', { accounted: parseAccounting('7|REQUEUED|0:0|1|2|3|1|a1\n') }, 'requeued', 3_000],
    ['the wrapper kept', { records: [{ ...record(143), isPreempted: true }] }, 'preempted', 9_000],
    ['the log has', { word: 'PREEMPTION', records: [record(143)] }, 'preempted', 9_000],
    ['the log has', { word: 'JOB REQUEUE' }, 'requeued', 5_000],
    ['the wrapper kept', { records: [record(6)] }, 'failed', 9_000],
    ['nobody says', { records: [record(6, 3)] }, 'requeued', 5_000],
  ] as const)('ended before it was begun anew as %s', (_, told, cause, endedAt) => {
    const nothing = { restarts: 0, records: [], word: null, accounted: null, requeuedAt: 5_000 }
    expect(judgeEarlierEnd({ ...nothing, ...told })).toMatchObject({ restarts: 0, cause, endedAt })
  })

  it('that was not submitted waits, or is over', () => {
    const made = { ...look, slurmId: null, host: null, startedAt: null, state: 'waiting' } as const
    expect(judge({ look: made, slurmId: null })).toMatchObject({ state: 'waiting' })
    const cancelled = { ...made, isCancelled: true }
    expect(judge({ look: cancelled, slurmId: null })).toMatchObject({ state: 'ended', cause: 'cancelled' })
  })
})

it.each([
  ['Resources', 'It waits for resources to come free; it is next. (Resources)'],
  ['QOSMaxGRESPerUser', 'The QoS allows no more GPUs (or other resources) at a time. (QOSMaxGRESPerUser)'],
  ['ReqNodeNotAvail, UnavailableNodes:a1', expect.stringMatching(/^A node that it needs .*\(ReqNode.*a1\)$/)],
  ['SomethingOfTomorrow', 'SomethingOfTomorrow'],
])('%s is said in plain words', (reason, words) => {
  expect(explainReason('PENDING', reason)).toEqual(words)
})

it('positions are counted in each partition, and those of arrays element by element', () => {
  const queue = '9|gpu|\n12_[0-2%1]|gpu|\n7|cpu|\nwhat is this\n8|gpu,cpu|\n6|gpu|\n'
  expect([...countPositions(queue)]).toEqual([
    ['9', 1],
    ['12_0', 2],
    ['12_1', 3],
    ['12_2', 4],
    ['7', 1],
    ['8', 2],
    ['6', 6],
  ])
})
