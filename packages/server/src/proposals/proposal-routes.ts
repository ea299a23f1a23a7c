import type { Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'

type ProposalRoute =
  | 'proposals.list'
  | 'proposals.approve'
  | 'proposals.decline'
  | 'proposals.withdraw'
  | 'system.approval'
  | 'system.set-approval'

export const proposalHandlers: Handlers<ProposalRoute> = {
  'proposals.list': ({ params, resources }) => resources.storage.call('proposals.list', params),
  'proposals.approve': ({ params, body, caller, resources: { storage, bell } }) =>
    bell.ringAfter(params.uid, storage.call('proposals.approve', { ...params, ...body, actor: actorOf(caller) })),
  'proposals.decline': ({ params, body, caller, resources }) =>
    resources.storage.call('proposals.decline', { ...params, ...body, actor: actorOf(caller) }),
  'proposals.withdraw': ({ params, caller, resources }) =>
    resources.storage.call('proposals.withdraw', { ...params, actor: actorOf(caller) }),
  'system.approval': ({ resources }) => resources.storage.call('approval.get', null),
  'system.set-approval': ({ body, resources }) => resources.storage.call('approval.set', body),
}
