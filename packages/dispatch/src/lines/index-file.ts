/**
 * The index of an input file, in a file beside it. Little-endian throughout.
 *
 *     header, 32 bytes      magic «PHLINES» and a zero byte (8) · version, 1 (u32) · bytes of a row, 26 (u32)
 *                           requests (u32) · lines of the input (u32) · bytes of the input (u64)
 *     one row a request     offset in the input (u48) · length (u32) · line, from 1 (u32) · maxTokens (u32)
 *                           promptHash (u32) · promptBytes (u32)
 *
 * Rows have one length, so any range of them is one read. The file is as long as header and rows say, or it is damaged.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { PilothouseError } from '@pilothouse/contract'
import { checkRange, decodeRow, encodeRow, type IndexedLine, type LineIndex, rowBytes } from './line-index.ts'
import { readSpans } from './read-spans.ts'

const magic = Buffer.from('PHLINES\0', 'latin1')
const version = 1
const headerBytes = 32
/** Rows that are held as objects at once. */
const writtenRows = 2048

/** Writes an index so that it is there whole or not at all. */
export async function writeIndex(path: string, index: LineIndex): Promise<void> {
  const aside = `${path}.new`
  try {
    const file = await open(aside, 'w', 0o600)
    try {
      await writeRows(file, index)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

async function writeRows(file: FileHandle, index: LineIndex): Promise<void> {
  await file.writeFile(encodeHeader(index))
  for (let from = 0; from < index.count; from += writtenRows) {
    const rows = await index.readRange(from, Math.min(from + writtenRows, index.count))
    const bytes = Buffer.alloc(rows.length * rowBytes)
    for (const [at, row] of rows.entries()) encodeRow(bytes, at * rowBytes, row)
    await file.writeFile(bytes) // goes on where the last one ended
  }
}

function encodeHeader({ count, lineCount, inputBytes }: LineIndex): Buffer {
  const header = Buffer.alloc(headerBytes)
  magic.copy(header)
  header.writeUInt32LE(version, 8)
  header.writeUInt32LE(rowBytes, 12)
  header.writeUInt32LE(count, 16)
  header.writeUInt32LE(lineCount, 20)
  header.writeBigUInt64LE(BigInt(inputBytes), 24)
  return header
}

/** An index that stays in its file; only what is asked for is read. */
export class StoredIndex implements LineIndex {
  readonly count: number
  readonly lineCount: number
  readonly inputBytes: number
  readonly #file: FileHandle

  constructor(file: FileHandle, header: Buffer) {
    this.#file = file
    this.count = header.readUInt32LE(16)
    this.lineCount = header.readUInt32LE(20)
    this.inputBytes = Number(header.readBigUInt64LE(24))
  }

  async readRange(from: number, until: number): Promise<IndexedLine[]> {
    checkRange(from, until, this.count)
    const [bytes] = await readSpans(this.#file, [spanRows(from, until)])
    if (!bytes) throw tellDamaged('it became shorter while it was read')
    return Array.from({ length: until - from }, (_, at) => decodeRow(bytes, at * rowBytes))
  }

  async readMany(ats: readonly number[]): Promise<IndexedLine[]> {
    for (const at of ats) checkRange(at, at + 1, this.count)
    const found = await readSpans(
      this.#file,
      ats.map((at) => spanRows(at, at + 1)),
    )
    return found.map((bytes) => {
      if (!bytes) throw tellDamaged('it became shorter while it was read')
      return decodeRow(bytes, 0)
    })
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/**
 * Opens an index that `writeIndex` wrote. Whoever opens it closes it.
 * @throws PilothouseError `internal` where the file is damaged or of another version
 */
export async function readIndex(path: string): Promise<StoredIndex> {
  const file = await open(path, 'r')
  try {
    const [header] = await readSpans(file, [{ offset: 0, bytes: headerBytes }])
    const { size } = await file.stat()
    const fault = findFault(header ?? null, size)
    if (fault !== null || !header) throw tellDamaged(fault ?? 'it is cut off')
    return new StoredIndex(file, header)
  } catch (error) {
    await file.close()
    throw error
  }
}

function findFault(header: Buffer | null, size: number): string | null {
  if (!header || !header.subarray(0, magic.length).equals(magic)) return 'it is none'
  const found = header.readUInt32LE(8)
  if (found !== version) return `it is of version ${found}, and ${version} is known`
  if (header.readUInt32LE(12) !== rowBytes) return 'its rows have another length'
  const expected = headerBytes + header.readUInt32LE(16) * rowBytes
  return size === expected ? null : `it has ${size} bytes, and its header says ${expected}`
}

function spanRows(from: number, until: number): { offset: number; bytes: number } {
  return { offset: headerBytes + from * rowBytes, bytes: (until - from) * rowBytes }
}

function tellDamaged(why: string): PilothouseError {
  return new PilothouseError('internal', `The index of a batch's input cannot be read: ${why}.`, {
    hint: 'Index the input again.',
  })
}
