import { type Checkpoint, PilothouseError } from '@pilothouse/contract'
import { isWrittenHere } from '../checkpoints/written-here.ts'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { readCopyPart } from './copy-keeper.ts'
import { sendCopy } from './send-copy.ts'

type CopyRoute =
  | 'copies.create'
  | 'copies.delete'
  | 'copies.download'
  | 'copies.list'
  | 'copies.manifest'
  | 'copies.send'
  | 'copies.send-part'
  | 'copies.read-part'

export const copyHandlers: Handlers<CopyRoute> = {
  'copies.create': createCopy,
  'copies.delete': async ({ params, caller, resources: { storage, copies } }) => {
    const checkpoint = await storage.call('copies.delete', { ...params, actor: actorOf(caller) })
    copies.keeper.wake()
    return checkpoint
  },
  'copies.download': async ({ params, reply, resources: { storage, copies } }) =>
    sendCopy(await storage.call('copies.find', params), copies.files, reply),
  'copies.list': ({ params, caller, resources }) =>
    resources.storage.call('copies.list', { ...params, actor: actorOf(caller) }),
  'copies.manifest': async (asked) => {
    const { files } = asked.resources.copies
    return files.readManifest(files.whole(await findOwn(asked, true)))
  },
  'copies.send': async (asked) => asked.resources.copies.keeper.receive(await findOwn(asked, false), asked.body),
  'copies.send-part': async (asked) => {
    const { params, query, body, resources } = asked
    return resources.copies.keeper.receivePart(await findOwn(asked, false), { ...params, ...query }, body)
  },
  'copies.read-part': async (asked) => {
    const { params, query, reply, resources } = asked
    const copy = await findOwn(asked, true)
    const bytes = await readCopyPart(resources.copies.files, copy, { ...params, ...query })
    return reply.type('application/octet-stream').send(bytes)
  },
}

type Own = Pick<RouteContext<'copies.send'>, 'params' | 'caller' | 'resources'>

function findOwn({ params: { uid, id }, caller, resources }: Own, isWhole: boolean) {
  return resources.storage.call('copies.find-own', { uid, id, isWhole, actor: actorOf(caller) })
}

/** A running job sends its own; what an ended one has written is copied here, if it lies here. */
async function createCopy({ params, caller, resources }: RouteContext<'copies.create'>): Promise<Checkpoint> {
  const { storage, bell, copies } = resources
  const input = { ...params, actor: actorOf(caller) }
  const place = await storage.call('copies.locate', input)
  const found = place.isLive ? undefined : await isWrittenHere(place)
  if (found?.isHere === false) {
    throw new PilothouseError('conflict', `«${place.name}» cannot be copied: the job has ended. ${found.reason}`, {
      hint: 'Copy it there by hand, or start the job again and let it send the copy.',
    })
  }
  const checkpoint = await bell.ringAfter(params.uid, storage.call('copies.ask', input))
  copies.keeper.wake()
  return checkpoint
}
