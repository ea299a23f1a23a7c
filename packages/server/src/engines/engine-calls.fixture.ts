/** Calls of the routes of engines that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import type { Engine } from '@pilothouse/contract'
import type { TestServer } from '../http/test-server.ts'

/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9'

export function listEngineCalls(test: () => TestServer) {
  let count = 0
  const make = () => {
    count += 1
    return { name: `engine ${count}`, baseUrl: nowhere }
  }
  const keep = async (): Promise<string> => {
    const { json } = await test().ask('/api/engines', { method: 'POST', token: test().tokens.admin, body: make() })
    return `/api/engines/${(json as Engine).id}` // what this route answers with
  }
  return {
    'engines.list': () => ({ path: '/api/engines', status: 200 }),
    'engines.create': () => ({ path: '/api/engines', body: make(), status: 200 }),
    'engines.edit': async () => ({ path: await keep(), body: { isPaused: true }, status: 200 }),
    'engines.delete': async () => ({ path: await keep(), status: 204 }),
    'engines.check': async () => ({ path: `${await keep()}/check`, status: 200 }),
    'models.list': () => ({ path: '/v1/models', status: 200 }),
  }
}
