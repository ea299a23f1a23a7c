import { useQuery } from '@tanstack/react-query'
import type { Impact, Job, LatestMetric } from '@pilothouse/contract'
import { isEnded } from '@pilothouse/contract/wire'
import { useServices } from '../app/services.ts'

/** While there is too little since the change, it is measured again after so long, ms. */
const soonMs = 3_000
/** Metrics appear seldom. */
const keysFreshMs = 60_000

/** Newest values of the branch on which a change was made: which metrics there are. */
export function useLatestOf(uid: string, branch: number | undefined) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['latest', uid, branch ?? null],
    queryFn: async ({ signal }): Promise<readonly LatestMetric[]> => {
      const query = branch === undefined ? {} : { branch }
      return (await client.call('metrics.latest', { params: { uid }, query, signal })).metrics
    },
    staleTime: keysFreshMs,
  })
}

export type ImpactQuestion = {
  /** Id of the change. */
  id: number
  metric: string | undefined
  /** Steps; undefined: as many as serve. */
  before: number | undefined
  after: number | undefined
}

/** What a change did to a metric. It is worked out anew when somebody asks, and by itself only while it is too early. */
export function useImpact(job: Job, { id, metric = '', before, after }: ImpactQuestion) {
  const { client } = useServices()
  return useQuery({
    queryKey: ['impact', job.uid, id, metric, before ?? null, after ?? null],
    queryFn: async ({ signal }): Promise<Impact> => {
      const query = { metric, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
      return client.call('parameters.impact', { params: { uid: job.uid, id: String(id) }, query, signal })
    },
    enabled: metric !== '',
    retry: false,
    refetchInterval: ({ state }) => (!isEnded(job.state) && state.data?.verdict === 'tooEarly' ? soonMs : false),
  })
}
