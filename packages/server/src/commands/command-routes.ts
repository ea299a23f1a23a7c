import type { Command, Order } from '@pilothouse/contract'
import type { Caller, Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { Resources } from '../resources.ts'

type CommandRoute = 'commands.list' | 'commands.take' | 'jobs.pause' | 'jobs.resume' | 'jobs.evaluate' | 'jobs.stop'

export const commandHandlers: Handlers<CommandRoute> = {
  'commands.list': ({ params, query, resources }) =>
    resources.storage.call('commands.list', { uid: params.uid, query }),
  'commands.take': async ({ params: { uid }, query, caller, reply, resources }) => {
    const { storage, bell } = resources
    const { waitMs, ...asked } = query
    const input = { uid, actor: actorOf(caller), ...asked }
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    // Listening begins before the look: what comes in between is not missed.
    const rung = bell.wait(uid, waitMs, gone.signal)
    const first = await storage.call('commands.take', input)
    if (first.commands.length > 0 || first.isOver || waitMs === 0) {
      gone.abort()
      return first
    }
    await rung
    return storage.call('commands.take', input)
  },
  'jobs.pause': ({ params, body, caller, resources }) =>
    orderJob(resources, caller, { uid: params.uid, order: { kind: 'pause', body: {} }, note: body.note }),
  'jobs.resume': ({ params, body, caller, resources }) =>
    orderJob(resources, caller, { uid: params.uid, order: { kind: 'resume', body: {} }, note: body.note }),
  'jobs.evaluate': ({ params, body, caller, resources }) =>
    orderJob(resources, caller, { uid: params.uid, order: { kind: 'evaluate', body: {} }, note: body.note }),
  'jobs.stop': ({ params, body: { note, ...body }, caller, resources }) =>
    orderJob(resources, caller, { uid: params.uid, order: { kind: 'stop', body }, note }),
}

type Asked = { uid: string; order: Order; note?: string | undefined }

function orderJob({ storage, bell }: Resources, caller: Caller, asked: Asked): Promise<Command> {
  return bell.ringAfter(asked.uid, storage.call('commands.order', { ...asked, actor: actorOf(caller) }))
}
