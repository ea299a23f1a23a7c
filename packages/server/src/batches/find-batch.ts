import { PilothouseError } from '@pilothouse/contract'
import type { Caller } from '../http/route.ts'
import { actorOf } from '../jobs/job-access.ts'
import type { Resources } from '../resources.ts'
import type { BatchRow } from './batch-rows.ts'

type Asked = { params: { id: string }; caller: Caller; resources: Pick<Resources, 'batches'> }

/** @throws PilothouseError `notFound`, also for a batch of somebody else. */
export async function findBatch({ params: { id }, caller, resources: { batches } }: Asked): Promise<BatchRow> {
  const row = await batches.find(id, actorOf(caller))
  if (row) return row
  throw batchNotFound(id)
}

export function batchNotFound(id: string): PilothouseError {
  return new PilothouseError('notFound', `There is no batch «${id}».`, { field: 'id' })
}
