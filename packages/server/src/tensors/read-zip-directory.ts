/**
 * The directory of a zip archive, as `torch.save` writes it: entries that are stored, not packed. Layout: APPNOTE.TXT
 * of PKWARE, §4.3: local headers (`PK\3\4`), the central directory (`PK\1\2` each), and at the very end the record that
 * says where that is (`PK\5\6`), with its 64-bit forms (`PK\6\6`, `PK\6\7`, extra field 1) where 32 bits do not reach.
 */
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'
import { formatBytesLacking, type TensorSource } from './tensor-source.ts'

export type ZipEntry = {
  name: string
  /** Of its content. */
  bytes: number
  packedBytes: number
  /** First byte of its local header. */
  headerAt: number
  /** 0 is stored, 8 is deflated. */
  method: number
  /** CRC-32 of the content; 0 where it was not worked out. */
  crc: number
  isEncrypted: boolean
}

const endBytes = 22
const commentBytesMax = 65_535
const localHeaderBytes = 30
const centralHeaderBytes = 46
const directoryBytesMax = 64 * 1024 * 1024
const entriesMax = 500_000
const unknown16 = 0xffff
const unknown32 = 0xffff_ffff

/** True when the first bytes of a file are those of a zip archive. */
export function looksLikeZip(start: Uint8Array): boolean {
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4
}

/**
 * Reads all entries, in the order of the directory.
 * @throws TensorFileError `torn` when the end of the archive is missing, `malformed`, `tooLarge`.
 */
export async function readZipDirectory(source: TensorSource): Promise<ZipEntry[]> {
  const { at, bytes, count } = await findDirectory(source)
  if (bytes > directoryBytesMax || count > entriesMax)
    throw new TensorFileError('tooLarge', `Its directory has ${count} entries in ${bytes} bytes, more than are read.`)
  if (at + bytes > source.size) throw malformed('Its directory is said to lie outside of it.')
  const directory = view(await source.read(at, bytes))
  const entries: ZipEntry[] = []
  for (let from = 0; entries.length < count;) {
    const { entry, next } = readCentralHeader(directory, from)
    entries.push(entry)
    from = next
  }
  refuseTwins(entries)
  return entries
}

/**
 * Which of two entries of one name counts differs from reader to reader, and PyTorch's does not tell large letters from
 * small ones: what is read here must be what loading would read.
 */
function refuseTwins(entries: readonly ZipEntry[]): void {
  const names = new Set<string>()
  for (const { name } of entries) {
    const folded = name.toLowerCase()
    if (names.has(folded)) throw malformed(`It has the entry ${quote(name)} twice.`)
    names.add(folded)
  }
}

/**
 * First byte of the content of an entry.
 * @throws TensorFileError `malformed` when there is no such entry where the directory says, or it reaches beyond the
 * file.
 */
export async function findContent(source: TensorSource, entry: ZipEntry): Promise<number> {
  const { headerAt, bytes, name, method, isEncrypted } = entry
  if (method !== 0 || isEncrypted)
    throw new TensorFileError(
      'unsupported',
      `Its entry ${quote(name)} is packed or encrypted; PyTorch stores entries as they are.`,
    )
  if (headerAt + localHeaderBytes > source.size)
    throw malformed(`Its entry ${quote(name)} is said to lie outside of it.`)
  const header = view(await source.read(headerAt, localHeaderBytes))
  if (header.getUint32(0, true) !== 0x04034b50)
    throw malformed(`Where its entry ${quote(name)} should begin is something else.`)
  const at = headerAt + localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true)
  if (at + bytes > source.size)
    throw malformed(`Its entry ${quote(name)} reaches ${formatBytesLacking(at + bytes - source.size)} beyond it.`)
  return at
}

type Directory = { at: number; bytes: number; count: number }

async function findDirectory(source: TensorSource): Promise<Directory> {
  const tailBytes = Math.min(source.size, endBytes + commentBytesMax)
  const tailAt = source.size - tailBytes
  const tail = view(await source.read(tailAt, tailBytes))
  for (let at = tailBytes - endBytes; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== 0x06054b50) continue
    // Readers differ in which of several ends they take: only the last one may be there, and it ends the file.
    if (at + endBytes + tail.getUint16(at + 20, true) !== tailBytes) throw malformed('It goes on behind its end.')
    const directory = {
      at: tail.getUint32(at + 16, true),
      bytes: tail.getUint32(at + 12, true),
      count: tail.getUint16(at + 10, true),
    }
    // PyTorch writes the wide form always; the narrow one then says the same, where it can.
    const wide = await readWideEnd(source, tailAt + at)
    if (wide !== undefined) return wide
    if (directory.at === unknown32 || directory.bytes === unknown32 || directory.count === unknown16)
      throw malformed('Its 64-bit directory is missing.')
    return directory
  }
  throw new TensorFileError(
    'torn',
    'Its directory, which stands at the end of the file, is missing: the file was not written to its end.',
  )
}

/** The 64-bit form of the end, which a locator just before the narrow one points at. */
async function readWideEnd(source: TensorSource, endAt: number): Promise<Directory | undefined> {
  if (endAt < 20) return undefined
  const locator = view(await source.read(endAt - 20, 20))
  if (locator.getUint32(0, true) !== 0x07064b50) return undefined
  const at = readWide(locator, 8)
  if (at + 56 > source.size) throw malformed('Its 64-bit directory is said to lie outside of it.')
  const end = view(await source.read(at, 56))
  if (end.getUint32(0, true) !== 0x06064b50) throw malformed('Its 64-bit directory is not where it is said to be.')
  return { at: readWide(end, 48), bytes: readWide(end, 40), count: readWide(end, 32) }
}

function readCentralHeader(directory: DataView, from: number): { entry: ZipEntry; next: number } {
  if (from + centralHeaderBytes > directory.byteLength || directory.getUint32(from, true) !== 0x02014b50)
    throw malformed('Its directory breaks off.')
  const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((at) => directory.getUint16(from + at, true))
  const nameAt = from + centralHeaderBytes
  const extraAt = nameAt + (nameBytes ?? 0)
  const extraEnd = extraAt + (extraBytes ?? 0)
  const next = extraEnd + (commentBytes ?? 0)
  if (next > directory.byteLength) throw malformed('Its directory breaks off.')
  const narrow = { bytes: 24, packedBytes: 20, headerAt: 42 }
  const wide = makeWideReader(directory, extraAt, extraEnd)
  // The order in which the wide numbers stand in the extra field.
  const [bytes = 0, packedBytes = 0, headerAt = 0] = [narrow.bytes, narrow.packedBytes, narrow.headerAt].map((at) => {
    const value = directory.getUint32(from + at, true)
    return value === unknown32 ? wide() : value
  })
  const nameView = new Uint8Array(directory.buffer, directory.byteOffset + nameAt, nameBytes)
  const entry = {
    name: new TextDecoder().decode(nameView),
    bytes,
    packedBytes,
    headerAt,
    method: directory.getUint16(from + 10, true),
    crc: directory.getUint32(from + 16, true),
    isEncrypted: (directory.getUint16(from + 8, true) & 1) === 1,
  }
  return { entry, next }
}

/** Gives one 64-bit number of the extra field 1 after the other. */
function makeWideReader(directory: DataView, from: number, end: number): () => number {
  let [at, fieldEnd] = [0, 0]
  for (let field = from; field + 4 <= end; field += 4 + directory.getUint16(field + 2, true)) {
    if (directory.getUint16(field, true) !== 1) continue
    at = field + 4
    fieldEnd = Math.min(end, at + directory.getUint16(field + 2, true))
    break
  }
  return () => {
    if (at + 8 > fieldEnd) throw malformed('Its directory lacks a 64-bit size.')
    at += 8
    return readWide(directory, at - 8)
  }
}

/** @throws TensorFileError `malformed` for more than 2⁵³, which no file has. */
function readWide(bytes: DataView, at: number): number {
  const value = Number(bytes.getBigUint64(at, true))
  if (!Number.isSafeInteger(value)) throw malformed('Its directory has a size that no file has.')
  return value
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
