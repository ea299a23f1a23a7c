/** Calls of the routes of workers that are right in everything but, perhaps, who makes them: for `permissions.test.ts`. */
const worker = 'somebody'

export function listWorkCalls() {
  const lease = { batchId: `batch_${'0'.repeat(32)}`, shard: 0, epoch: 1 }
  return {
    'work.lease': () => ({ path: '/api/work/lease', body: { worker, model: null, waitMs: 0 }, status: 200 }),
    'work.deliver': () => ({ path: '/api/work/deliver', body: { ...lease, worker, results: [] }, status: 200 }),
    'work.beat': () => ({ path: '/api/work/beat', body: { worker, host: '', leases: [], seats: [] }, status: 200 }),
    'work.give-back': () => ({ path: '/api/work/give-back', body: { worker, leases: [] }, status: 204 }),
    'work.engines': () => ({ path: '/api/work/engines?model=stub', status: 200 }),
  }
}
