import { roleAllows, type StartQuery, type TimedStart } from '@pilothouse/contract'
import { estimateFree, findStart } from '@pilothouse/fleet'
import type { ClusterFacts } from './apply-settings.ts'
import type { Handlers } from '../http/route.ts'

type ClusterRoute = 'clusters.list' | 'clusters.gpus' | 'clusters.partitions' | 'clusters.start' | 'clusters.test'

export const clusterHandlers: Handlers<ClusterRoute> = {
  'clusters.list': async ({ caller, resources }) => {
    const { file, clusters } = await resources.clusters.list()
    return {
      clusters: clusters.map(({ status, facts }) => ({ ...status, types: facts?.availability.types ?? null })),
      file: {
        path: roleAllows(caller.role, 'clusters:manage') ? resources.clusters.path : null,
        state: file.state,
        faults: [...file.faults],
      },
    }
  },
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
}

function findTimedStart({ facts, limits, availability }: ClusterFacts, wish: StartQuery): TimedStart {
  const start = findStart(facts, limits, wish)
  const later = start.later.map((place) => ({ ...place, freeBy: estimateFree(facts, availability, place) }))
  // Of two that miss something, the one that is sure to have it sooner is of more use.
  const byTime = ({ freeBy }: (typeof later)[number]): number => freeBy ?? Number.MAX_SAFE_INTEGER
  later.sort((one, other) => byTime(one) - byTime(other))
  return { ...start, later }
}
