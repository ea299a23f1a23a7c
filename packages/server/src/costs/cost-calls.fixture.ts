/** Calls of the routes of costs that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import type { Budget } from '@pilothouse/contract'
import type { TestServer } from '../http/test-server.ts'

export const monthly = { name: 'monthly', scope: 'all', amount: 100, currency: 'USD', period: 'month' } as const

export function listCostCalls(test: () => TestServer) {
  const keep = async (): Promise<string> => {
    const { json } = await test().ask('/api/budgets', { method: 'POST', token: test().tokens.admin, body: monthly })
    return `/api/budgets/${(json as Budget).id}` // what this route answers with
  }
  return {
    'costs.now': () => ({ path: '/api/costs', status: 200 }),
    'costs.history': () => ({ path: '/api/costs/history?from=0&until=1000', status: 200 }),
    'budgets.list': () => ({ path: '/api/budgets', status: 200 }),
    'budgets.notices': () => ({ path: '/api/budgets/notices', status: 200 }),
    'budgets.create': () => ({ path: '/api/budgets', body: monthly, status: 200 }),
    'budgets.replace': async () => ({ path: await keep(), body: { ...monthly, amount: 200 }, status: 200 }),
    'budgets.delete': async () => ({ path: await keep(), status: 204 }),
  }
}
