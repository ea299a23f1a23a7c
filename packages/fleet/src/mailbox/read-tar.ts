/**
 * Reads an archive of small regular files, as every tar writes it: blocks of 512 bytes, a header block and the content of
 * each, closed by blocks of zeros.
 */

export type TarFile = { name: string; bytes: Buffer }

const blockBytes = 512

/**
 * The files of the archive that begins at `start`, and where the zeros behind it end.
 * @throws Error when it is torn.
 */
export function readTar(output: Buffer, start: number): { files: TarFile[]; end: number } {
  const files: TarFile[] = []
  let at = start
  while (at < output.length && output[at] !== 0) {
    const header = output.subarray(at, at + blockBytes)
    if (header.length < blockBytes) throw new Error('the archive ends inside a header')
    const size = readSize(header)
    const content = output.subarray(at + blockBytes, at + blockBytes + size)
    if (content.length < size) throw new Error('the archive ends inside a file')
    // Other kinds are extensions of the format (owner's names, exact times): of no use here.
    if (isRegular(header)) files.push({ name: readText(header, 0, 100), bytes: content })
    at += blockBytes + Math.ceil(size / blockBytes) * blockBytes
  }
  while (at < output.length && output[at] === 0) at++
  return { files, end: at }
}

function isRegular(header: Buffer): boolean {
  return header[156] === 0x30 || header[156] === 0
}

function readSize(header: Buffer): number {
  const text = readText(header, 124, 12).trim()
  const size = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN
  if (!Number.isSafeInteger(size)) throw new Error('the archive has a header without a size')
  return size
}

function readText(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}
