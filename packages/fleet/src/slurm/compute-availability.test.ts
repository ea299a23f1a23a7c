import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GpuAvailability, gpuAvailability, type GpuCounts } from '@pilothouse/contract'
import { computeAvailability } from './compute-availability.ts'
import { noLimits, parseFacts, readRecorded, writeJob, writeNode, writePartition } from './slurm.fixture.ts'
import type { SlurmFacts } from './slurm-facts.ts'

const none = { jobs: 0, gpus: 0 }

describe('a cluster as Slurm 22.05 has told it', () => {
  const facts = parseFacts(readRecorded('nodes'), readRecorded('partitions'), readRecorded('queue'))
  const all = computeAvailability(facts, noLimits)

  it('has GPUs in use, free and broken', () => {
    expect(all.types).toEqual([
      {
        type: 'a100',
        gres: ['a100'],
        total: 8,
        used: 6,
        free: 2,
        held: 0,
        stranded: 0,
        asleep: 0,
        broken: 0,
        waiting: { jobs: 2, gpus: 13 },
        notYet: none,
        freeOnOneNode: 2,
      },
      {
        type: 'rtx3090',
        gres: ['rtx3090'],
        total: 2,
        used: 0,
        free: 0,
        held: 0,
        stranded: 0,
        asleep: 0,
        broken: 2,
        waiting: none,
        notYet: { jobs: 1, gpus: 2 },
        freeOnOneNode: 0,
      },
    ])
    expect(all.anyType).toEqual({ waiting: { jobs: 1, gpus: 1 }, notYet: none })
  })

  it('says of each node what it is to a job', () => {
    expect(all.nodes.map(({ name, state, canStart, condition }) => [name, state, canStart, condition])).toEqual([
      ['cpu1', 'MIXED', true, 'open'],
      ['gpu1', 'MIXED', true, 'full'],
      ['gpu2', 'MIXED', true, 'open'],
      ['gpu3', 'IDLE+DRAIN', false, 'broken'],
    ])
    expect(all.nodes[3]?.reason).toBe('bad fan, see #12 [root@2026-11-21T23:44:11]')
    expect(all.nodes[1]).toMatchObject({
      cpus: { total: 8, used: 2 },
      memoryBytes: { total: 16_000 * 1024 ** 2, used: 0 },
    })
  })

  it('says of each partition what it takes', () => {
    expect(all.partitions.map(({ name }) => name)).toEqual(['gpu', 'scavenge', 'cpu'])
    expect(all.partitions[0]).toMatchObject({
      isDefault: true,
      state: 'UP',
      canStart: true,
      maxTimeSeconds: 86_400,
      maxNodes: null,
      isPreemptible: false,
      allowedGroups: null,
      allowedAccounts: null,
      allowedQos: null,
      nodes: 3,
      cpus: { total: 20, used: 3 },
    })
    expect(all.partitions[1]).toMatchObject({ isPreemptible: true })
    expect(all.partitions[2]).toMatchObject({ maxTimeSeconds: null, gpus: [] })
  })

  it('has the shape that the contract promises', () => {
    expect(gpuAvailability.parse(all)).toEqual(all)
  })
})

const rowOf = (all: GpuAvailability, type: string | null): GpuAvailability['types'][number] | undefined =>
  all.types.find((row) => row.type === type)
const compute = (nodes: string[], jobs: string[] = [], partitions = [writePartition('gpu')]): GpuAvailability =>
  computeAvailability(parseFacts(nodes.join('\n'), partitions.join('\n'), jobs.join('\n')), noLimits)

describe('free GPUs', () => {
  it.each([
    ['PLANNED for a job of higher priority', { State: 'IDLE+PLANNED' }, { held: 4 }],
    ['reserved', { State: 'IDLE+RESERVED' }, { held: 4 }],
    ['drained while jobs run on', { State: 'MIXED+DRAIN', GresUsed: 'gpu:a100:1(IDX:2)' }, { used: 1, broken: 3 }],
    ['switched off', { State: 'IDLE+POWERED_DOWN' }, { asleep: 4 }],
    [
      'without a CPU beside them',
      { State: 'ALLOCATED', CPUAlloc: '32', GresUsed: 'gpu:a100:1(IDX:0)' },
      { used: 1, stranded: 3 },
    ],
    ['without memory beside them', { State: 'MIXED', AllocMem: '64000' }, { stranded: 4 }],
    [
      'in use by shards',
      { Gres: 'gpu:a100:4,shard:16', GresUsed: 'gpu:a100:1(IDX:0),shard:a100:5(0/4,4/4,1/4,0/4)' },
      { used: 3, free: 1 },
    ],
    ['more in use than there are', { GresUsed: 'gpu:a100:9(IDX:0-8)' }, { used: 4 }],
    ['in use by count alone', { GresUsed: 'gpu:3' }, { used: 3, free: 1 }],
    [
      'counted by TRES where GRES are not told',
      { GresUsed: '', CfgTRES: 'cpu=8,gres/gpu=4', AllocTRES: 'cpu=1,gres/gpu=3' },
      { used: 3, free: 1 },
    ],
    ['idle by TRES', { GresUsed: '', CfgTRES: 'cpu=8,gres/gpu=4', AllocTRES: '' }, { free: 4 }],
  ])('%s', (_, set, counts) => {
    const nothing = { total: 4, used: 0, free: 0, held: 0, stranded: 0, asleep: 0, broken: 0 }
    expect(rowOf(compute([writeNode('n1', set)]), 'a100')).toMatchObject({ ...nothing, ...counts })
  })

  it('are counted by the queue where nodes tell nothing', () => {
    const running = writeJob({ state: 'RUNNING', nodes: 2, nodeList: 'n[1-2]', perNode: 'gres:gpu:a100:3' })
    const all = compute([writeNode('n1', { GresUsed: '' }), writeNode('n2', { GresUsed: '' })], [running])
    expect(rowOf(all, 'a100')).toMatchObject({ total: 8, used: 6, free: 2 })
  })

  it('are none in a partition that is down, and once over partitions that share nodes', () => {
    const nodes = [writeNode('n1', { Partitions: 'gpu,long' }), writeNode('n2', { Partitions: 'long' })]
    const all = compute(nodes, [], [writePartition('gpu'), writePartition('long', { State: 'DOWN' })])
    expect(rowOf(all, 'a100')).toMatchObject({ total: 8, free: 4, broken: 4 })
    expect(all.partitions.map(({ gpus }) => [gpus[0]?.free, gpus[0]?.broken])).toEqual([
      [4, 0],
      [0, 8],
    ])
    expect(all.nodes.map(({ condition, canStart }) => [condition, canStart])).toEqual([
      ['open', true],
      ['broken', false],
    ])
  })
})

describe('demand', () => {
  const nodes = [writeNode('n1'), writeNode('n2', { Gres: 'gpu:v100:2', GresUsed: 'gpu:v100:0(IDX:N/A)' })]
  it.each([
    ['of each element of an array', { id: '9_[1-4%2]', perNode: 'gres:gpu:a100:2' }, 'a100', { jobs: 4, gpus: 8 }],
    ['for each node', { nodes: 2, perNode: 'gres/gpu:a100:4' }, 'a100', { jobs: 1, gpus: 8 }],
    ['for each task', { tasks: 3, perTask: 'gres/gpu:v100:1' }, 'v100', { jobs: 1, gpus: 3 }],
    [
      'for the whole job, as accounting counts it',
      { alloc: 'cpu=2,gres/gpu=5', perJob: 'gres:gpu:a100:5' },
      'a100',
      { jobs: 1, gpus: 5 },
    ],
    ['for the whole job, by type', { alloc: 'gres/gpu:v100=2,gres/gpu=2' }, 'v100', { jobs: 1, gpus: 2 }],
  ])('%s', (_, job, type, waiting) => {
    const all = compute(nodes, [writeJob(job)])
    expect(rowOf(all, type)?.waiting).toEqual(waiting)
    expect(all.anyType.waiting).toEqual(none)
  })

  it('of any type stands apart', () => {
    expect(compute(nodes, [writeJob({ alloc: 'gres/gpu=3' })]).anyType.waiting).toEqual({ jobs: 1, gpus: 3 })
    expect(rowOf(compute([writeNode('n1')], [writeJob({ perJob: 'gres:gpu:3' })]), 'a100')?.waiting.gpus).toBe(3)
  })

  it('of jobs that wait for something else is not in the way', () => {
    const reasons = ['BeginTime', 'Dependency', 'JobHeldUser', 'QOSMaxJobsPerUserLimit', 'AssocGrpGRES']
    const jobs = reasons.map((reason) => writeJob({ reason, perJob: 'gres:gpu:a100:1' }))
    expect(rowOf(compute(nodes, jobs), 'a100')).toMatchObject({ waiting: none, notYet: { jobs: 5, gpus: 5 } })
  })
})

describe('what a user is shown', () => {
  const nodes = [
    writeNode('n1', { Partitions: 'gpu,vip' }),
    writeNode('n2', { Gres: 'gpu:v100:2', GresUsed: '', Partitions: 'vip' }),
  ]
  const facts = (set: Record<string, string>): SlurmFacts =>
    parseFacts(nodes.join('\n'), [writePartition('gpu'), writePartition('vip', set)].join('\n'), '')
  const access = {
    user: 'alice',
    groups: ['users'],
    enforcesAccounts: true,
    accounts: [{ account: 'ml', partition: null, qos: ['normal'] }],
  }
  const seen = (set: Record<string, string>, limits: object): string[] =>
    computeAvailability(facts(set), { ...noLimits, ...limits }).partitions.map(({ name }) => name)

  it('is what the configuration names, under its names', () => {
    const gpuTypes = [{ name: 'A100_80GB', gres: ['a100'] }]
    const all = computeAvailability(facts({}), { ...noLimits, allowedPartitions: ['vip'], gpuTypes })
    expect(all.partitions.map(({ name }) => name)).toEqual(['vip'])
    expect(all.types.map(({ type, gres, total }) => [type, gres, total])).toEqual([['A100_80GB', ['a100'], 4]])
    expect(all.nodes.map(({ name, gpus, partitions }) => [name, gpus.length, partitions])).toEqual([
      ['n1', 1, ['vip']],
      ['n2', 0, ['vip']],
    ])
  })

  it.each([
    ['a group that they are not in', { AllowGroups: 'staff,admins' }, ['gpu']],
    ['a group that they are in', { AllowGroups: 'staff,users' }, ['gpu', 'vip']],
    ['root', { RootOnly: 'YES' }, ['gpu']],
    ['an account that they do not have', { AllowAccounts: 'physics' }, ['gpu']],
    ['an account that they have', { AllowAccounts: 'physics,ml' }, ['gpu', 'vip']],
    ['all but their account', { AllowAccounts: 'ALL', DenyAccounts: 'ml' }, ['gpu']],
    ['a QoS that they do not have', { AllowQos: 'high' }, ['gpu']],
    ['a QoS that they have', { AllowQos: 'high,normal' }, ['gpu', 'vip']],
  ])('a partition for %s', (_, set, names) => {
    expect(seen(set, { access })).toEqual(names)
  })

  it('is everything where nobody knows who they are', () => {
    expect(seen({ AllowAccounts: 'physics' }, { access: { ...access, accounts: null } })).toEqual(['gpu', 'vip'])
    expect(seen({ RootOnly: 'YES' }, {})).toEqual(['gpu', 'vip'])
  })
})

const isWhole = ({ total, used, free, held, stranded, asleep, broken }: GpuCounts): boolean =>
  [used, free, held, stranded, asleep, broken].every((count) => Number.isInteger(count) && count >= 0) &&
  total === used + free + held + stranded + asleep + broken

it('whatever Slurm prints, every GPU is counted once', () => {
  const gres = fc.stringMatching(
    /^((gres[:/])?(gpu|shard|nic)(:(a100|a100_3g\.20gb|v100))?(:\d{1,2})?(\((S:0-1|IDX:0-2|IDX:N\/A|1\/4,0\/4)\))?,?){0,4}$/,
  )
  const words = fc.constantFrom(
    'IDLE',
    'MIXED',
    'ALLOCATED',
    'DOWN*',
    'IDLE+DRAIN',
    'idle-',
    'mix~',
    'IDLE+RESERVED',
    '',
  )
  const node = fc.record({
    Gres: gres,
    GresUsed: gres,
    State: words,
    AllocTRES: gres,
    CPUAlloc: fc.constantFrom('0', '32', 'x'),
  })
  fc.assert(
    fc.property(fc.array(node, { maxLength: 6 }), fc.array(gres, { maxLength: 4 }), (nodes, asked) => {
      const lines = nodes.map((set, at) => writeNode(`n${at}`, set))
      const all = compute(
        lines,
        asked.map((perNode) => writeJob({ perNode, nodes: 2 })),
      )
      const rows = [
        ...all.types,
        ...all.nodes.flatMap(({ gpus }) => gpus),
        ...all.partitions.flatMap(({ gpus }) => gpus),
      ]
      expect(rows.filter((row) => !isWhole(row))).toEqual([])
      gpuAvailability.parse(all)
    }),
  )
})

it('nonsense is nothing', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (one, other) => {
      const facts = parseFacts(`NodeName=${one}`, `PartitionName=${other}`, `${one}\n12_[${other}|${one}|`)
      gpuAvailability.parse(computeAvailability(facts, noLimits))
    }),
  )
})
