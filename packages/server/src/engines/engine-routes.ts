import { readEngineAddress } from '@pilothouse/dispatch'
import type { EnginePatch } from '@pilothouse/contract'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { EngineChange } from './engine-operations.ts'

type EngineRoute =
  | 'engines.list'
  | 'engines.create'
  | 'engines.edit'
  | 'engines.delete'
  | 'engines.check'
  | 'models.list'

export const engineHandlers: Handlers<EngineRoute> = {
  'engines.list': async ({ resources }) => ({ engines: await resources.engines.list() }),
  'engines.create': async ({ body, caller, resources }) => {
    const { apiKey, ...values } = body
    readEngineAddress(values.baseUrl)
    const sealedKey = apiKey === null ? null : resources.seal.seal(apiKey)
    const given = { ...values, sealedKey, isPaused: false, memberId: caller.memberId }
    const { id } = await resources.storage.call('engines.create', given)
    return lookAnew(resources, id)
  },
  'engines.edit': async ({ params, body, resources }) => {
    const change = readChange(resources, body)
    await resources.storage.call('engines.edit', { id: params.id, change })
    return lookAnew(resources, params.id)
  },
  'engines.delete': async ({ params, resources }) => {
    await resources.storage.call('engines.delete', { id: params.id })
    await resources.engines.refresh()
  },
  'engines.check': ({ params, resources }) => resources.engines.check(params.id),
  'models.list': ({ resources }) => resources.engines.listModels(),
}

async function lookAnew({ engines }: Resources, id: number): ReturnType<Resources['engines']['check']> {
  await engines.refresh()
  return engines.check(id)
}

/** A key that is absent stays, `null` takes it away. */
function readChange({ seal }: Resources, { apiKey, ...values }: EnginePatch): EngineChange {
  if (values.baseUrl !== undefined) readEngineAddress(values.baseUrl)
  if (apiKey === undefined) return values
  return { ...values, sealedKey: apiKey === null ? null : seal.seal(apiKey) }
}
