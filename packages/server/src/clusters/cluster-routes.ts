import { roleAllows, type StartQuery, type TimedStart } from '@pilothouse/contract'
import { estimateFree, findStart } from '@pilothouse/fleet'
import type { ClusterFacts } from './apply-settings.ts'
import type { Handlers, RouteContext } from '../http/route.ts'
import { checkClustersText } from './clusters-text.ts'
import { toAuthor } from '../access/access.ts'

type ClusterRoute =
  `clusters.${'list' | 'text' | 'check-text' | 'set-text' | 'gpus' | 'partitions' | 'start' | 'test' | 'host-keys' | 'trust' | 'forget' | 'connection' | 'connect' | 'answer' | 'disconnect'}`

export const clusterHandlers: Handlers<ClusterRoute> = {
  'clusters.list': async ({ caller, resources }) => {
    const { file, clusters } = await resources.clusters.list()
    return {
      clusters: clusters.map(({ status, facts }) => ({ ...status, types: facts?.availability.types ?? null })),
      hosts: file.hosts.map(({ name, host }) => ({ name, host })),
      file: {
        path: roleAllows(caller.role, 'clusters:manage') ? resources.clusters.path : null,
        state: file.state,
        faults: [...file.faults],
      },
    }
  },
  'clusters.text': ({ resources }) => resources.clusters.text(),
  'clusters.check-text': async ({ body }) => checkClustersText(body.text),
  'clusters.set-text': ({ body, resources }) => resources.clusters.setText(body),
  'clusters.gpus': async ({ params, query, resources }) => {
    const { status, facts } = await resources.clusters.look(params.name, query)
    return { status, availability: facts?.availability ?? null }
  },
  'clusters.partitions': async ({ params, query, resources }) => {
    const { status, facts } = await resources.clusters.look(params.name, query)
    if (facts === null) return { status, partitions: null }
    const { at, partitions, accounts } = facts.availability
    return { status, partitions: { at, partitions, accounts } }
  },
  'clusters.start': async ({ params, query: { fresh, ...wish }, resources }) => {
    const { status, facts } = await resources.clusters.look(params.name, { fresh })
    return { status, start: facts && findTimedStart(facts, wish) }
  },
  'clusters.test': ({ params, resources }) => resources.clusters.test(params.name),
  'clusters.host-keys': ({ params, resources }) => resources.clusters.hostKeys(params.name),
  'clusters.trust': async (context) => {
    const { params, body, resources } = context
    await resources.clusters.trustHostKey(params.name, body)
    await recordChoice('host-keys.trust', context)
  },
  'clusters.forget': async (context) => {
    const { params, body, resources } = context
    await resources.clusters.forgetHostKey(params.name, body)
    await recordChoice('host-keys.forget', context)
  },
  'clusters.connection': ({ params, resources }) => resources.clusters.connection(params.name),
  'clusters.connect': ({ params, resources }) => resources.clusters.connect(params.name),
  'clusters.answer': ({ params, body, resources }) => resources.clusters.answer(params.name, body),
  'clusters.disconnect': async ({ params, resources }) => {
    await resources.clusters.disconnect(params.name)
  },
}

/** Which key it was, beside the call itself. */
async function recordChoice(
  action: 'host-keys.trust' | 'host-keys.forget',
  { params, body, caller, resources, request }: RouteContext<'clusters.trust'> | RouteContext<'clusters.forget'>,
): Promise<void> {
  const by = toAuthor(caller, request.ip)
  await resources.storage.call('access.record-audit', { action, subject: params.name, detail: body, by })
}

function findTimedStart({ facts, limits, availability }: ClusterFacts, wish: StartQuery): TimedStart {
  const start = findStart(facts, limits, wish)
  const later = start.later.map((place) => ({ ...place, freeBy: estimateFree(facts, availability, place) }))
  // Of two that miss something, the one that is sure to have it sooner is of more use.
  const byTime = ({ freeBy }: (typeof later)[number]): number => freeBy ?? Number.MAX_SAFE_INTEGER
  later.sort((one, other) => byTime(one) - byTime(other))
  return { ...start, later }
}
