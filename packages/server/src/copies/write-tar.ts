/** A tar archive (POSIX pax) as a stream: the files of a copy, one behind the other, none of it held in memory. */
import { createReadStream } from 'node:fs'

export type TarFile = { /** In the archive. */ name: string; path: string; bytes: number }

const blockBytes = 512
/** What the fields of the plain header hold. */
const nameBytesMax = 100
const plainBytesMax = 8 * 1024 ** 3 - 1

/** Bytes of the whole archive. */
export function measureTar(files: readonly TarFile[]): number {
  const each = files.map((file) => writeHeaders(file, 0).length + padded(file.bytes))
  return each.reduce((sum, one) => sum + one, 2 * blockBytes)
}

/** `timeMs`: when the files were made, as the archive says. Throws what the file system throws, also for a file of another size. */
export async function* writeTar(files: readonly TarFile[], timeMs: number): AsyncGenerator<Buffer> {
  for (const file of files) {
    yield writeHeaders(file, timeMs)
    let sent = 0
    if (file.bytes > 0) {
      const source: AsyncIterable<Buffer> = createReadStream(file.path, {
        end: file.bytes - 1,
        highWaterMark: 1024 * 1024,
      })
      for await (const chunk of source) {
        sent += chunk.length
        yield chunk
      }
    }
    if (sent !== file.bytes) throw new Error(`${file.path} has ${sent} bytes instead of ${file.bytes}.`)
    yield Buffer.alloc(padded(sent) - sent)
  }
  yield Buffer.alloc(2 * blockBytes)
}

function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes
}

/** What the plain header cannot hold stands in one before it. */
function writeHeaders({ name, bytes }: TarFile, timeMs: number): Buffer {
  const records: string[] = []
  if (Buffer.byteLength(name) > nameBytesMax || !/^[\u0020-\u007e]*$/.test(name))
    records.push(writeRecord('path', name))
  if (bytes > plainBytesMax) records.push(writeRecord('size', String(bytes)))
  const plain = writeHeader({ name: Buffer.from(name).subarray(0, nameBytesMax), bytes, timeMs, type: '0' })
  if (records.length === 0) return plain
  const more = Buffer.from(records.join(''))
  const before = writeHeader({ name: Buffer.from('pax'), bytes: more.length, timeMs, type: 'x' })
  return Buffer.concat([before, more, Buffer.alloc(padded(more.length) - more.length), plain])
}

/** A record begins with its own length. */
function writeRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const restBytes = Buffer.byteLength(rest)
  const digits = String(restBytes + String(restBytes).length).length
  return `${restBytes + digits}${rest}`
}

type Header = { name: Buffer; bytes: number; timeMs: number; type: '0' | 'x' }

function writeHeader({ name, bytes, timeMs, type }: Header): Buffer {
  const header = Buffer.alloc(blockBytes)
  name.copy(header, 0)
  header.write('0000600\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${Math.min(bytes, plainBytesMax).toString(8).padStart(11, '0')}\0`, 124)
  header.write(
    `${Math.floor(timeMs / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  header.write('        ', 148)
  header.write(type, 156)
  header.write('ustar\x0000', 257)
  const check = header.reduce((sum, byte) => sum + byte, 0)
  header.write(`${check.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
