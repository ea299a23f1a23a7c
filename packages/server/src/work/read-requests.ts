import { open } from 'node:fs/promises'
import { PilothouseError } from '@pilothouse/contract'
import { type BatchRequest, LineReader, readIndex } from '@pilothouse/dispatch'
import type { BatchPaths } from '../batches/batch-folder.ts'

const placeBytes = 4

/**
 * Places in the input of the requests that a batch sends as number `first` and after it.
 * @throws PilothouseError `internal` where its order is cut off
 */
export async function readOrder(
  path: string,
  { first, count }: { first: number; count: number },
): Promise<readonly number[]> {
  const file = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(count * placeBytes)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, first * placeBytes)
    if (bytesRead < bytes.length) throw new PilothouseError('internal', 'The order of a batch is cut off.')
    return Array.from({ length: count }, (_, at) => bytes.readUInt32LE(at * placeBytes))
  } finally {
    await file.close()
  }
}

/**
 * Requests by their places in the input, in the order they are asked for. `model`: stands in their bodies instead of what they say.
 * @throws PilothouseError `internal` where the input is no longer what was checked; else what the file system throws
 */
export async function readRequests(
  { input, index: indexPath }: BatchPaths,
  ats: readonly number[],
  model?: string,
): Promise<BatchRequest[]> {
  if (ats.length === 0) return []
  const index = await readIndex(indexPath)
  try {
    const reader = await LineReader.open({ inputPath: input, index, model })
    try {
      return await reader.readMany(ats)
    } finally {
      await reader.close()
    }
  } finally {
    await index.close()
  }
}
