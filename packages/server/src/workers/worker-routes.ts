import type { LaunchedWorker } from '@pilothouse/contract'
import { makeUid } from '@pilothouse/fleet'
import { toAuthor } from '../access/access.ts'
import { hashSecret, makeSecret } from '../access/secret.ts'
import type { Handlers, RouteContext } from '../http/route.ts'
import { checkSendable } from '../launches/launch-routes.ts'
import { planWorkers } from './plan-workers.ts'

export const workerHandlers: Handlers<'workers.list' | 'workers.start'> = {
  'workers.list': async ({ resources }) => ({ workers: await resources.workers.list() }),
  'workers.start': async (context) => ({ workers: await start(context) }),
}

async function start(context: RouteContext<'workers.start'>): Promise<LaunchedWorker[]> {
  const { body, caller, resources, request } = context
  const { storage, launches, workers, seal } = resources
  const spec = planWorkers(body)
  const facts = await launches.gatherFacts({ spec })
  checkSendable(spec, facts, '')
  const kind = facts.target?.kind ?? 'local'
  const made = Array.from({ length: body.count }, () => ({ uid: makeUid(), secret: makeSecret() }))
  await workers.withUrl({ target: spec.target, kind, url: body.url }, ({ url, farPort }) =>
    storage.call('workers.create', {
      memberId: caller.memberId,
      by: toAuthor(caller, request.ip),
      kind,
      spec,
      array: kind === 'slurm' && made.length > 1 ? makeUid() : null,
      url,
      farPort,
      workers: made.map(({ uid, secret }) => ({ uid, hash: hashSecret(secret), sealedToken: seal.seal(secret) })),
    }),
  )
  const uids = made.map(({ uid }) => uid)
  await launches.wake(uids)
  workers.wake()
  return (await workers.list()).filter(({ jobUid }) => uids.includes(jobUid))
}
