import { describe, expect, it } from 'vitest'
import { startAnswer, type StartAnswer, type StartQuery } from '@pilothouse/contract'
import { findStart } from './find-start.ts'
import { noLimits, parseFacts, readRecorded, writeJob, writeNode, writePartition } from './slurm.fixture.ts'

const hour = 3_600
const nodes = [
  writeNode('a1', { GresUsed: 'gpu:a100:4(IDX:0-3)', State: 'MIXED', Partitions: 'gpu,short' }),
  writeNode('a2', { GresUsed: 'gpu:a100:1(IDX:0)', State: 'MIXED', Partitions: 'gpu,short' }),
  writeNode('a3', { State: 'IDLE+PLANNED', Partitions: 'gpu' }),
  writeNode('r1', { Gres: 'gpu:rtx4090:2', GresUsed: 'gpu:rtx4090:0(IDX:N/A)', Partitions: 'gpu,short' }),
  writeNode('c1', { Gres: '(null)', GresUsed: '(null)', Partitions: 'cpu' }),
]
const partitions = [
  writePartition('gpu', { Default: 'YES', MaxTime: '2-00:00:00' }),
  writePartition('short', { MaxTime: '04:00:00', MaxNodes: '1' }),
  writePartition('cpu'),
]
const jobs = [
  writeJob({ perJob: 'gres:gpu:a100:8', nodes: 2 }),
  writeJob({ perJob: 'gres:gpu:rtx4090:2' }),
  writeJob({ perJob: 'gres:gpu:a100:1', reason: 'BeginTime' }),
  writeJob({ perJob: 'gres:gpu:1', partition: 'gpu,cpu' }),
]
const ask = (wish: StartQuery, more: { partitions?: string[]; nodes?: string[] } = {}): StartAnswer => {
  const lines = { nodes, partitions, ...more }
  const facts = parseFacts(lines.nodes.join('\n'), lines.partitions.join('\n'), jobs.join('\n'))
  const answer = findStart(facts, noLimits, wish)
  expect(startAnswer.parse(answer)).toEqual(answer)
  return answer
}
const never = ({ never: all }: StartAnswer): Record<string, unknown> =>
  Object.fromEntries(all.map(({ partition, obstacles }) => [partition, obstacles]))

describe('a wish for GPUs', () => {
  it('starts where so many are free on one node', () => {
    const { now, later } = ask({ gpus: 3, type: 'a100', seconds: hour })
    expect(now.map((place) => [place.partition, place.gres, place.nodes, place.gpusPerNode, place.on])).toEqual([
      ['gpu', 'a100', 1, 3, ['a2']],
      ['short', 'a100', 1, 3, ['a2']],
    ])
    expect(now.map(({ ahead }) => ahead)).toEqual([
      { jobs: 2, gpus: 9 },
      { jobs: 0, gpus: 0 },
    ])
    expect(later).toEqual([])
  })

  it('of any type is answered for each', () => {
    expect(ask({ gpus: 2 }).now.map(({ partition, type }) => [partition, type])).toEqual([
      ['gpu', 'a100'],
      ['gpu', 'rtx4090'],
      ['short', 'a100'],
      ['short', 'rtx4090'],
    ])
  })

  it('waits for what is in use and held, and is not promised where it never fits', () => {
    const answer = ask({ gpus: 4, type: 'A100', seconds: 8 * hour })
    expect(answer.now).toEqual([])
    expect(answer.later).toEqual([
      {
        partition: 'gpu',
        type: 'a100',
        gres: 'a100',
        isPreemptible: false,
        ahead: { jobs: 2, gpus: 9 },
        nodes: 1,
        gpusPerNode: 4,
        missing: 1,
        reasons: ['used', 'held'],
        on: ['a2', 'a1', 'a3'],
      },
    ])
    expect(never(answer)).toEqual({
      short: [{ kind: 'maxTime', maxSeconds: 4 * hour, seconds: 8 * hour }],
      cpu: [{ kind: 'noSuchType', types: [] }],
    })
  })

  it('spreads over several nodes evenly', () => {
    expect(ask({ gpus: 8, type: 'a100', partition: 'gpu' }).later).toMatchObject([
      { nodes: 2, gpusPerNode: 4, missing: 5 },
    ])
    expect(ask({ gpus: 6, type: 'a100', nodes: 3 }).later).toMatchObject([{ nodes: 3, gpusPerNode: 2, missing: 4 }])
    const free = [1, 2, 3].map((number) => writeNode(`n${number}`, { GresUsed: 'gpu:a100:2(IDX:0-1)' }))
    const spread = ask({ gpus: 4, type: 'a100' }, { nodes: free, partitions: [writePartition('gpu')] })
    expect(spread.now).toMatchObject([{ nodes: 2, gpusPerNode: 2, on: ['n1', 'n2', 'n3'] }])
    expect(spread.later).toMatchObject([{ nodes: 1, gpusPerNode: 4, missing: 2 }])
  })

  it('takes CPUs and memory with it', () => {
    const gib = 1024 ** 3
    expect(ask({ gpus: 2, type: 'rtx4090', cpus: 16, partition: 'gpu' }).now).toHaveLength(1)
    expect(never(ask({ gpus: 2, type: 'rtx4090', cpus: 17, partition: 'gpu' }))).toEqual({
      gpu: [{ kind: 'gpus', max: 1, gpus: 2 }],
    })
    expect(ask({ gpus: 1, type: 'rtx4090', memoryBytes: 60 * gib, partition: 'gpu' }).now).toHaveLength(1)
    const busy = [writeNode('n1', { AllocMem: '60000', State: 'MIXED' })]
    const answer = ask({ gpus: 2, memoryBytes: 10 * gib }, { nodes: busy, partitions: [writePartition('gpu')] })
    expect(answer.later).toMatchObject([{ missing: 2, reasons: ['stranded'] }])
  })

  it.each([
    ['too many for all nodes', { gpus: 16, type: 'a100', partition: 'gpu' }, { kind: 'gpus', max: 12, gpus: 16 }],
    [
      'too many on a node',
      { gpus: 8, nodes: 1, type: 'a100', partition: 'gpu' },
      { kind: 'gpusPerNode', max: 4, gpus: 8 },
    ],
    ['too many nodes', { gpus: 8, type: 'a100', partition: 'short' }, { kind: 'maxNodes', max: 1, nodes: 2 }],
    ['too many nodes by number', { gpus: 2, nodes: 2, partition: 'short' }, { kind: 'maxNodes', max: 1, nodes: 2 }],
    ['shares that are not even', { gpus: 5, nodes: 2, partition: 'gpu' }, { kind: 'uneven', gpus: 5, nodes: 2 }],
    [
      'a number that no nodes share evenly',
      { gpus: 11, type: 'a100', partition: 'gpu' },
      { kind: 'uneven', gpus: 11, nodes: 3 },
    ],
    ['another type', { gpus: 1, type: 'h100', partition: 'gpu' }, { kind: 'noSuchType', types: ['a100', 'rtx4090'] }],
    [
      'too long',
      { gpus: 1, seconds: 50 * hour, partition: 'gpu' },
      { kind: 'maxTime', maxSeconds: 48 * hour, seconds: 50 * hour },
    ],
  ])('never starts: %s', (_, wish, obstacle) => {
    const answer = ask(wish)
    expect([answer.now, answer.later]).toEqual([[], []])
    expect(never(answer)).toEqual({ [wish.partition]: [obstacle] })
  })

  it('never starts in a partition that is down, or is not there', () => {
    expect(never(ask({ gpus: 1 }, { partitions: [writePartition('gpu', { State: 'DOWN' })] }))).toEqual({
      gpu: [{ kind: 'state', state: 'DOWN' }],
    })
    expect(never(ask({ gpus: 1, partition: 'gone' }))).toEqual({
      gone: [{ kind: 'partition', allowed: ['gpu', 'short', 'cpu'] }],
    })
  })

  it('prefers where it cannot be stopped for others', () => {
    const both = [writePartition('scavenge', { PreemptMode: 'REQUEUE' }), writePartition('gpu', { PriorityTier: '10' })]
    const shared = [writeNode('n1', { Partitions: 'scavenge,gpu' })]
    const { now } = ask({ gpus: 1 }, { nodes: shared, partitions: both })
    expect(now.map(({ partition, isPreemptible }) => [partition, isPreemptible])).toEqual([
      ['gpu', false],
      ['scavenge', true],
    ])
  })
})

it('partitions that the configuration leaves out are named only when they are asked for', () => {
  const facts = parseFacts(readRecorded('nodes'), readRecorded('partitions'), readRecorded('queue'))
  const limits = { ...noLimits, allowedPartitions: ['gpu'], gpuTypes: [{ name: 'A100_80GB', gres: ['a100'] }] }
  const answer = findStart(facts, limits, { gpus: 2, type: 'A100_80GB' })
  expect(answer.now).toMatchObject([{ partition: 'gpu', type: 'A100_80GB', gres: 'a100', on: ['gpu2'] }])
  expect(answer.never).toEqual([])
  expect(never(findStart(facts, limits, { gpus: 1, partition: 'scavenge' }))).toEqual({
    scavenge: [{ kind: 'partition', allowed: ['gpu'] }],
  })
})
