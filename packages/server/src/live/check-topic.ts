import { PilothouseError, jobUid, parseTopic } from '@pilothouse/contract'
import type { StorageClient } from '../storage/storage-client.ts'

/** Why `topic` cannot be watched; undefined when it can. */
export async function findTopicFault(topic: string, storage: StorageClient): Promise<PilothouseError | undefined> {
  const known = parseTopic(topic)
  if (!known) {
    return new PilothouseError('invalid', `There is no topic «${topic.slice(0, 100)}».`, {
      field: 'topic',
      expected: 'jobs, alerts, job:UID, metrics:UID, resources:UID, logs:UID, samples:UID or notes:UID',
    })
  }
  if (!('uid' in known)) return undefined
  const exists = jobUid.safeParse(known.uid).success && (await storage.call('live.has-job', { uid: known.uid }))
  return exists
    ? undefined
    : new PilothouseError('notFound', `There is no job ${known.uid.slice(0, 64)}.`, { field: 'topic' })
}
