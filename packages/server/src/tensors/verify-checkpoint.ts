/** Whether files of a checkpoint are there, whole, and the bytes that they were. */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { CheckpointVerification, FileState, VerifiedFile } from '@pilothouse/contract'
import { type CheckpointPart, findCheckpointFiles } from './find-checkpoint-files.ts'
import { readCatalogue } from './open-checkpoint.ts'
import { findContent, looksLikeZip, readZipDirectory } from './read-zip-directory.ts'
import { quote, TensorFileError } from './tensor-file-error.ts'
import { formatBytesLacking, openFileSource, type TensorSource } from './tensor-source.ts'
import { throwIfCancelled, type Watch } from './watch.ts'

/** What a file is held against; of a folder its files are looked at by themselves. */
export type Promised = {
  /** Hexadecimal digits. */
  sha256?: string | undefined
  bytes?: number | undefined
}

const chunkBytes = 4 * 1024 * 1024

/**
 * Looks through a file or a folder. What is wrong is an answer, not an error.
 * @throws TensorFileError `cancelled`, `unreadable` when the disk does not give the bytes.
 */
export async function verifyCheckpoint(
  path: string,
  promised: Promised,
  watch: Watch,
): Promise<CheckpointVerification> {
  const parts = await findParts(path)
  if (!Array.isArray(parts)) return { path, state: parts.state, files: [parts] }
  const progress = makeProgress(await measureParts(parts), watch)
  const files: VerifiedFile[] = []
  for (const part of parts)
    files.push(await verifyPart(part, parts.length === 1 ? promised : {}, { ...watch, progress }))
  return { path, state: files.map(({ state }) => state).reduce(chooseWorse, 'ok'), files }
}

async function findParts(path: string): Promise<CheckpointPart[] | VerifiedFile> {
  try {
    return (await findCheckpointFiles(path)).parts
  } catch (error) {
    return describeFault(path, error)
  }
}

/** From well to worse. */
const severity: Readonly<Record<FileState, number>> = {
  ok: 0,
  unknown: 1,
  changed: 2,
  malformed: 3,
  torn: 4,
  missing: 5,
}

function chooseWorse(one: FileState, other: FileState): FileState {
  return severity[other] > severity[one] ? other : one
}

async function measureParts(parts: readonly CheckpointPart[]): Promise<number> {
  let bytes = 0
  for (const { path } of parts) {
    const source = await openFileSource(path).catch(() => undefined)
    bytes += source?.size ?? 0
    await source?.close()
  }
  return bytes
}

/** Counts chunks of all files together. */
function makeProgress(bytesTotal: number, watch: Watch): (bytes: number) => void {
  let done = 0
  return (bytes) => {
    done += bytes
    watch.progress(Math.min(done, bytesTotal), bytesTotal)
  }
}

type Counting = Omit<Watch, 'progress'> & { progress(bytes: number): void }

async function verifyPart(
  { path, name, promised: tensors }: CheckpointPart,
  promised: Promised,
  watch: Counting,
): Promise<VerifiedFile> {
  try {
    const source = await openFileSource(path)
    try {
      const sha256 = await hashSource(source, watch)
      const about = { name, bytes: source.size, sha256 }
      const fault = await findFault(source, tensors, watch)
      return { ...about, ...judge(source.size, sha256, { promised, fault }) }
    } finally {
      await source.close()
    }
  } catch (error) {
    return describeFault(name, error)
  }
}

type Fault = { state: FileState; detail: string }
type Verdict = { state: FileState; detail: string | null }

/** The bytes that were promised are what is wanted, whatever they are: their fault is then told beside. */
function judge(
  bytes: number,
  sha256: string,
  { promised, fault }: { promised: Promised; fault: Fault | undefined },
): Verdict {
  if (promised.sha256 !== undefined && promised.sha256.toLowerCase() === sha256)
    return { state: 'ok', detail: fault?.detail ?? null }
  const lacking = (promised.bytes ?? bytes) - bytes
  if (lacking > 0)
    return {
      state: 'torn',
      detail: `It ends ${formatBytesLacking(lacking)} before it should. ${fault?.detail ?? ''}`.trim(),
    }
  if (fault !== undefined && fault.state !== 'unknown') return fault
  if (lacking < 0) return { state: 'changed', detail: `It has ${formatBytesLacking(-lacking)} more than it should.` }
  if (promised.sha256 !== undefined)
    return { state: 'changed', detail: 'Its bytes are others than they were: its SHA-256 differs.' }
  return fault ?? { state: 'ok', detail: null }
}

async function hashSource(source: TensorSource, watch: Counting): Promise<string> {
  const hash = createHash('sha256')
  await readThrough(source, { from: 0, length: source.size }, (chunk) => {
    throwIfCancelled({ ...watch, progress: () => undefined })
    hash.update(chunk)
    watch.progress(chunk.length)
  })
  return hash.digest('hex')
}

type Range = { from: number; length: number }

async function readThrough(
  source: TensorSource,
  { from, length }: Range,
  use: (chunk: Uint8Array) => void,
): Promise<void> {
  const room = new Uint8Array(Math.min(chunkBytes, length))
  for (let done = 0; done < length; done += room.length) {
    use(await source.read(from + done, Math.min(room.length, length - done), room))
  }
}

/** What is wrong with the structure; undefined when nothing is. */
async function findFault(
  source: TensorSource,
  tensors: readonly string[] | undefined,
  watch: Counting,
): Promise<Fault | undefined> {
  try {
    const catalogue = await readCatalogue(source, watch.clock)
    const present = new Set(catalogue.tensors.map(({ name }) => name))
    const lacking = (tensors ?? []).find((name) => !present.has(name))
    if (lacking !== undefined)
      return { state: 'torn', detail: `It lacks the tensor ${quote(lacking)}, which the index says is in it.` }
    return await findChangedEntry(source, watch)
  } catch (error) {
    const { state, detail } = describeFault('', error)
    return { state, detail: detail ?? '' }
  }
}

/** A zip archive has a checksum of each entry. PyTorch leaves it 0 when it is told to work none out. */
async function findChangedEntry(source: TensorSource, watch: Counting): Promise<Fault | undefined> {
  if (!looksLikeZip(await source.read(0, Math.min(4, source.size)))) return undefined
  let left = 2 * source.size
  for (const entry of await readZipDirectory(source)) {
    const at = await findContent(source, entry)
    left -= entry.bytes
    if (left < 0) return { state: 'malformed', detail: 'Its entries overlap.' }
    if (entry.crc === 0) continue
    let sum = 0
    await readThrough(source, { from: at, length: entry.bytes }, (chunk) => {
      throwIfCancelled({ ...watch, progress: () => undefined })
      sum = crc32(chunk, sum)
    })
    if (sum !== entry.crc)
      return { state: 'changed', detail: `Its entry ${quote(entry.name)} has other bytes than its checksum says.` }
  }
  return undefined
}

/** @throws what says nothing about the file. */
function describeFault(name: string, error: unknown): VerifiedFile {
  if (!(error instanceof TensorFileError)) throw error
  const state = stateOf(error)
  return { name, state, bytes: null, sha256: null, detail: error.message }
}

function stateOf(error: TensorFileError): FileState {
  switch (error.kind) {
    case 'missing':
    case 'torn':
    case 'malformed':
      return error.kind
    case 'tooLarge':
      return 'malformed'
    case 'unsupported':
      return 'unknown'
    case 'unreadable':
    case 'cancelled':
    case 'failed':
      throw error
    default:
      return error.kind satisfies never
  }
}
