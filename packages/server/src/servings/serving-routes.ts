import { randomBytes, randomInt } from 'node:crypto'
import { hostname } from 'node:os'
import { PilothouseError, type Serving, type ServingSource } from '@pilothouse/contract'
import { makeUid } from '@pilothouse/fleet'
import { isWrittenHere } from '../checkpoints/written-here.ts'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { checkSendable } from '../launches/launch-routes.ts'
import type { Resources } from '../resources.ts'
import { choosePort, nameServing, planServing, writeLaunch } from './plan-serving.ts'

export const servingHandlers: Handlers<'servings.list' | 'servings.start' | 'servings.stop'> = {
  'servings.list': async ({ resources }) => ({ servings: await resources.servings.list() }),
  'servings.start': start,
  'servings.stop': async ({ params: { id }, caller, resources }) => {
    const stopped = await resources.storage.call('servings.stop', { id, actor: actorOf(caller), trouble: null })
    await resources.engines.refresh()
    resources.servings.wake()
    return stopped
  },
}

async function start({ body, caller, resources }: RouteContext<'servings.start'>): Promise<Serving> {
  const { storage, launches, seal, servings } = resources
  const source = await findSource(resources, body)
  const name = body.name ?? nameServing(source.path)
  const spec = planServing(body, name)
  const facts = await launches.gatherFacts({ spec })
  checkSendable(spec, facts, '')
  const [port, uid, modelName] = [choosePort(randomInt), makeUid(), body.modelName ?? name]
  const launch = writeLaunch({ name, modelName, path: source.path, spec, port, uid }, facts)
  const started = await storage.call('servings.create', {
    name,
    modelName,
    spec,
    port,
    launch,
    kind: body.kind,
    idleMinutes: body.idleMinutes,
    memberId: caller.memberId,
    path: source.path,
    sourceUid: source.jobUid,
    checkpointId: source.checkpointId,
    sealedKey: seal.seal(randomBytes(keyBytes).toString('base64url')),
    target: facts.target?.kind ?? 'local',
  })
  await launches.wake([uid])
  servings.wake()
  return started
}

const keyBytes = 32

type Asked = Pick<RouteContext<'servings.start'>['body'], 'model' | 'target'>

/** @throws PilothouseError `notFound`, or `conflict` where the files of a checkpoint are not where it is to run */
async function findSource({ storage }: Resources, { model, target }: Asked): Promise<ServingSource> {
  if ('path' in model) return { path: model.path, jobUid: null, checkpointId: null }
  const { jobUid: uid, checkpointId: id } = model
  const place = await storage.call('checkpoints.locate', { uid, id })
  const found = target === 'local' ? await isWrittenHere(place) : { isHere: true as const }
  if (found.isHere) return { path: place.uri, jobUid: uid, checkpointId: id }
  throw new PilothouseError('conflict', `«${place.name}» cannot be served on ${hostname()}. ${found.reason}`, {
    field: 'model',
    hint: 'Choose the target where its files are, or give their path.',
  })
}
