import type { Command, Proposed } from '@pilothouse/contract'
import type { Caller, Handlers } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { answerChange } from '../proposals/answer-change.ts'
import type { Resources } from '../resources.ts'

type PresetRoute =
  | 'presets.list'
  | 'presets.create'
  | 'presets.delete'
  | 'parameters.apply-preset'
  | 'admin.apply-preset'

export const presetHandlers: Handlers<PresetRoute> = {
  'presets.list': ({ query, resources }) => resources.storage.call('presets.list', query),
  'presets.create': ({ body, caller, resources }) =>
    resources.storage.call('presets.create', { ...body, actor: actorOf(caller) }),
  'presets.delete': async ({ params, caller, resources }) => {
    await resources.storage.call('presets.delete', { ...params, actor: actorOf(caller) })
  },
  'parameters.apply-preset': ({ params, body, caller, reply, resources }) =>
    answerChange(reply, applyPreset(resources, caller, { ...params, ...body })),
  'admin.apply-preset': ({ params, body, caller, reply, resources }) =>
    answerChange(reply, applyPreset(resources, caller, { ...params, ...body })),
}

type Asked = { uid: string; presetId: number; note?: string | undefined }

type Applied = { commands: Command[] } | Proposed

function applyPreset({ storage, bell }: Resources, caller: Caller, asked: Asked): Promise<Applied> {
  return bell.ringAfter(asked.uid, storage.call('presets.apply', { ...asked, actor: actorOf(caller) }))
}
