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

/** Rows that are held as objects at once. */
const rowsAtOnce = 2_048
/** Entries of the order that are written at once. */
const placesAtOnce = 65_536

/** @throws what the file system throws. */
export async function checkInput({ inputPath, write, model, ...bounds }: CheckTask): Promise<CheckResult> {
  const found = await indexLines(inputPath, { ...bounds, ...(model === null ? {} : { model }) })
  if (found.kind === 'refused') return found
  const { index, model: foundModel } = found
  const requests = index.count
  const columns = await readColumns(index)
  if (write) await writeIndex(write.index, index)
  index.clear() // before the order takes as much
  const order = orderRequests({ maxTokens: columns.maxTokens, prefix: columns.promptHash })
  if (write) await writeOrder(write.order, order)
  return {
    kind: 'indexed',
    requests,
    model: foundModel,
    promptBytes: columns.promptBytes,
    maxTokens: columns.maxTokens.reduce((sum, one) => sum + one, 0),
    shards: cutShards(listBytes(order, columns.bytes)),
  }
}

function* listBytes(order: Uint32Array, bytes: Uint32Array): Generator<number> {
  for (const at of order) yield bytes[at] ?? 0
}

async function readColumns(index: LineIndex) {
  const maxTokens = new Uint32Array(index.count)
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
  const file = await open(path, 'w', 0o600)
  try {
    for (let from = 0; from < order.length; from += placesAtOnce) {
      const part = order.subarray(from, from + placesAtOnce)
      const bytes = Buffer.alloc(part.length * 4)
      for (const [at, one] of part.entries()) bytes.writeUInt32LE(one, at * 4)
      await file.writeFile(bytes) // goes on where the last one ended
    }
    await file.sync()
  } finally {
    await file.close()
  }
}
