/** Calls of the routes of batches that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
import { batchOf, keepFile } from '../files/files.fixture.ts'
import type { TestServer } from '../http/test-server.ts'
import { chat, inputOf, keepBatch } from './batches.fixture.ts'

/** Of a server with an engine that answers for the model «stub». */
export function listBatchCalls(test: () => TestServer) {
  let shared: Promise<string> | undefined
  const keep = async (): Promise<string> => (await keepBatch(test(), inputOf(1), { token: test().tokens.admin })).id
  const read = async (rest: string): Promise<string> => `${await (shared ??= keep())}${rest}`
  const upload = async (): Promise<string> => (await keepFile(test(), batchOf(inputOf(1)))).id
  return {
    'openai-batches.create': async () => ({
      path: '/v1/batches',
      body: { input_file_id: await upload(), endpoint: chat },
      status: 200,
    }),
    'openai-batches.list': () => ({ path: '/v1/batches', status: 200 }),
    'openai-batches.get': async () => ({ path: `/v1/batches/${await read('')}`, status: 200 }),
    'openai-batches.cancel': async () => ({ path: `/v1/batches/${await keep()}/cancel`, status: 200 }),
    'openai-batches.delete': async () => ({ path: `/v1/batches/${await keep()}`, status: 200 }),
    'openai-batches.results': async () => ({ path: `/v1/batches/${await read('/results')}`, status: 200 }),
    'openai-batches.errors': async () => ({ path: `/v1/batches/${await read('/errors')}`, status: 200 }),
    'openai-batches.logs': async () => ({ path: `/v1/batches/${await read('/logs')}`, status: 200 }),
    'batches.list': () => ({ path: '/api/batches', status: 200 }),
    'batches.overview': () => ({ path: '/api/batches/overview', status: 200 }),
    'batches.usage': () => ({ path: '/api/batches/usage', status: 200 }),
    'batches.check': async () => ({
      path: '/api/batches/check',
      body: { inputFileId: await upload(), endpoint: chat },
      status: 200,
    }),
    'batches.get': async () => ({ path: `/api/batches/${await read('')}`, status: 200 }),
    'batches.log': async () => ({ path: `/api/batches/${await read('/log')}`, status: 200 }),
    'batches.dead-letters': async () => ({ path: `/api/batches/${await read('/dead-letters')}`, status: 200 }),
    // Nothing of it has failed.
    'batches.retry': async () => ({ path: `/api/batches/${await read('/retry')}`, body: {}, status: 409 }),
  }
}
