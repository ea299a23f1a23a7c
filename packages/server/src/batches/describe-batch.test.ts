import { expect, it } from 'vitest'
import type { BatchRow } from './batch-rows.ts'
import { toCard } from './describe-batch.ts'
import { type BatchOrder, isSameOrder, makeBatchRow } from './make-batch-row.ts'
import type { PointRow } from './read-operations.ts'

const order: BatchOrder = {
  ownerId: 1,
  file: { id: 'file-1', name: 'in.jsonl' },
  endpoint: '/v1/chat/completions',
  model: null,
  completionWindow: '24h',
  metadata: { b: '2', a: '1' },
  filesLifeS: null,
  notifyChannelId: null,
  priority: 0,
  isOrdered: false,
  parentId: null,
  idempotencyKey: null,
}
const fresh = makeBatchRow(order, { id: 'batch_1', outputFileId: 'file-2', errorFileId: 'file-3' }, 0)
const rowOf = (change: Partial<BatchRow>): BatchRow => ({ ...fresh, owner_name: 'somebody', ...change })
const running = { status: 'in_progress', model: 'm', total: 1_000, in_progress_ms: 0 } as const
const health = { state: 'healthy', since: null, checkedAt: null, trouble: null } as const
const engines = [{ models: ['m'], health }]

function pointOf(atMs: number, completed: number): PointRow {
  return {
    batch_id: 'batch_1',
    at_ms: atMs,
    completed,
    failed: 0,
    input_tokens: 4 * completed,
    output_tokens: completed,
  }
}

it('a batch that runs is judged by its last minutes alone, those in which nothing came included', () => {
  const row = rowOf({ ...running, completed: 400, input_tokens: 1_600, output_tokens: 400 })
  const points = [pointOf(10_000, 340), pointOf(3_500_000, 370), pointOf(3_550_000, 400)]
  const card = toCard(row, { nowMs: 3_600_000, points, engines, currency: 'USD' })
  expect(card).toMatchObject({
    requestsPerSecond: 0.3,
    tokensPerSecond: 1.5,
    eta: { leftMs: 2_000_000 },
    trouble: null,
  })
  expect(toCard(row, { nowMs: 3_600_000, points: points.slice(0, 1), engines, currency: 'USD' })).toMatchObject({
    requestsPerSecond: 0,
    eta: null,
  })
})

it('where points are further apart, more of the time is looked at', () => {
  const row = rowOf({ ...running, completed: 400, point_every_ms: 600_000 })
  const card = toCard(row, { nowMs: 3_600_000, points: [pointOf(2_600_000, 300)], engines, currency: 'USD' })
  expect(card).toMatchObject({ requestsPerSecond: 0.1 })
})

it('a batch that has begun a moment ago is judged from its beginning on', () => {
  const row = rowOf({ ...running, completed: 50 })
  expect(toCard(row, { nowMs: 10_000, points: [], engines, currency: 'USD' })).toMatchObject({ requestsPerSecond: 5 })
})

it('a batch that is over is judged by all of its time', () => {
  const row = rowOf({ ...running, status: 'completed', completed: 1_000, finalizing_ms: 100_000, ended_ms: 900_000 })
  expect(toCard(row, { nowMs: 2_000_000, points: [], engines, currency: 'USD' })).toMatchObject({
    requestsPerSecond: 10,
    eta: null,
  })
})

it('what a batch never sent since it was cut short counts for nothing in its pace', () => {
  const cut = { ...running, status: 'cancelled', completed: 400, failed: 600 } as const
  const row = rowOf({ ...cut, cancelling_ms: 100_000, ended_ms: 101_000 })
  expect(toCard(row, { nowMs: 2_000_000, points: [], engines, currency: 'USD' })).toMatchObject({
    requestsPerSecond: 4,
  })
})

it('one that no engine answers for says so, unless it is over', () => {
  const trouble = (change: Partial<BatchRow>) =>
    toCard(rowOf({ ...running, ...change }), { nowMs: 1_000, points: [], engines: [], currency: 'USD' }).trouble
  expect(trouble({})).toBe('No engine answers for «m» now.')
  expect(trouble({ status: 'completed' })).toBeNull()
})

it('a call is the same as before when all that it says is the same, in whatever order', () => {
  const row = rowOf({})
  expect(isSameOrder(row, { ...order, metadata: { a: '1', b: '2' } })).toBe(true)
  const others: Partial<BatchOrder>[] = [
    { metadata: { a: '1' } },
    { metadata: null },
    { model: 'm' },
    { priority: 1 },
    { isOrdered: true },
    { completionWindow: '1d' },
    { endpoint: '/v1/embeddings' },
    { filesLifeS: 3_600 },
  ]
  for (const other of others) expect(isSameOrder(row, { ...order, ...other })).toBe(false)
})

it('the model that was found in the input is none that the call has named', () => {
  expect(isSameOrder(rowOf({ model: 'm' }), order)).toBe(true)
  const named = rowOf({ model: 'm', is_model_replaced: 1 })
  expect(isSameOrder(named, { ...order, model: 'm' })).toBe(true)
  expect(isSameOrder(named, { ...order, model: 'n' })).toBe(false)
})
