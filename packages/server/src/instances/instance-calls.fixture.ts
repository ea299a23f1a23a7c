/** Calls of the routes of rented machines that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import type { ProviderAccount } from '@pilothouse/contract'
import type { TestServer } from '../http/test-server.ts'

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9'

export function listInstanceCalls(test: () => TestServer) {
  let count = 0
  const make = () => {
    count += 1
    return { name: `account ${count}`, provider: 'vast', apiKey: 'k'.repeat(20), url: nowhere }
  }
  const keep = async (): Promise<string> => {
    const { json } = await test().ask('/api/providers', { method: 'POST', token: test().tokens.admin, body: make() })
    return `/api/providers/${(json as ProviderAccount).id}` // what this route answers with
  }
  const order = { offerId: '1', image: 'x', diskGb: 10 }
  return {
    'instances.list': () => ({ path: '/api/instances', status: 200 }),
    // There is none.
    'instances.get': () => ({ path: '/api/instances/1', status: 404 }),
    'instances.log': () => ({ path: '/api/instances/1/log', status: 404 }),
    'instances.edit': () => ({ path: '/api/instances/1', body: { label: 'x' }, status: 404 }),
    'instances.order': () => ({ path: '/api/instances/1/order', body: { action: 'stop' }, status: 404 }),
    'providers.list': () => ({ path: '/api/providers', status: 200 }),
    'providers.create': () => ({ path: '/api/providers', body: make(), status: 200 }),
    'providers.delete': async () => ({ path: await keep(), status: 204 }),
    'providers.check': async () => ({ path: `${await keep()}/check`, status: 200 }),
    // Nobody answers there.
    'providers.offers': async () => ({ path: `${await keep()}/offers`, status: 503 }),
    'providers.rent': async () => ({ path: `${await keep()}/instances`, body: order, status: 503 }),
  }
}
