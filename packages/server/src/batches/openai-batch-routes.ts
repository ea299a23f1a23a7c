import type { OpenAiBatch, OpenAiBatchList } from '@pilothouse/contract'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { batchNotFound, findBatch } from './find-batch.ts'
import { receiveBatch } from './receive-batch.ts'
import { sendResults } from './send-results.ts'
import { toOpenAiBatch } from './to-openai-batch.ts'

type OpenAiBatchRoute =
  `openai-batches.${'create' | 'list' | 'get' | 'cancel' | 'delete' | 'results' | 'errors' | 'logs'}`

export const openAiBatchHandlers: Handlers<OpenAiBatchRoute> = {
  'openai-batches.create': receiveBatch,
  'openai-batches.list': listBatches,
  'openai-batches.get': async (asked): Promise<OpenAiBatch> => toOpenAiBatch(await findBatch(asked)),
  'openai-batches.cancel': cancelBatch,
  'openai-batches.delete': cancelBatch,
  'openai-batches.results': (asked) => sendResults(asked, 'output'),
  'openai-batches.errors': (asked) => sendResults(asked, 'error'),
  'openai-batches.logs': async (asked) => {
    const { id } = await findBatch(asked)
    const lines = await asked.resources.storage.call('batches.log', { id, after: 0 })
    const text = lines.map((line) => `${new Date(line.at_ms).toISOString()} ${line.level} ${line.message}\n`)
    return asked.reply.type('text/plain; charset=utf-8').send(text.join(''))
  },
}

async function listBatches({
  query: { limit, after },
  caller,
  resources: { storage, now },
}: RouteContext<'openai-batches.list'>): Promise<OpenAiBatchList> {
  const query = { limit, after }
  const input = { query, reader: actorOf(caller), nowMs: now() }
  const { rows, hasMore } = await storage.call('batches.list', input)
  const data = rows.map(toOpenAiBatch)
  return {
    object: 'list',
    data,
    has_more: hasMore,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}

async function cancelBatch({
  params: { id },
  caller,
  resources: { batches },
}: Pick<RouteContext<'openai-batches.cancel'>, 'params' | 'caller' | 'resources'>): Promise<OpenAiBatch> {
  const row = await batches.cancel(id, { reader: actorOf(caller), byName: caller.memberName })
  if (!row) throw batchNotFound(id)
  return toOpenAiBatch(row)
}
