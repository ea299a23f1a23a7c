/**
 * Brings a batch to its end, in steps that each may be repeated after a kill at any point:
 *
 *   1. it is marked (`work.begin-end`): from then on nothing that workers bring is taken
 *   2. requests without a result get their line, shard by shard, as if they were delivered
 *   3. the part files become files of its owner under ids that were chosen when it was made: one that is there is not made again
 *   4. its status (`work.finish`)
 *   5. what is needed no more goes: all of its folder, or all but the input and its index where failed requests may be sent again
 */
import { access, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError, batchIdPattern } from '@pilothouse/contract'
import type { BatchRequest } from '@pilothouse/dispatch'
import { type BatchPaths, batchPaths } from '../batches/batch-folder.ts'
import type { Files } from '../files/files.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { listUnset, readBits } from './bitmap.ts'
import type { EndingBatch, OpenShard } from './end-operations.ts'
import { readInOrder, readPart } from './order-results.ts'
import { readOrder, readRequests } from './read-requests.ts'
import type { ResultFiles } from './result-files.ts'
import { type LeftOut, formatLeftOut } from './result-line.ts'

export type EndParts = {
  dataFolder: string
  storage: Pick<StorageClient, 'call'>
  files: Pick<Files, 'create'>
  results: ResultFiles
  now: () => number
  /** Breaks it off between two steps. */
  signal: AbortSignal
}

/** Shards that are asked for at once, and folders that are looked at. */
const shardsMax = 64
const foldersMax = 500

/**
 * Ends a batch if that is due. True: it has ended.
 * @throws PilothouseError `diskFull`, or `internal` where its files are damaged; the reason of the signal
 */
export async function endBatch(parts: EndParts, batchId: string): Promise<boolean> {
  const { storage, results, now, dataFolder } = parts
  const batch = await storage.call('work.begin-end', { batchId, nowMs: now() })
  if (!batch) return false
  if (batch.end !== 'completed') await leaveOutRest(parts, batchId, batch.end)
  await results.inTurn(batchId, () => publishResults(parts, batch))
  const { hasLetters } = await storage.call('work.finish', { batchId, end: batch.end, nowMs: now() })
  await results.inTurn(batchId, () => tidyFolder(batchPaths(dataFolder, batchId), hasLetters))
  return true
}

/** What a kill has left of batches that have ended goes. */
export async function tidyFolders({ dataFolder, storage, signal }: EndParts): Promise<void> {
  const names = await readdir(join(dataFolder, 'batches')).catch(() => []) // there was no batch yet
  const ids = names.filter((name) => batchIdPattern.test(name))
  for (let from = 0; from < ids.length && !signal.aborted; from += foldersMax) {
    const ended = await storage.call('work.ended', { ids: ids.slice(from, from + foldersMax) })
    for (const { id, hasLetters } of ended) {
      const paths = batchPaths(dataFolder, id)
      if (!hasLetters || (await isThere(paths.order))) await tidyFolder(paths, hasLetters)
    }
  }
}

async function leaveOutRest(parts: EndParts, batchId: string, why: LeftOut): Promise<void> {
  for (let from = 0; ;) {
    const shards = await parts.storage.call('work.open-shards', { batchId, from, limit: shardsMax })
    for (const shard of shards) {
      parts.signal.throwIfAborted()
      await parts.results.inTurn(batchId, () => leaveOutShard(parts, { batchId, why, shard }))
      from = shard.shard + 1
    }
    if (shards.length < shardsMax) return
  }
}

async function leaveOutShard(
  { dataFolder, storage, results, now }: EndParts,
  { batchId, why, shard }: { batchId: string; why: LeftOut; shard: OpenShard },
): Promise<void> {
  const before = await storage.call('work.lengths', { batchId })
  if (!before) return
  const paths = batchPaths(dataFolder, batchId)
  const order = await readOrder(paths.order, shard)
  const done = listUnset(readBits(shard.done, shard.count), shard.count)
  const ats = done.map((place) => order[place] ?? 0)
  const requests = await readLeftOut(paths, ats)
  const error = ats.map((at, n) => formatLeftOut({ batchId, at, customId: requests[n]?.customId ?? null }, why))
  const counts = { completed: 0, failed: done.length, tokens: [], letters: [] }
  await results.write(batchId, {
    lines: { output: [], error },
    before,
    commit: (after) =>
      storage.call('work.commit-results', {
        batchId,
        shard: shard.shard,
        by: { kind: 'end' },
        done,
        ...counts,
        before,
        after,
        nowMs: now(),
      }),
  })
}

/**
 * Where the input is damaged, a batch ends all the same: nobody can send what is left of it, and its lines say no more than what
 * became of them.
 */
async function readLeftOut(paths: BatchPaths, ats: readonly number[]): Promise<readonly BatchRequest[]> {
  try {
    return await readRequests(paths, ats)
  } catch (error) {
    if (error instanceof PilothouseError && error.code === 'internal') return []
    throw error
  }
}

async function publishResults(parts: EndParts, batch: EndingBatch): Promise<void> {
  const lengths = await parts.storage.call('work.lengths', { batchId: batch.id })
  if (!lengths) return
  await parts.results.cut(batch.id, lengths)
  const paths = batchPaths(parts.dataFolder, batch.id)
  await publish(parts, batch, { id: batch.outputFileId, name: 'output', path: paths.output, bytes: lengths.output })
  await publish(parts, batch, { id: batch.errorFileId, name: 'error', path: paths.error, bytes: lengths.error })
}

type Result = { id: string; name: string; path: string; bytes: number }

/** As with OpenAI, there is no file where there are no lines. */
async function publish(
  { files, now, signal }: EndParts,
  { id: batchId, ownerId, isOrdered, total, filesLifeMs }: EndingBatch,
  { id, name, ...part }: Result,
): Promise<void> {
  if (part.bytes === 0) return
  const expiresMs = filesLifeMs === null ? null : now() + filesLifeMs
  const draft = { id, filename: `${batchId}_${name}.jsonl`, purpose: 'batch_output', expiresMs } as const
  await files.create(ownerId, draft, isOrdered ? readInOrder(part, total, signal) : readPart(part, signal))
}

/** The order goes last: while it is there, something else may be. */
async function tidyFolder(paths: BatchPaths, hasLetters: boolean): Promise<void> {
  if (!hasLetters) return rm(paths.folder, { recursive: true, force: true })
  for (const path of [paths.output, paths.error, paths.order]) await rm(path, { force: true })
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
