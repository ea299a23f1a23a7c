import type { Command, ParameterSet, Proposed } from '@pilothouse/contract'
import type { Caller, Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { answerChange } from '../proposals/answer-change.ts'
import type { Resources } from '../resources.ts'

type ParameterRoute =
  | 'parameters.list'
  | 'parameters.set'
  | 'parameters.changes'
  | 'parameters.impact'
  | 'admin.parameters'
  | 'admin.set-parameter'

export const parameterHandlers: Handlers<ParameterRoute> = {
  'parameters.list': ({ params, resources }) => resources.storage.call('parameters.list', params),
  'admin.parameters': ({ params, resources }) => resources.storage.call('parameters.list', params),
  'parameters.set': ({ params, body, caller, reply, resources }) =>
    answerChange(reply, setParameter(resources, caller, { ...params, ...body })),
  'admin.set-parameter': ({ params, body, caller, reply, resources }) =>
    answerChange(reply, setParameter(resources, caller, { ...params, ...body })),
  'parameters.impact': ({ params, query, resources }) =>
    resources.storage.call('parameters.impact', { ...params, query }),
  'parameters.changes': ({ params, query, resources }) =>
    resources.storage.call('parameters.changes', { uid: params.uid, query }),
}

type Asked = { uid: string; key: string } & ParameterSet

function setParameter({ storage, bell }: Resources, caller: Caller, asked: Asked): Promise<Command | Proposed> {
  return bell.ringAfter(asked.uid, storage.call('parameters.set', { ...asked, actor: actorOf(caller) }))
}
