import { expect, test } from 'vitest'
import { describeCondition } from './describe-rule.ts'
import { isInScope, matchesPattern } from './match-rule.ts'
import { type JobFacts, watchEpochs, watchSilence, watchState } from './watch-job.ts'

const minute = 60_000
const running: JobFacts = { state: 'running', attempt: 1, startedAt: 0, endedAt: null, heardAt: 0, errorMessage: null }
const failed: JobFacts = { ...running, state: 'failed', endedAt: 5_000, errorMessage: 'CUDA out of memory' }
const bad = { condition: { kind: 'state' as const, states: ['failed' as const, 'lost' as const] }, sinceMs: 0 }

test('a failure is told once with its error, and is over when the job runs again', () => {
  const first = watchState(bad, null, failed, 6_000)
  expect(first.moves).toMatchObject([{ kind: 'raised', at: 5_000, text: 'CUDA out of memory', state: 'failed' }])
  expect(watchState(bad, first.watch, failed, 7_000).moves).toEqual([])
  const again = watchState(bad, first.watch, { ...running, attempt: 2 }, 8_000)
  expect(again.moves).toMatchObject([{ kind: 'resolved', text: 'The job is running.' }])
  const second = watchState(bad, again.watch, { ...failed, attempt: 2, endedAt: 9_000 }, 9_000)
  expect(second.moves).toMatchObject([{ kind: 'raised', at: 9_000 }])
})

test('what had ended before the rule came is not told', () => {
  expect(watchState({ ...bad, sinceMs: 5_001 }, null, failed, 6_000).moves).toEqual([])
})

test('a completed job is told of as a moment: nothing is over when it runs again', () => {
  const done = { condition: { kind: 'state' as const, states: ['completed' as const] }, sinceMs: 0 }
  const told = watchState(done, null, { ...running, state: 'completed', endedAt: 1_000 }, 1_000)
  expect(told.moves).toMatchObject([{ kind: 'raised', text: 'The job has completed.' }])
  expect(watchState(done, told.watch, running, 2_000).moves).toEqual([])
})

const silence = {
  condition: { kind: 'silence' as const, forMs: 10 * minute },
  sinceMs: 0,
  clearMs: 0,
  cooldownMs: 1_000,
}

test('silence is told once, goes on while the job is lost, and is over when it is heard again', () => {
  const quiet = watchSilence(silence, undefined, running, 9 * minute)
  expect(quiet.moves).toEqual([])
  const raised = watchSilence(silence, quiet.watch, running, 11 * minute)
  expect(raised.moves).toMatchObject([{ kind: 'raised', text: 'No report for 11 m.' }])
  const lost = watchSilence(silence, raised.watch, { ...running, state: 'lost' }, 20 * minute)
  expect(lost.moves).toEqual([])
  const heard = watchSilence(silence, lost.watch, { ...running, heardAt: 21 * minute }, 21 * minute)
  expect(heard.moves).toMatchObject([{ kind: 'resolved', text: 'The job reports again.' }])
})

test('a job that never reports is silent since it began, and nobody is silent before the server listens', () => {
  const mute = { ...running, heardAt: null }
  expect(watchSilence(silence, undefined, mute, 11 * minute).moves).toHaveLength(1)
  expect(watchSilence({ ...silence, sinceMs: 5 * minute }, undefined, mute, 11 * minute).moves).toEqual([])
  expect(watchSilence(silence, undefined, { ...mute, state: 'queued' }, 11 * minute).moves).toEqual([])
})

test('epochs are told when a later one begins, every so many', () => {
  const every = (count: number) => ({ condition: { kind: 'epoch' as const, every: count } })
  const points = { steps: [1, 2, 3, 4], times: [1, 2, 3, 4], epochs: [0.5, 0.9, 1.1, 1.9] }
  const first = watchEpochs(every(1), null, points)
  expect(first.moves).toMatchObject([{ step: 3, text: 'Epoch 1 is reached.' }])
  expect(watchEpochs(every(1), first.watch, { steps: [5], times: [5], epochs: [NaN] }).moves).toEqual([])
  expect(watchEpochs(every(5), 3, { steps: [5], times: [5], epochs: [4] }).moves).toEqual([])
  expect(watchEpochs(every(5), 4, { steps: [5], times: [5], epochs: [5] }).moves).toHaveLength(1)
})

test('a pattern stands for any text where it has a star', () => {
  expect(['loss', 'train/loss', 'loss_val'].map((key) => matchesPattern('*loss*', key))).toEqual([true, true, true])
  expect(['gpu:a/0', 'host:a'].map((source) => matchesPattern('gpu:*', source))).toEqual([true, false])
  expect(['a', 'ab', 'aa', 'aba', ''].map((text) => matchesPattern('a*a', text))).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
  expect(matchesPattern('loss', 'losses')).toBe(false)
  expect(matchesPattern('*', '')).toBe(true)
})

test('a rule is about all jobs, those of a project, or one', () => {
  const job = { uid: 'u', project: 'p' }
  expect(isInScope({ kind: 'all' }, job)).toBe(true)
  expect(isInScope({ kind: 'project', project: 'q' }, job)).toBe(false)
  expect(isInScope({ kind: 'job', job: 'u' }, job)).toBe(true)
})

test('conditions read as the end of a sentence', () => {
  expect(describeCondition({ kind: 'silence', forMs: 10 * minute })).toBe('nothing is reported for 10 m')
  expect(describeCondition(bad.condition)).toBe('the job fails or is lost')
  const share = {
    kind: 'threshold',
    key: 'disk.used',
    source: 'host:*',
    is: 'above',
    value: 90,
    of: 'disk.total',
    forMs: 0,
    clearValue: null,
  } as const
  expect(describeCondition(share)).toBe('disk.used of host:* is above 90 % of disk.total')
})
