import { PilothouseError } from '@pilothouse/contract'
import { toAuthor } from '../access/access.ts'
import type { Handlers } from '../http/route.ts'
import { readClientKey } from './read-client-key.ts'

type InstanceRoute =
  | 'instances.list'
  | 'instances.get'
  | 'instances.edit'
  | 'instances.order'
  | 'instances.log'
  | 'providers.list'
  | 'providers.create'
  | 'providers.delete'
  | 'providers.check'
  | 'providers.offers'
  | 'providers.rent'

export const instanceHandlers: Handlers<InstanceRoute> = {
  'instances.list': async ({ resources }) => ({ instances: await resources.instances.list() }),
  'instances.get': ({ params, resources }) => resources.instances.get(params.id),
  'instances.edit': ({ params, body, caller, request, resources }) =>
    resources.instances.edit(params.id, body, toAuthor(caller, request.ip)),
  'instances.order': ({ params, body, caller, request, resources }) =>
    resources.instances.order(params.id, body, toAuthor(caller, request.ip)),
  'instances.log': async ({ params, query, resources }) => ({
    lines: await resources.instances.readLog(params.id, query.lines),
    at: resources.now(),
  }),
  'providers.list': async ({ resources }) => ({ accounts: await resources.instances.listAccounts() }),
  'providers.create': async ({ body, caller, request, resources }) => {
    const { apiKey, keyFrom, ...values } = body
    const key = keyFrom === 'client' ? await readClientKey(body) : apiKey
    if (key === null)
      throw new PilothouseError('invalid', 'An account needs a key.', { field: 'apiKey', hint: 'Make one there.' })
    const { id } = await resources.storage.call('providers.create', {
      ...values,
      sealedKey: resources.seal.seal(key),
      memberId: caller.memberId,
      by: toAuthor(caller, request.ip),
    })
    return resources.instances.check(id)
  },
  'providers.delete': async ({ params, caller, request, resources }) => {
    await resources.storage.call('providers.delete', { id: params.id, by: toAuthor(caller, request.ip) })
    await resources.instances.refresh()
  },
  'providers.check': ({ params, resources }) => resources.instances.check(params.id),
  'providers.offers': async ({ params, query, resources }) => {
    const { gpu: gpuName, ...search } = query
    const offers = await resources.instances.askAccount(params.id, 'search', (provider) =>
      provider.search({ gpuName, ...search }),
    )
    return { offers }
  },
  'providers.rent': async ({ params, body, caller, request, resources }) => {
    const instanceId = await resources.instances.rent(params.id, body, toAuthor(caller, request.ip))
    return { instanceId }
  },
}
