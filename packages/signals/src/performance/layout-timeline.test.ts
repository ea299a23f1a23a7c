import type { TimedAttempt } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { layoutTimeline } from './layout-timeline.ts'

const minute = 60_000

function attempt(parts: Partial<TimedAttempt>): TimedAttempt {
  return { number: 1, state: 'completed', startedAt: 0, endedAt: 60 * minute, stages: [], ...parts }
}

function stage(
  name: string,
  from: number,
  to: number | null,
  state: TimedAttempt['stages'][number]['state'] = 'completed',
) {
  return { name, state, startedAt: from * minute, endedAt: to === null ? null : to * minute }
}

const layout = (parts: Partial<TimedAttempt>) =>
  layoutTimeline({ attempts: [attempt(parts)], at: 90 * minute })[0]?.parts.map(({ stage: name, from, to }) => [
    name,
    from / minute,
    to / minute,
  ])

it('stages follow one another, and what no stage covers is shown as such', () => {
  const stages = [stage('Load', 0, 10), stage('Train', 10, 40), stage('Save', 50, 60)]
  expect(layout({ stages })).toEqual([
    ['Load', 0, 10],
    ['Train', 10, 40],
    [null, 40, 50],
    ['Save', 50, 60],
  ])
})

it('a stage that is told to run on while the next has begun ends where that begins', () => {
  expect(layout({ stages: [stage('Train', 0, 60), stage('Validate', 20, 60)] })).toEqual([
    ['Train', 0, 20],
    ['Validate', 20, 60],
  ])
})

it('the stage under way lasts until now, the one that failed until the end of its attempt', () => {
  expect(layout({ endedAt: null, stages: [stage('Train', 0, null, 'active')] })).toEqual([['Train', 0, 90]])
  const rows = layoutTimeline({
    attempts: [attempt({ state: 'failed', stages: [stage('Train', 0, 60, 'failed')] })],
    at: 90 * minute,
  })
  expect(rows).toMatchObject([{ state: 'failed', parts: [{ stage: 'Train', state: 'failed', to: 60 * minute }] }])
})

it('moments between two stages are not shown, and stages of another time neither', () => {
  const second = 1 / 60
  expect(layout({ stages: [stage('Load', second / 2, 10), stage('Train', 10 + second / 2, 60)] })).toEqual([
    ['Load', 0, 10],
    ['Train', 10, 60],
  ])
  expect(layout({ stages: [stage('Late', 70, 80)] })).toEqual([])
})

it('an attempt without stages is a bar without parts', () => {
  expect(layout({})).toEqual([])
})
