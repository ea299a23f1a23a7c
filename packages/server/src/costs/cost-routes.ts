import type { Handlers } from '../http/route.ts'

type CostRoute =
  | 'costs.now'
  | 'costs.history'
  | 'budgets.list'
  | 'budgets.notices'
  | 'budgets.create'
  | 'budgets.replace'
  | 'budgets.delete'

export const costHandlers: Handlers<CostRoute> = {
  'costs.now': ({ query, resources }) => resources.storage.call('costs.now', query),
  'costs.history': ({ query, resources }) => resources.storage.call('costs.history', query),
  'budgets.list': async ({ resources }) => ({ budgets: await resources.storage.call('budgets.list', null) }),
  'budgets.notices': async ({ resources }) => ({ notices: await resources.storage.call('budgets.notices', null) }),
  'budgets.create': async ({ body, caller, resources: { storage, budgets } }) => {
    const { id } = await storage.call('budgets.create', { values: body, memberId: caller.memberId })
    await budgets.look()
    return storage.call('budgets.get', { id })
  },
  'budgets.replace': async ({ params: { id }, body, resources: { storage, budgets } }) => {
    await storage.call('budgets.replace', { id, values: body })
    await budgets.look()
    return storage.call('budgets.get', { id })
  },
  'budgets.delete': async ({ params: { id }, resources }) => {
    await resources.storage.call('budgets.delete', { id })
  },
}
