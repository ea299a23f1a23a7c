/** Calls of the routes of files that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import type { TestServer } from '../http/test-server.ts'
import { batchOf, formOf, keepFile } from './files.fixture.ts'

export function listFileCalls(test: () => TestServer) {
  const keep = async (): Promise<string> => `/v1/files/${(await keepFile(test())).id}`
  return {
    'files.create': async () => ({ path: '/v1/files', ...(await formOf(batchOf('{}'))), status: 200 }),
    'files.list': () => ({ path: '/v1/files', status: 200 }),
    'files.get': async () => ({ path: await keep(), status: 200 }),
    'files.delete': async () => ({ path: await keep(), status: 200 }),
    'files.content': async () => ({ path: `${await keep()}/content`, status: 200 }),
  }
}
