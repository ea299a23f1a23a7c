/**
 * A zip archive of small files, stored without compression and without a clock: the same files are the same bytes, on
 * every machine and with every version of zlib. For each file a local header and its bytes, then the directory.
 */
import { crc32 } from 'node:zlib'

export type ZipFile = { path: string; bytes: Uint8Array }

/** 1980-01-01 00:00, where the time of zip begins. */
const firstDosDate = 0x0021
/** Made on Unix by version 2.0 of the format. */
const madeBy = 0x0314
const versionNeeded = 20
/** A regular file that everybody may read, in the upper half. */
const attributes = (0o100644 << 16) >>> 0
/** Names are UTF-8. */
const flags = 0x0800
/** Without the extension to 64 bits. */
const filesMax = 65_535
const bytesMax = 0xffff_ffff

/**
 * The archive.
 * @throws RangeError beyond 65,535 files or 4 GB.
 */
export function writeZip(files: readonly ZipFile[]): Buffer {
  if (files.length > filesMax) throw new RangeError(`A zip has at most ${filesMax} files.`)
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { path, bytes } of files) {
    const name = Buffer.from(path)
    const common = describeFile(name, bytes)
    const local = Buffer.concat([number32(0x04034b50), number16(versionNeeded), common, number16(0), name])
    parts.push(local, Buffer.from(bytes))
    const place = [number16(0), number16(0), number16(0), number16(0), number32(attributes), number32(offset)]
    directory.push(number32(0x02014b50), number16(madeBy), number16(versionNeeded), common, ...place, name)
    offset += local.length + bytes.length
  }
  if (offset > bytesMax) throw new RangeError(`A zip has at most ${bytesMax} bytes.`)
  const listed = Buffer.concat(directory)
  return Buffer.concat([...parts, listed, endDirectory(files.length, listed.length, offset)])
}

/** What local header and directory both say: flags, stored, time, date, checksum, both sizes, length of the name. */
function describeFile(name: Buffer, bytes: Uint8Array): Buffer {
  const sizes = [number32(crc32(bytes)), number32(bytes.length), number32(bytes.length)]
  return Buffer.concat([
    number16(flags),
    number16(0),
    number16(0),
    number16(firstDosDate),
    ...sizes,
    number16(name.length),
  ])
}

function endDirectory(files: number, bytes: number, offset: number): Buffer {
  const counts = [number16(0), number16(0), number16(files), number16(files)]
  return Buffer.concat([number32(0x06054b50), ...counts, number32(bytes), number32(offset), number16(0)])
}

function number16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
