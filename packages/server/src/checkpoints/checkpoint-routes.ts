import { hostname } from 'node:os'
import { type Checkpoint, type Command, PilothouseError, type RelaunchPlan } from '@pilothouse/contract'
import type { Caller, Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { Resources } from '../resources.ts'
import { runTensorTask } from '../tensors/run-tensor-task.ts'
import { TensorFileError } from '../tensors/tensor-file-error.ts'
import type { TensorTask } from '../tensors/tensor-task.ts'
import { isWrittenHere } from './written-here.ts'

type CheckpointRoute =
  | 'checkpoints.list'
  | 'checkpoints.create'
  | 'checkpoints.edit'
  | 'checkpoints.rollback'
  | 'checkpoints.delete'
  | 'checkpoints.restore'
  | 'checkpoints.policy'
  | 'checkpoints.set-policy'
  | 'checkpoints.advice'
  | 'checkpoints.tensors'
  | 'checkpoints.check'
  | 'checkpoints.relaunch'
  | 'admin.checkpoints'
  | 'admin.create-checkpoint'
  | 'admin.rollback'
  | 'admin.delete-checkpoint'

export const checkpointHandlers: Handlers<CheckpointRoute> = {
  'checkpoints.list': ({ params, resources }) => resources.storage.call('checkpoints.list', params),
  'admin.checkpoints': ({ params, resources }) => resources.storage.call('checkpoints.list', params),
  'checkpoints.policy': ({ params, resources }) => resources.storage.call('checkpoints.policy', params),
  'checkpoints.set-policy': ({ params, query, body, caller, resources }) =>
    resources.storage.call('checkpoints.set-policy', { ...params, ...query, ...body, actor: actorOf(caller) }),
  'checkpoints.advice': ({ params, resources }) => resources.storage.call('checkpoints.advice', params),
  'checkpoints.tensors': async ({ params: { uid, id }, query, reply, resources }) => {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const a = await findFile(resources, { uid, id })
    if (query.with === undefined) return lookInto({ kind: 'summarise', path: a }, gone.signal)
    return lookInto({ kind: 'compare', a, b: await findFile(resources, { uid, id: query.with }) }, gone.signal)
  },
  'checkpoints.check': async ({ params, caller, resources: { storage, fileWatch } }) => {
    const looking = fileWatch.check(await storage.call('checkpoints.find-look', { ...params, actor: actorOf(caller) }))
    await Promise.race([looking, waitFor(checkMsMax)])
    return storage.call('checkpoints.get', params)
  },
  'checkpoints.create': createCheckpoint,
  'admin.create-checkpoint': createCheckpoint,
  'checkpoints.edit': ({ params, body, caller, resources }) =>
    resources.storage.call('checkpoints.edit', { ...params, patch: body, actor: actorOf(caller) }),
  'checkpoints.rollback': startRollback,
  'admin.rollback': startRollback,
  'checkpoints.relaunch': async ({ params, caller, resources }) => {
    const { name, hasCopy, ...plan } = await resources.storage.call('checkpoints.relaunch', {
      ...params,
      actor: actorOf(caller),
    })
    return hasCopy ? plan : checkFile({ ...params, name }, plan)
  },
  'checkpoints.delete': ({ params, query, caller, resources }) =>
    deleteCheckpoint(resources, caller, { ...params, ...query }),
  'admin.delete-checkpoint': ({ params, caller, resources }) =>
    deleteCheckpoint(resources, caller, { ...params, now: false }),
  'checkpoints.restore': ({ params, caller, resources }) =>
    resources.storage.call('checkpoints.restore', { ...params, actor: actorOf(caller) }),
}

/** A look at a large one goes on longer than its request; what comes of it stands in the list. */
const checkMsMax = 20_000

function waitFor(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
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

/** @throws PilothouseError `conflict` where it does not lie here, with where it does. */
async function findFile({ storage }: Resources, one: { uid: string; id: number }): Promise<string> {
  const place = await storage.call('checkpoints.locate', one)
  const found = await isWrittenHere(place)
  if (found.isHere) return place.uri
  throw new PilothouseError('conflict', `The file of «${place.name}» cannot be looked into. ${found.reason}`, {
    hint: 'On its own machine «pilothouse tensors» does the same.',
  })
}

/** @throws PilothouseError `conflict` where the file should lie here and does not. */
async function checkFile(one: { uid: string; name: string }, plan: RelaunchPlan): Promise<RelaunchPlan> {
  const found = plan.host === hostname() ? await isWrittenHere({ ...one, ...plan }) : { isHere: true as const }
  if (found.isHere) return plan
  throw new PilothouseError('conflict', `The job cannot go on from «${one.name}». ${found.reason}`, {
    hint: 'Choose another checkpoint.',
  })
}

/** @throws PilothouseError `conflict` with what is wrong with the file. */
async function lookInto<Task extends TensorTask>(task: Task, signal: AbortSignal) {
  try {
    return await runTensorTask(task, { signal })
  } catch (cause) {
    if (cause instanceof TensorFileError) throw new PilothouseError('conflict', cause.message, { cause })
    throw cause
  }
}
