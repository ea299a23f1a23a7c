import type { BatchOverview } from '@pilothouse/contract'
import type { Resources } from '../resources.ts'

/** Workers, the queue, GPUs of this machine. @throws what the storage throws */
export async function readOverview({ storage, batches, work, config }: Resources): Promise<BatchOverview> {
  const queue = await storage.call('batches.queue', {})
  const { state: gpuState, gpus } = await batches.gpus.read()
  return {
    workers: work.listWorkers(),
    queue: { ...queue, requestsMax: config.batchRequestsWaitingMax },
    gpuState,
    gpus,
  }
}
