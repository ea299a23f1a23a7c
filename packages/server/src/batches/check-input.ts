/** Reads the input of a batch through once, and writes beside it where each request stands and in which order they are sent. */
import { open } from 'node:fs/promises'
import { type LineError, type IndexedInput, indexLines, orderRequests, writeIndex } from '@pilothouse/dispatch'
import { type ShardCut, cutShards } from './cut-shards.ts'

export type CheckTask = {
  inputPath: string
  /** Where index and order are written; null: they are not. */
  write: { index: string; order: string } | null
  endpoint: string
  /** Replaces what the bodies say; null: they all name the same. */
  model: string | null
  requestsMax: number
  bytesMax: number
}

export type CheckResult =
  | {
      kind: 'indexed'
      requests: number
      model: string
      /** UTF-8 bytes of all prompts. */
      promptBytes: number
      /** Tokens that the answers may have at most, of those requests that say so. */
      maxTokens: number
      /** Along the order in which requests are sent. */
      shards: ShardCut[]
    }
  | { kind: 'refused'; errors: LineError[]; errorCount: number }

type LineIndex = Extract<IndexedInput, { kind: 'indexed' }>['index']

const rowsAtOnce = 16_384

/** @throws what the file system throws. */
export async function checkInput({ inputPath, write, model, ...bounds }: CheckTask): Promise<CheckResult> {
  const found = await indexLines(inputPath, { ...bounds, ...(model === null ? {} : { model }) })
  if (found.kind === 'refused') return found
  const columns = await readColumns(found.index)
  const order = orderRequests({ maxTokens: columns.maxTokens, prefix: columns.promptHash })
  if (write) {
    await writeIndex(write.index, found.index)
    await writeOrder(write.order, order)
  }
  return {
    kind: 'indexed',
    requests: found.index.count,
    model: found.model,
    promptBytes: columns.promptBytes,
    maxTokens: columns.maxTokens.reduce((sum, one) => sum + one, 0),
    shards: cutShards(Uint32Array.from(order, (at) => columns.bytes[at] ?? 0)),
  }
}

async function readColumns(index: LineIndex) {
  const maxTokens = new Float64Array(index.count)
  const promptHash = new Uint32Array(index.count)
  const bytes = new Uint32Array(index.count)
  let promptBytes = 0
  for (let from = 0; from < index.count; from += rowsAtOnce) {
    const rows = await index.readRange(from, Math.min(from + rowsAtOnce, index.count))
    for (const [at, row] of rows.entries()) {
      maxTokens[from + at] = row.maxTokens
      promptHash[from + at] = row.promptHash
      bytes[from + at] = row.bytes
      promptBytes += row.promptBytes
    }
  }
  return { maxTokens, promptHash, bytes, promptBytes }
}

/** 32 bits little-endian each (batch-folder.ts). A kill in the middle of it is followed by another check. */
async function writeOrder(path: string, order: Uint32Array): Promise<void> {
  const bytes = Buffer.alloc(order.length * 4)
  for (const [at, one] of order.entries()) bytes.writeUInt32LE(one, at * 4)
  const file = await open(path, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}
