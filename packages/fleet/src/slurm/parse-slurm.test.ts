import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAccounting, parseAssociations } from './parse-accounting.ts'
import { parseQueue } from './parse-queue.ts'
import { parseNodes, parsePartitions } from './parse-scontrol.ts'
import { readRecorded, writeJob, writeNode, writePartition } from './slurm.fixture.ts'

describe('nodes and partitions', () => {
  it('free text is no field', () => {
    const line = writeNode('n1', { State: 'IDLE+DRAIN', Reason: 'fan State=IDLE Gres=gpu:a100:9, see =x [root@5]' })
    const [node] = parseNodes(`Welcome!\nNodeName=\n${line}\n\nState=IDLE\n`)
    expect(node).toMatchObject({ name: 'n1', gres: 'gpu:a100:4', state: { text: 'IDLE+DRAIN' } })
    expect(node?.reason).toBe('fan State=IDLE Gres=gpu:a100:9, see =x [root@5]')
  })

  it('memory and CPUs that Slurm keeps to itself are not counted', () => {
    const [node] = parseNodes(
      writeNode('n1', { CPUTot: '34', CPUEfctv: '32', RealMemory: '1000', MemSpecLimit: '100' }),
    )
    expect(node).toMatchObject({ cpus: { total: 32 }, memoryBytes: { total: 900 * 1024 ** 2 } })
  })

  it('limits of a partition are read', () => {
    const set = { MaxTime: '2-00:00:00', DefaultTime: '01:00:00', MaxNodes: '4', MinNodes: '2', AllowGroups: 'a,b' }
    expect(parsePartitions(writePartition('gpu', { ...set, DenyQos: 'low', RootOnly: 'YES' }))).toMatchObject([
      {
        name: 'gpu',
        maxTimeSeconds: 172_800,
        defaultTimeSeconds: 3_600,
        maxNodes: 4,
        minNodes: 2,
        allowedGroups: ['a', 'b'],
        allowedAccounts: null,
        deniedQos: ['low'],
        isRootOnly: true,
      },
    ])
  })
})

describe('the queue', () => {
  it('is read as Slurm 22.05 has told it', () => {
    const jobs = parseQueue(readRecorded('queue'))
    expect(jobs.map(({ id, count, state, reason }) => [id, count, state, reason])).toEqual([
      ['12_[2-5%2]', 4, 'PENDING', 'JobArrayTaskLimit'],
      ['12_0', 1, 'RUNNING', null],
      ['12_1', 1, 'RUNNING', null],
      ['5', 1, 'PENDING', 'ReqNodeNotAvail, UnavailableNodes:gpu3'],
      ['11', 1, 'PENDING', 'Resources'],
      ['14', 1, 'PENDING', 'Priority'],
      ['15', 1, 'PENDING', 'BeginTime'],
      ['6', 1, 'RUNNING', null],
      ['9', 1, 'RUNNING', null],
      ['10', 1, 'RUNNING', null],
    ])
    expect(jobs[7]).toMatchObject({ restarts: 1, nodeList: 'gpu1', limitSeconds: 86_400, gpus: new Map([['a100', 3]]) })
    expect(jobs[1]).toMatchObject({ limitSeconds: null, gpus: new Map(), account: null, qos: 'normal' })
  })

  it('several partitions are several', () => {
    expect(parseQueue(writeJob({ partition: 'gpu,scavenge' }))[0]?.partitions).toEqual(['gpu', 'scavenge'])
  })
})

describe('accounting', () => {
  it('is read as Slurm 22.05 has told it: every run of a job, and who cancelled it', () => {
    const jobs = parseAccounting(readRecorded('accounting'))
    const byId = (id: string): object[] => jobs.filter((job) => job.id === id)
    expect(byId('1')).toMatchObject([
      { state: 'CANCELLED', cancelledBy: 1001, exitCode: 0, signal: null, elapsedSeconds: 8 },
    ])
    expect(byId('13')).toMatchObject([{ state: 'FAILED', cancelledBy: null, exitCode: 3, nodeList: 'cpu1' }])
    expect(byId('7')).toMatchObject([{ state: 'REQUEUED' }, { state: 'COMPLETED' }])
    expect(byId('14')).toMatchObject([{ state: 'PENDING', startedAt: null, endedAt: null, nodeList: '' }])
    expect(byId('17')).toMatchObject([{ state: 'PREEMPTED', nodeList: 'gpu1' }])
    expect(byId('5_0')).toMatchObject([{ state: 'COMPLETED', startedAt: expect.any(Number) }])
  })

  it('accounts of a user are read, banners are not', () => {
    expect(parseAssociations('Welcome\nml||normal,high\nvision|gpu|normal\n|x|\n')).toEqual([
      { account: 'ml', partition: null, qos: ['normal', 'high'] },
      { account: 'vision', partition: 'gpu', qos: ['normal'] },
    ])
  })
})

it('nothing makes a parser throw', () => {
  const lines = [readRecorded('nodes'), readRecorded('partitions'), readRecorded('queue'), readRecorded('accounting')]
  const cut = fc.record({ text: fc.constantFrom(...lines), at: fc.nat(3_000), more: fc.string({ maxLength: 40 }) })
  fc.assert(
    fc.property(cut, ({ text, at, more }) => {
      const broken = `${more}\n${text.slice(0, at)}${more}${text.slice(at)}`
      for (const parse of [parseNodes, parsePartitions, parseQueue, parseAccounting, parseAssociations]) parse(broken)
    }),
  )
})
