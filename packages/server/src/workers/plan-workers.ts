/** What workers that are launched from here are called, what is launched for them, and where they find the control room. Pure. */
import { type LaunchSpec, PilothouseError, type TargetKind, type workerStart } from '@pilothouse/contract'
import type { z } from 'zod'
import { serverWorkerPrefix } from '../work/worker-roll.ts'

type Asked = z.output<typeof workerStart>

/** So that no name is the beginning of another. */
const nameDigits = 3

/** The lowest free ones of a target. */
export function nameWorkers(target: string, count: number, taken: ReadonlySet<string>): string[] {
  const prefix = target.startsWith(serverWorkerPrefix) ? `at-${target}` : target
  const names: string[] = []
  for (let n = 1; names.length < count; n += 1) {
    const name = `${prefix}-${String(n).padStart(nameDigits, '0')}`
    if (!taken.has(name)) names.push(name)
  }
  return names
}

/**
 * The specification of their launch, without names.
 * @throws PilothouseError `invalid`
 */
export function planWorkers({ target, command, environment, resources, directives }: Asked): LaunchSpec {
  if (resources.nodes > 1 || (resources.tasks ?? 1) > 1)
    throw new PilothouseError('invalid', 'A worker is one process on one node.', {
      field: 'resources.nodes',
      hint: 'Start several: each of them asks for as much.',
    })
  return {
    target,
    environment,
    resources,
    directives,
    command,
    project: null,
    code: { kind: 'tree' },
    within: '',
    kind: 'worker',
    tags: ['worker'],
    torchrun: false,
    // What it had is sent again by others meanwhile.
    requeue: true,
    warnSeconds: null,
  }
}

export function writeWorkerSpec(spec: LaunchSpec, name: string): LaunchSpec {
  return { ...spec, name, command: [...spec.command, '--name', name] }
}

export type Rooms = {
  /** Where it listens. */
  own: string
  /** Where people reach it; null: nobody has said. */
  public: string | null
}

/**
 * What workers know the control room by; `ssh`: by a port of their machine that leads here.
 * @throws PilothouseError `invalid` where nothing leads here
 */
export function chooseUrl(asked: string | undefined, kind: TargetKind, rooms: Rooms): string {
  if (asked === 'ssh' && kind !== 'ssh') throw refuseSsh(kind)
  if (asked !== undefined) return asked.replace(/\/+$/, '')
  if (kind === 'local') return rooms.own
  if (rooms.public !== null) return rooms.public
  if (kind === 'ssh') return 'ssh'
  throw new PilothouseError('invalid', 'Nodes of a cluster do not reach this control room: it has no public address.', {
    field: 'url',
    hint: 'Name an address that they reach, or set PILOTHOUSE_PUBLIC_URL; there it must listen beyond its own machine.',
  })
}

function refuseSsh(kind: Exclude<TargetKind, 'ssh'>): PilothouseError {
  const why =
    kind === 'slurm' ? 'Nodes of a cluster do not reach ports of its login node.' : 'This machine needs no way here.'
  return new PilothouseError('invalid', why, { field: 'url', hint: 'Name an address that they reach, or none.' })
}
