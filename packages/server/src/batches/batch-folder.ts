/**
 * What a batch has on disk, below `batches` in the data folder:
 *
 *   <id>/input.jsonl   its input: the file of that id once more (a hard link), so that it may be deleted meanwhile
 *   <id>/index         where each request stands in it (dispatch/lines/index-file.ts)
 *   <id>/order         places of requests in that index, 32 bits little-endian each, in the order in which they are sent
 *   <id>/output.part   answers, as far as the row of the batch says: what lies behind that was not committed
 *   <id>/error.part    the same of requests without an answer
 *
 * When the batch has ended, its results are files of the Files API, and of the folder the input stays for dead letters. One whose
 * input was never found to be in order has no folder any more.
 */
import { join } from 'node:path'
import { PilothouseError, batchIdPattern } from '@pilothouse/contract'

export type BatchPaths = { folder: string; input: string; index: string; order: string; output: string; error: string }

/** Where the parts of a batch lie. `id` is one that was made here. */
export function batchPaths(dataFolder: string, id: string): BatchPaths {
  if (!batchIdPattern.test(id)) throw new PilothouseError('internal', 'This is the id of no batch.')
  const folder = join(dataFolder, 'batches', id)
  const at = (name: string): string => join(folder, name)
  return {
    folder,
    input: at('input.jsonl'),
    index: at('index'),
    order: at('order'),
    output: at('output.part'),
    error: at('error.part'),
  }
}
