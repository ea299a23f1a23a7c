/** Calls of the routes of engines that are started from here: for `permissions.test.ts`. */
import type { Serving } from '@pilothouse/contract'
import type { TestServer } from '../http/test-server.ts'

export function listServingCalls(test: () => TestServer) {
  let count = 0
  const make = () => {
    count += 1
    const what = { target: 'local', kind: 'custom', command: ['true'], model: { path: '/models/none' } }
    return { name: `served ${count}`, ...what }
  }
  const start = async (): Promise<string> => {
    const { json } = await test().ask('/api/servings', { method: 'POST', token: test().tokens.admin, body: make() })
    return `/api/servings/${(json as Serving).id}` // what this route answers with
  }
  return {
    'servings.list': () => ({ path: '/api/servings', status: 200 }),
    'servings.start': () => ({ path: '/api/servings', body: make(), status: 200 }),
    'servings.stop': async () => ({ path: `${await start()}/stop`, status: 200 }),
  }
}
