import type { BatchCard, BatchList } from '@pilothouse/contract'
import type { Handlers, RouteContext } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import { checkBatch } from './check-batch.ts'
import { readDeadLetters } from './dead-letters.ts'
import { toCard, toDetail } from './describe-batch.ts'
import { batchNotFound, findBatch } from './find-batch.ts'
import { readOverview } from './read-overview.ts'
import { retryBatch } from './retry-batch.ts'

type BatchRoute = `batches.${'list' | 'overview' | 'usage' | 'check' | 'get' | 'log' | 'dead-letters' | 'retry'}`

export const batchHandlers: Handlers<BatchRoute> = {
  'batches.list': listCards,
  'batches.overview': ({ resources }) => readOverview(resources),
  'batches.usage': ({ query, caller, resources: { storage } }) =>
    storage.call('batches.usage', { query, reader: actorOf(caller) }),
  'batches.check': checkBatch,
  'batches.get': async ({ params: { id }, caller, resources: { storage, engines, now } }) => {
    const parts = await storage.call('batches.parts', { id, reader: actorOf(caller), nowMs: now() })
    if (!parts) throw batchNotFound(id)
    return toDetail(parts, { nowMs: now(), engines: await engines.list() })
  },
  'batches.log': async (asked) => {
    const { id } = await findBatch(asked)
    const lines = await asked.resources.storage.call('batches.log', { id, after: asked.query.after })
    return { lines: lines.map(({ n, at_ms: at, level, message: text }) => ({ n, at, level, text })) }
  },
  'batches.dead-letters': readDeadLetters,
  'batches.retry': async (asked): Promise<BatchCard> => {
    const { engines, now, storage } = asked.resources
    const row = await retryBatch(asked)
    const { currency } = await storage.call('rates.get', null)
    return toCard(row, { nowMs: now(), points: [], engines: await engines.list(), currency })
  },
}

async function listCards({ query, caller, resources }: RouteContext<'batches.list'>): Promise<BatchList> {
  const { storage, engines, now } = resources
  const reader = actorOf(caller)
  const nowMs = now()
  const page = await storage.call('batches.list', { query, reader, nowMs })
  const around = { nowMs, points: page.points, currency: page.currency, engines: await engines.list() }
  const groupCounts = await storage.call('batches.count-groups', { reader })
  return { batches: page.rows.map((row) => toCard(row, around)), hasMore: page.hasMore, groupCounts }
}
