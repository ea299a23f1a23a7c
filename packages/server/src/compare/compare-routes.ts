import type { CompareAnswer, ComparedJob } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import { measureInfluence } from './measure-influence.ts'

export const compareHandlers: Handlers<'compare.get' | 'compare.influence'> = {
  'compare.get': ({ query, resources }) => compareJobs(resources, query.job),
  'compare.influence': ({ query, caller, resources }) =>
    measureInfluence(resources, { query, onlyUid: caller.jobUid, memberId: caller.memberId }),
}

/** Job after job; reports and other questions come in between. */
async function compareJobs({ storage, now }: Resources, asked: readonly string[]): Promise<CompareAnswer> {
  const jobs: ComparedJob[] = []
  const missing: string[] = []
  for (const uid of new Set(asked)) {
    const job = await storage.call('compare.job', { uid })
    if (job) jobs.push(job)
    else missing.push(uid)
  }
  return { jobs, missing, at: now() }
}
