import type { Checkpoint, Command } from '@pilothouse/contract'
import type { Caller, Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { Resources } from '../resources.ts'

type CheckpointRoute =
  | 'checkpoints.list'
  | 'checkpoints.create'
  | 'checkpoints.edit'
  | 'checkpoints.rollback'
  | 'checkpoints.delete'
  | 'checkpoints.restore'
  | 'admin.checkpoints'
  | 'admin.create-checkpoint'
  | 'admin.rollback'
  | 'admin.delete-checkpoint'

export const checkpointHandlers: Handlers<CheckpointRoute> = {
  'checkpoints.list': ({ params, resources }) => resources.storage.call('checkpoints.list', params),
  'admin.checkpoints': ({ params, resources }) => resources.storage.call('checkpoints.list', params),
  'checkpoints.create': createCheckpoint,
  'admin.create-checkpoint': createCheckpoint,
  'checkpoints.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('checkpoints.edit', { ...params, patch: body, actor: actorOf(caller) }),
  'checkpoints.rollback': startRollback,
  'admin.rollback': startRollback,
  'checkpoints.delete': ({ params, query, caller, resources }) =>
    deleteCheckpoint(resources, caller, { ...params, ...query }),
  'admin.delete-checkpoint': ({ params, caller, resources }) =>
    deleteCheckpoint(resources, caller, { ...params, now: false }),
  'checkpoints.restore': ({ params, caller, resources }) =>
    resources.storage.call('checkpoints.restore', { ...params, actor: actorOf(caller) }),
}

type Asked<Name extends CheckpointRoute> = Pick<RouteContext<Name>, 'params' | 'body' | 'caller' | 'resources'>

function createCheckpoint(asked: Asked<'checkpoints.create'>): Promise<Command> {
  const { params, body, caller, resources } = asked
  const input = { ...params, ...body, actor: actorOf(caller) }
  return resources.bell.ringAfter(params.uid, resources.storage.call('checkpoints.create', input))
}

function startRollback(asked: Asked<'checkpoints.rollback'>): Promise<Command> {
  const { params, body, caller, resources } = asked
  const input = { ...params, ...body, actor: actorOf(caller) }
  return resources.bell.ringAfter(params.uid, resources.storage.call('checkpoints.rollback', input))
}

function deleteCheckpoint(
  { storage }: Resources,
  caller: Caller,
  input: { uid: string; id: number; now: boolean },
): Promise<Checkpoint> {
  return storage.call('checkpoints.delete', { ...input, actor: actorOf(caller) })
}
