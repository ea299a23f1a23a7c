/** Which GPUs a cluster has, which of them can be had now, and where a wish for some of them could start. */
import { z } from 'zod'
import { nodeConditions, waitReasons } from './node-condition.ts'

/** Each GPU is counted once: total = used + free + held + stranded + asleep + broken. */
const gpuCounts = z.object({
  total: z.int(),
  /** By running jobs, also on nodes that take no new ones; GPUs of which shards are given away are among them. */
  used: z.int(),
  /** A job can have them now. */
  free: z.int(),
  /** Idle, but kept for a job of higher priority (PLANNED) or by a reservation. */
  held: z.int(),
  /** Idle on nodes whose CPUs or memory are all in use. */
  stranded: z.int(),
  /** On nodes that are switched off to save power: a job wakes them, which takes minutes. */
  asleep: z.int(),
  /** Idle on nodes, or in partitions, that start nothing (DOWN, DRAIN, …). */
  broken: z.int(),
})
export type GpuCounts = z.infer<typeof gpuCounts>

/** What pending jobs ask for. */
const gpuDemand = z.object({ jobs: z.int(), gpus: z.int() })
export type GpuDemand = z.infer<typeof gpuDemand>

const demands = z.object({
  /** By jobs that could start if there were room. */
  waiting: gpuDemand,
  /** By jobs that wait for something else first: a date, another job, a release, a limit of their own. */
  notYet: gpuDemand,
})

/** GPUs of one type, over a cluster or a partition. */
export const gpuTypeRow = gpuCounts.extend({
  /** As the cluster's configuration calls it, else as Slurm does; null where Slurm names no type. */
  type: z.string().nullable(),
  /** Names that Slurm has for it, as in `gpu:NAME:2`; none where it names no type. */
  gres: z.array(z.string()),
  ...demands.shape,
  /** The most that are free on one node. */
  freeOnOneNode: z.int(),
})
export type GpuTypeRow = z.infer<typeof gpuTypeRow>

export const clusterNode = z.object({
  name: z.string(),
  /** Those that the user may use. */
  partitions: z.array(z.string()),
  /** In Slurm's words, as `MIXED+DRAIN`. */
  state: z.string(),
  /** Whether jobs can start there: false while it drains, is down, reserved, … */
  canStart: z.boolean(),
  condition: z.enum(nodeConditions),
  /** Why it starts nothing, as somebody wrote it there. */
  reason: z.string().nullable(),
  cpus: z.object({ total: z.int(), used: z.int() }),
  memoryBytes: z.object({ total: z.number(), used: z.number() }),
  features: z.array(z.string()),
  gpus: z.array(gpuCounts.extend({ type: z.string().nullable(), gres: z.string().nullable() })),
})
export type ClusterNode = z.infer<typeof clusterNode>

/** null: everybody's. */
const allowed = z.array(z.string()).nullable()

export const clusterPartition = z.object({
  name: z.string(),
  isDefault: z.boolean(),
  /** In Slurm's words: UP, DOWN (queues, starts nothing), DRAIN (queues nothing), INACTIVE. */
  state: z.string(),
  canStart: z.boolean(),
  /** null: without end. */
  maxTimeSeconds: z.int().nullable(),
  /** What a job has that asks for no time. */
  defaultTimeSeconds: z.int().nullable(),
  /** Of one job. */
  minNodes: z.int(),
  maxNodes: z.int().nullable(),
  allowedGroups: allowed,
  allowedAccounts: allowed,
  deniedAccounts: z.array(z.string()),
  allowedQos: allowed,
  deniedQos: z.array(z.string()),
  /** Jobs of a partition with a higher tier come first, and may stop those of one that can be pre-empted. */
  priorityTier: z.int(),
  isPreemptible: z.boolean(),
  nodes: z.int(),
  cpus: z.object({ total: z.int(), used: z.int() }),
  gpus: z.array(gpuTypeRow),
})
export type ClusterPartition = z.infer<typeof clusterPartition>

/** What the user's account may be charged for, by Slurm's accounting. */
const clusterAccount = z.object({
  account: z.string(),
  /** null: in all. */
  partition: z.string().nullable(),
  qos: z.array(z.string()),
})
export type ClusterAccount = z.infer<typeof clusterAccount>

export const partitionList = z.object({
  /** When Slurm was asked, server's clock, ms. */
  at: z.number(),
  /** Those that the user may use, the default first. */
  partitions: z.array(clusterPartition),
  /** null: the cluster has no accounting, or does not tell. */
  accounts: z.array(clusterAccount).nullable(),
})
export type PartitionList = z.infer<typeof partitionList>

export const gpuAvailability = partitionList.extend({
  /** Over all nodes of those partitions, each once; the most frequent first. */
  types: z.array(gpuTypeRow),
  /** Of jobs that ask for GPUs of any type: in no row of a type that has a name. */
  anyType: demands,
  nodes: z.array(clusterNode),
})
export type GpuAvailability = z.infer<typeof gpuAvailability>

const count = z.coerce.number().int().min(1).max(100_000)

/** «Where can I start 4 × A100 for 8 hours?» */
export const startQuery = z.object({
  gpus: count,
  /** By the name of the configuration or of Slurm; absent: any. */
  type: z.string().max(256).optional(),
  /** Absent: as few as it takes. They share the GPUs evenly. */
  nodes: count.optional(),
  seconds: z.coerce.number().int().min(1).optional(),
  partition: z.string().max(256).optional(),
  /** For each GPU. */
  cpus: count.optional(),
  memoryBytes: z.coerce.number().min(1).optional(),
})
export type StartQuery = z.infer<typeof startQuery>

/** What a job would say to be there. */
const startPlace = z.object({
  partition: z.string(),
  type: z.string().nullable(),
  /** For `--gres=gpu:NAME:n`. */
  gres: z.string().nullable(),
  /** How many nodes, and GPUs on each. */
  nodes: z.int(),
  gpusPerNode: z.int(),
  /** Whether jobs there can be stopped for others of higher rank. */
  isPreemptible: z.boolean(),
  /** Pending jobs there that ask for such GPUs: they may come first. */
  ahead: gpuDemand,
})

/** Why a partition never starts it. */
export const startObstacle = z.discriminatedUnion('kind', [
  /** Nothing there is of the type. */
  z.object({ kind: z.literal('noSuchType'), types: z.array(z.string().nullable()) }),
  z.object({ kind: z.literal('maxTime'), maxSeconds: z.int(), seconds: z.int() }),
  z.object({ kind: z.literal('maxNodes'), max: z.int(), nodes: z.int() }),
  z.object({ kind: z.literal('minNodes'), min: z.int(), nodes: z.int() }),
  /** No node has so many of one type; `max` is the most that one has. */
  z.object({ kind: z.literal('gpusPerNode'), max: z.int(), gpus: z.int() }),
  /** Not so many there, or not on so many nodes with such CPUs and memory: `max` is the most that would do. */
  z.object({ kind: z.literal('gpus'), max: z.int(), gpus: z.int() }),
  /** So many GPUs cannot be shared evenly by so many nodes. */
  z.object({ kind: z.literal('uneven'), gpus: z.int(), nodes: z.int() }),
  z.object({ kind: z.literal('state'), state: z.string() }),
  /** None of the user's accounts, QoS or groups is let in. */
  z.object({ kind: z.enum(['account', 'qos', 'group']), allowed: z.array(z.string()) }),
  /** The configuration of the cluster does not name it, or Slurm does not know it. */
  z.object({ kind: z.literal('partition'), allowed: z.array(z.string()) }),
])
export type StartObstacle = z.infer<typeof startObstacle>

export const startAnswer = z.object({
  /** When Slurm was asked, server's clock, ms. */
  at: z.number(),
  /** Where it can start now, the best first; `on` are nodes that have room for it. */
  now: z.array(startPlace.extend({ on: z.array(z.string()) })),
  /** Where it fits and waits: for how many GPUs, and why they are not to be had. */
  later: z.array(
    startPlace.extend({
      missing: z.int(),
      reasons: z.array(z.enum(waitReasons)),
      /** Nodes that could hold their share of it when they are empty. */
      on: z.array(z.string()),
    }),
  ),
  never: z.array(z.object({ partition: z.string(), obstacles: z.array(startObstacle) })),
})
export type StartAnswer = z.infer<typeof startAnswer>
