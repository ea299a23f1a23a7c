import type { StartAnswer, StartObstacle, TimedStart } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { describeReason } from './describe-reason.ts'
import { describeLater, describeNow, describeObstacle, describeWish, summariseStart } from './describe-start.ts'

const place = { partition: 'gpu', type: 'a100', gres: 'a100', nodes: 1, gpusPerNode: 4, isPreemptible: false }
const nobody = { jobs: 0, gpus: 0 }
const now: StartAnswer['now'][number] = { ...place, ahead: nobody, on: ['n1', 'n2'] }
const later: TimedStart['later'][number] = {
  ...place,
  ahead: nobody,
  on: ['n1'],
  missing: 2,
  reasons: ['used'],
  freeBy: null,
}

it('why a node starts nothing is told with who said so and when', () => {
  expect(describeReason('a fan, see [4] [root@1000000000]', 1_000_000_060_000)).toBe('a fan, see [4] (root, 1 m ago)')
  expect(describeReason('Not responding', 0)).toBe('Not responding')
})

it('a wish reads as one would say it', () => {
  expect(describeWish({ gpus: 4, type: 'A100_80GB', seconds: 8 * 3600 })).toBe('4 × A100_80GB for 8 h')
  expect(describeWish({ gpus: 1 })).toBe('1 GPU')
  expect(describeWish({ gpus: 16, nodes: 2 })).toBe('16 GPUs on 2 nodes')
})

it('the answer in one sentence says whether now, later or never', () => {
  const wish = { gpus: 4, type: 'a100' }
  const answer = { at: 0, now: [now], later: [later], never: [] }
  expect(summariseStart(answer, wish)).toEqual({ verdict: 'now', words: '4 × a100 can start now in «gpu».' })
  expect(summariseStart({ ...answer, now: [] }, wish)).toMatchObject({ verdict: 'later' })
  expect(summariseStart({ ...answer, now: [], later: [] }, wish)).toMatchObject({ verdict: 'never' })
})

it('a place says which nodes, what is missing, who comes first and who may stop it', () => {
  expect(describeNow(now)).toBe('4 × a100 on n1, n2.')
  const wide = {
    ...now,
    nodes: 2,
    on: ['a', 'b', 'c', 'd', 'e', 'f'],
    ahead: { jobs: 2, gpus: 12 },
    isPreemptible: true,
  }
  expect(describeNow(wide)).toBe(
    '4 × a100 on each of 2: a, b, c, d and 2 more. 2 jobs for 12 GPUs may come first. Jobs there can be stopped for those of higher rank.',
  )
  expect(describeLater({ ...later, freeBy: 7_200_000 }, 0)).toBe(
    '4 × a100 on a node: 2 GPUs are missing. Some are in use. By the limits of the jobs that run, they are free in 2 h at the latest.',
  )
  expect(describeLater({ ...later, freeBy: 0 }, 0)).toContain('free any moment.')
  expect(describeLater({ ...later, missing: 1, nodes: 2, reasons: [], ahead: { jobs: 1, gpus: 1 } }, 0)).toBe(
    '4 × a100 on each of 2 nodes: 1 GPU is missing. 1 job for 1 GPU waits before it.',
  )
})

it.each<[StartObstacle, string]>([
  [{ kind: 'noSuchType', types: ['a100', null] }, 'It has no such GPUs, only a100.'],
  [{ kind: 'noSuchType', types: [] }, 'It has no such GPUs.'],
  [{ kind: 'maxTime', maxSeconds: 3600, seconds: 28_800 }, 'Jobs there run for at most 1 h, and 8 h is asked for.'],
  [{ kind: 'maxNodes', max: 1, nodes: 2 }, 'A job there has at most 1 node, and it takes 2.'],
  [{ kind: 'minNodes', min: 2, nodes: 1 }, 'A job there has at least 2 nodes, and 1 is asked for.'],
  [{ kind: 'gpusPerNode', max: 8, gpus: 16 }, 'No node there has 16 of them; the most is 8.'],
  [{ kind: 'gpus', max: 6, gpus: 16 }, 'At most 6 of them can be had together there.'],
  [{ kind: 'gpus', max: 0, gpus: 16 }, 'No node there would do.'],
  [{ kind: 'uneven', gpus: 5, nodes: 2 }, '5 GPUs cannot be shared evenly by 2 nodes.'],
  [{ kind: 'state', state: 'DOWN' }, 'It is DOWN and starts no jobs.'],
  [{ kind: 'account', allowed: ['ml', 'vision'] }, 'None of your accounts is let in; it takes ml, vision.'],
  [{ kind: 'qos', allowed: [] }, 'None of your QoS is let in.'],
  [{ kind: 'group', allowed: ['staff'] }, 'It is for members of a group: staff.'],
  [{ kind: 'partition', allowed: ['gpu'] }, 'It is not among those that you can use: gpu.'],
])('%o reads well', (obstacle, words) => {
  expect(describeObstacle(obstacle)).toBe(words)
})
