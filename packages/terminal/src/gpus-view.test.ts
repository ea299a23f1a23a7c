import type { ClusterStatus, GpuAvailability, GpuTypeRow, TimedStart } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { viewCluster, viewClusterFaults, viewConnectionTest } from './clusters-view.ts'
import { viewClusterStatus, viewGpus, viewStart } from './gpus-view.ts'
import { createPaint } from './paint.ts'

const now = 1_000_000
const view = { paint: createPaint({ enabled: false }), width: 100, now }
const none = { total: 0, used: 0, free: 0, held: 0, stranded: 0, asleep: 0, broken: 0 }
const nobody = { jobs: 0, gpus: 0 }
const a100: GpuTypeRow = {
  ...none,
  total: 8,
  used: 4,
  free: 3,
  broken: 1,
  type: 'A100',
  gres: ['a100'],
  waiting: { jobs: 2, gpus: 12 },
  notYet: nobody,
  freeOnOneNode: 2,
}
const availability: GpuAvailability = {
  at: now,
  types: [a100, { ...a100, ...none, type: null, gres: [], total: 1, free: 1, waiting: nobody }],
  anyType: { waiting: nobody, notYet: nobody },
  accounts: null,
  partitions: [
    {
      name: 'gpu',
      isDefault: true,
      state: 'UP',
      canStart: true,
      maxTimeSeconds: 172_800,
      defaultTimeSeconds: null,
      minNodes: 1,
      maxNodes: null,
      allowedGroups: null,
      allowedAccounts: null,
      deniedAccounts: [],
      allowedQos: null,
      deniedQos: [],
      priorityTier: 1,
      isPreemptible: false,
      nodes: 2,
      cpus: { total: 64, used: 8 },
      gpus: [a100],
    },
  ],
  nodes: [
    {
      name: 'n1',
      partitions: ['gpu'],
      state: 'MIXED+DRAIN',
      canStart: false,
      condition: 'broken',
      features: [],
      reason: 'fan \u001B[31mbroken',
      cpus: { total: 32, used: 8 },
      memoryBytes: { total: 1, used: 0 },
      gpus: [{ ...none, total: 4, used: 3, broken: 1, type: 'A100', gres: 'a100' }],
    },
  ],
}
const known: ClusterStatus = {
  name: 'dgx',
  kind: 'slurm',
  host: 'me@dgx',
  state: 'known',
  readAt: now - 8_000,
  unknownSince: null,
  trouble: null,
  nextTryAt: null,
  notices: [],
}

it('GPUs stand by type, partition or node; columns of nothing are left out', () => {
  expect(viewGpus(availability, 'type', view)).toEqual([
    '  TYPE  TOTAL  FREE  USED  BROKEN  ON ONE NODE  WAITING',
    '  A100      8     3     4       1            2  2 jobs for 12 GPUs',
    '  GPU       1     1     0       0            2  –',
  ])
  expect(viewGpus(availability, 'partition', view)).toEqual([
    '  PARTITION      TYPE  TOTAL  FREE  USED  BROKEN  LONGEST  STATE  WAITING',
    '  gpu (default)  A100      8     3     4       1      2 d  UP     2 jobs for 12 GPUs',
  ])
  expect(viewGpus(availability, 'node', view)).toEqual([
    '  NODE  TYPE  TOTAL  FREE  USED  BROKEN  STATE        WHY',
    '  n1    A100      4     0     3       1  MIXED+DRAIN  fan broken',
  ])
  expect(viewGpus({ ...availability, types: [] }, 'type', view)).toEqual(['  No GPUs that you can use.'])
})

it('a cluster says how old its figures are, or since when nobody knows more and why', () => {
  expect(viewClusterStatus(known, view)).toEqual(['● dgx  as of 8 s ago'])
  const trouble = { kind: 'route', message: 'dgx cannot be reached.', hint: 'Is the VPN up?' }
  const lines = viewClusterStatus(
    { ...known, state: 'unknown', unknownSince: now, trouble, notices: ['No «long».'] },
    view,
  )
  expect(lines[0]).toMatch(/^! dgx {2}unknown since \d\d:\d\d:\d\d, what follows is as of 8 s ago$/)
  expect(lines.slice(1)).toEqual(['  dgx cannot be reached.', '  Is the VPN up?', '  ! No «long».'])
  expect(viewCluster(known, availability.types, view).slice(1)).toEqual([
    '  slurm at me@dgx',
    '  3 × A100 of 8 free, 1 GPU of 1 free',
  ])
})

it('an answer says where now, where later and where never', () => {
  const place = {
    partition: 'gpu',
    type: 'A100',
    gres: 'a100',
    nodes: 1,
    gpusPerNode: 2,
    isPreemptible: false,
    ahead: nobody,
  }
  const start: TimedStart = {
    at: now,
    now: [{ ...place, on: ['n2'] }],
    later: [{ ...place, partition: 'long', on: ['n1'], missing: 1, reasons: ['used'], freeBy: null }],
    never: [{ partition: 'debug', obstacles: [{ kind: 'state', state: 'DOWN' }] }],
  }
  expect(viewStart(start, { gpus: 2, type: 'A100' }, view)).toEqual([
    '  2 × A100 can start now in «gpu».',
    '    ✓ gpu: 2 × A100 on n2.',
    '    ◔ long: 2 × A100 on a node: 1 GPU is missing. Some are in use.',
    '    ✗ debug: It is DOWN and starts no jobs.',
  ])
})

it('mistakes of the file stand as compilers have them, steps of the way with what to do', () => {
  expect(viewClusterFaults([{ line: 3, column: 5, message: 'Did you mean «host»?' }], view.paint)[0]).toBe(
    'clusters.yaml:3:5: Did you mean «host»?',
  )
  const steps = [
    { step: 'name' as const, outcome: 'done' as const, words: 'It is there.', hint: null },
    { step: 'hostKey' as const, outcome: 'failed' as const, words: 'It is unknown.', hint: 'Accept it.' },
  ]
  expect(viewConnectionTest({ ok: false, steps, hostKeys: null, tookMs: 1200 }, view.paint)).toEqual([
    '✓ Name      It is there.',
    '✗ Host key  It is unknown.',
    '            Accept it.',
    'It leads no further, after 1 s.',
  ])
})
