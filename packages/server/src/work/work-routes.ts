import { PilothouseError } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import { isServerWorker } from './worker-roll.ts'

type WorkRoute = `work.${'lease' | 'deliver' | 'beat' | 'give-back' | 'engines'}`

export const workHandlers: Handlers<WorkRoute> = {
  'work.lease': async ({ body, resources, request, reply }) => {
    refuseServerName(body.worker)
    const gone = new AbortController()
    const leave = (): void => gone.abort()
    reply.raw.once('close', leave)
    request.raw.once('error', leave)
    return resources.work.lease(body, gone.signal)
  },
  'work.deliver': async ({ body, resources }) => {
    refuseServerName(body.worker)
    return resources.work.deliver(body)
  },
  'work.beat': async ({ body, resources }) => {
    refuseServerName(body.worker)
    return resources.work.beat(body)
  },
  'work.give-back': async ({ body, resources }) => {
    refuseServerName(body.worker)
    await resources.work.giveBack(body)
  },
  'work.engines': ({ query, resources }) => resources.work.listEngines(query.model),
}

/** Leases of the server's own workers are given back when it starts. */
function refuseServerName(worker: string): void {
  if (!isServerWorker(worker)) return
  throw new PilothouseError('invalid', `The worker calls itself «${worker}».`, {
    field: 'worker',
    expected: 'a name that does not begin with «server»',
    hint: 'Name it by its machine.',
  })
}
