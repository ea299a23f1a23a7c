import type { GpuDemand, StartAnswer, StartObstacle, StartQuery, WaitReason } from '@pilothouse/contract'
import {
  canBePreempted,
  close,
  type CountedNode,
  countNodes,
  type Demand,
  findTierMax,
  gatherDemand,
  isUp,
} from './compute-availability.ts'
import { sum } from './gres.ts'
import type { SlurmPartition } from './parse-scontrol.ts'
import type { SlurmFacts } from './slurm-facts.ts'
import { findBarriers, makeTypeNamer, type NameGpuType, type SlurmLimits } from './slurm-limits.ts'

/** One GRES type of a node, with what else the wish needs of it. */
type Seat = { node: CountedNode['node']; gpus: CountedNode['gpus'][number] }
type Plan = { nodes: number; gpusPerNode: number }
type NowPlace = StartAnswer['now'][number]
type LaterPlace = StartAnswer['later'][number]

/** Names of nodes in an answer, for each place. */
const namesMax = 64

/** Where a wish could start now, where it fits and waits, and why it never starts elsewhere. */
export function findStart(facts: SlurmFacts, limits: SlurmLimits, wish: StartQuery): StartAnswer {
  const nameType = makeTypeNamer(limits.gpuTypes)
  const whole = { counted: countNodes(facts, nameType), demands: gatherDemand(facts.queue), nameType }
  const tierMax = findTierMax(facts.partitions)
  const answer: StartAnswer = { at: facts.at, now: [], later: [], never: [] }
  const named = facts.partitions.filter(({ name }) => wish.partition === undefined || wish.partition === name)
  for (const partition of named) {
    const barriers = findBarriers(partition, limits)
    // What the configuration leaves out is not named, unless it was asked for.
    if (wish.partition === undefined && barriers.some(({ kind }) => kind === 'partition')) continue
    const isPreemptible = canBePreempted(partition, tierMax)
    const seats = listSeats(whole.counted, partition, wish)
    const obstacles = [...barriers, ...checkPartition(partition, wish)]
    const places = obstacles.length > 0 ? [] : searchSeats(seats.fitting, { ...whole, partition, wish, isPreemptible })
    answer.now.push(...places.flatMap(({ now }) => now ?? []))
    answer.later.push(...places.flatMap(({ later }) => later ?? []))
    if (places.some(({ now, later }) => now !== null || later !== null)) continue
    const why = obstacles.length > 0 ? obstacles : explainMisfit({ partition, wish, seats })
    answer.never.push({ partition: partition.name, obstacles: why })
  }
  if (named.length === 0 && wish.partition !== undefined)
    answer.never.push({
      partition: wish.partition,
      obstacles: [{ kind: 'partition', allowed: listAllowed(facts, limits) }],
    })
  answer.now.sort((one, other) => Number(one.isPreemptible) - Number(other.isPreemptible) || one.nodes - other.nodes)
  answer.later.sort((one, other) => one.missing - other.missing || one.ahead.gpus - other.ahead.gpus)
  return answer
}

function listAllowed({ partitions }: SlurmFacts, limits: SlurmLimits): string[] {
  return partitions.filter((one) => findBarriers(one, limits).length === 0).map(({ name }) => name)
}

type Search = {
  demands: readonly Demand[]
  nameType: NameGpuType
  partition: SlurmPartition
  wish: StartQuery
  isPreemptible: boolean
}

/** One answer for each GRES type: a job asks for one. */
function searchSeats(seats: readonly Seat[], search: Search): { now: NowPlace | null; later: LaterPlace | null }[] {
  const { partition, wish, isPreemptible } = search
  return [...Map.groupBy(seats, ({ gpus }) => gpus.gres)].map(([gres, group]) => {
    const type = group[0]?.gpus.type ?? null
    const about = { partition: partition.name, type, gres, isPreemptible, ahead: countAhead(type, search) }
    const { now, later } = placeWish(group, { partition, wish })
    return { now: now && { ...about, ...now }, later: later && { ...about, ...later } }
  })
}

/** What could start there, and asks for the type or any. */
function countAhead(type: string | null, { demands, nameType, partition }: Search): GpuDemand {
  const ahead = demands.filter(
    ({ partitions, gres, isNotYet }) =>
      !isNotYet && partitions.includes(partition.name) && (gres === null || nameType(gres)?.name === type),
  )
  return { jobs: sum(ahead.map(({ jobs }) => jobs)), gpus: sum(ahead.map(({ gpus }) => gpus)) }
}

function checkPartition(partition: SlurmPartition, { seconds, nodes, gpus }: StartQuery): StartObstacle[] {
  const { state, maxTimeSeconds, maxNodes, minNodes } = partition
  const found: StartObstacle[] = []
  if (!isUp(partition)) found.push({ kind: 'state', state })
  if (seconds !== undefined && maxTimeSeconds !== null && seconds > maxTimeSeconds)
    found.push({ kind: 'maxTime', maxSeconds: maxTimeSeconds, seconds })
  if (nodes !== undefined && maxNodes !== null && nodes > maxNodes)
    found.push({ kind: 'maxNodes', max: maxNodes, nodes })
  if (nodes !== undefined && nodes < minNodes) found.push({ kind: 'minNodes', min: minNodes, nodes })
  if (nodes !== undefined && gpus % nodes !== 0) found.push({ kind: 'uneven', gpus, nodes })
  return found
}

type Seats = { /** All GPUs that the user may have there. */ all: Seat[]; /** Those of the type. */ fitting: Seat[] }

function listSeats(counted: readonly CountedNode[], partition: SlurmPartition, { type }: StartQuery): Seats {
  const members = counted
    .filter(({ node }) => node.partitions.includes(partition.name))
    .map((one) => (isUp(partition) ? one : close(one)))
  const all = members.flatMap(({ node, gpus }) => gpus.map((one) => ({ node, gpus: one })))
  const wanted = type?.toLowerCase()
  const fitting = all.filter(
    ({ gpus }) => wanted === undefined || gpus.type?.toLowerCase() === wanted || gpus.gres?.toLowerCase() === wanted,
  )
  return { all, fitting }
}

type Placing = Pick<Search, 'partition' | 'wish'>
type Place<Whole> = Omit<Whole, 'partition' | 'type' | 'gres' | 'isPreemptible' | 'ahead'>

/** A later place is named only where it takes fewer nodes than one that can be had now. */
function placeWish(
  seats: readonly Seat[],
  { partition, wish }: Placing,
): { now: Place<NowPlace> | null; later: Place<LaterPlace> | null } {
  const plan = (holds: (seat: Seat, gpus: number) => boolean): Plan | null =>
    findPlan(wish, partition, (gpus) => seats.filter((seat) => holds(seat, gpus)).length)
  const now = plan((seat, gpus) => hasRoom(seat, gpus, wish))
  const empty = plan((seat, gpus) => couldHold(seat, gpus, wish))
  const isLater = empty !== null && (now === null || empty.nodes < now.nodes)
  return {
    now: now && { ...now, on: nameNodes(seats.filter((seat) => hasRoom(seat, now.gpusPerNode, wish))) },
    later: isLater ? describeWait(seats, empty, wish) : null,
  }
}

/** As few nodes as it takes, each with the same share; the number of nodes that is asked for, where one is. */
function findPlan(wish: StartQuery, partition: SlurmPartition, countNodesWith: (gpus: number) => number): Plan | null {
  const { gpus } = wish
  const first = wish.nodes ?? Math.max(1, partition.minNodes)
  const last = wish.nodes ?? Math.min(gpus, partition.maxNodes ?? gpus)
  for (let nodes = first; nodes <= last; nodes++) {
    if (gpus % nodes === 0 && countNodesWith(gpus / nodes) >= nodes) return { nodes, gpusPerNode: gpus / nodes }
  }
  return null
}

function hasRoom({ node, gpus }: Seat, count: number, { cpus = 0, memoryBytes = 0 }: StartQuery): boolean {
  return (
    gpus.free >= count &&
    node.cpus.total - node.cpus.used >= Math.max(1, count * cpus) &&
    node.memoryBytes.total - node.memoryBytes.used >= count * memoryBytes
  )
}

function couldHold({ node, gpus }: Seat, count: number, { cpus = 0, memoryBytes = 0 }: StartQuery): boolean {
  return gpus.total >= count && node.cpus.total >= count * cpus && node.memoryBytes.total >= count * memoryBytes
}

function describeWait(seats: readonly Seat[], { nodes, gpusPerNode }: Plan, wish: StartQuery): Place<LaterPlace> {
  const holders = seats.filter((seat) => couldHold(seat, gpusPerNode, wish))
  const room = (seat: Seat): number => findRoom(seat, gpusPerNode, wish)
  const nearest = holders.toSorted((one, other) => room(other) - room(one))
  const missing = sum(nearest.slice(0, nodes).map((seat) => gpusPerNode - room(seat)))
  const lacking = holders.filter((seat) => room(seat) < gpusPerNode)
  return { nodes, gpusPerNode, missing, reasons: listReasons(lacking, gpusPerNode, wish), on: nameNodes(nearest) }
}

/** GPUs of a share that the node could give now. */
function findRoom(seat: Seat, most: number, wish: StartQuery): number {
  let room = Math.min(most, seat.gpus.free)
  while (room > 0 && !hasRoom(seat, room, wish)) room -= 1
  return room
}

function listReasons(seats: readonly Seat[], count: number, wish: StartQuery): WaitReason[] {
  const found = new Set<WaitReason>()
  for (const seat of seats) {
    const { used, held, stranded, asleep, broken, free } = seat.gpus
    if (used > 0 && free < count) found.add('used')
    if (held > 0) found.add('held')
    if (stranded > 0 || (free >= count && !hasRoom(seat, count, wish))) found.add('stranded')
    if (asleep > 0) found.add('asleep')
    if (broken > 0) found.add('broken')
  }
  return [...found]
}

/** Why not even the empty partition would do. */
function explainMisfit(asked: { partition: SlurmPartition; wish: StartQuery; seats: Seats }): StartObstacle[] {
  const { partition, wish, seats } = asked
  if (seats.fitting.length === 0)
    return [{ kind: 'noSuchType', types: [...new Set(seats.all.map(({ gpus }) => gpus.type))] }]
  const groups = [...Map.groupBy(seats.fitting, ({ gpus }) => gpus.gres).values()]
  const most = (numbers: readonly number[]): number => numbers.reduce((one, other) => Math.max(one, other), 0)
  const perNode = most(seats.fitting.map(({ gpus }) => gpus.total))
  if (wish.nodes !== undefined && wish.gpus / wish.nodes > perNode)
    return [{ kind: 'gpusPerNode', max: perNode, gpus: wish.gpus / wish.nodes }]
  const inAll = most(groups.map((group) => sum(group.map(({ gpus }) => gpus.total))))
  const { maxNodes } = partition
  if (maxNodes !== null && wish.gpus <= inAll && wish.gpus > maxNodes * perNode)
    return [{ kind: 'maxNodes', max: maxNodes, nodes: Math.ceil(wish.gpus / perNode) }]
  const max = most(groups.map((group) => countMost(group, wish, maxNodes)))
  // There are enough, but no number of nodes that could share them evenly.
  if (max >= wish.gpus) return [{ kind: 'uneven', gpus: wish.gpus, nodes: Math.ceil(wish.gpus / perNode) }]
  return [{ kind: 'gpus', max, gpus: wish.gpus }]
}

/** GPUs of a group that could be had together when it is empty. */
function countMost(group: readonly Seat[], wish: StartQuery, maxNodes: number | null): number {
  const each = group
    .map((seat) => {
      let count = seat.gpus.total
      while (count > 0 && !couldHold(seat, count, wish)) count -= 1
      return count
    })
    .toSorted((one, other) => other - one)
  return sum(each.slice(0, wish.nodes ?? maxNodes ?? each.length))
}

function nameNodes(seats: readonly Seat[]): string[] {
  return seats.slice(0, namesMax).map(({ node }) => node.name)
}
