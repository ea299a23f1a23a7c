/** What an image is by its own first bytes: type and size in pixels. Pure. */
import type { ImageType } from '@pilothouse/contract'

export type ImageFacts = { type: ImageType; width: number | null; height: number | null }

/** undefined when the bytes are no image of a type that is taken. */
export function readImageFacts(bytes: Buffer): ImageFacts | undefined {
  if (isPng(bytes))
    return { type: 'image/png', ...sizeAt(bytes, 24, () => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]) }
  if (startsWith(bytes, 'GIF87a') || startsWith(bytes, 'GIF89a'))
    return { type: 'image/gif', ...sizeAt(bytes, 10, () => [bytes.readUInt16LE(6), bytes.readUInt16LE(8)]) }
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return { type: 'image/jpeg', ...jpegSize(bytes) }
  if (startsWith(bytes, 'RIFF') && bytes.toString('latin1', 8, 12) === 'WEBP')
    return { type: 'image/webp', ...webpSize(bytes) }
  return undefined
}

type Size = { width: number | null; height: number | null }
const unknownSize: Size = { width: null, height: null }

function isPng(bytes: Buffer): boolean {
  return bytes.length >= 8 && bytes.readUInt32BE(0) === 0x89504e47 && bytes.readUInt32BE(4) === 0x0d0a1a0a
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.toString('latin1', 0, text.length) === text
}

function sizeAt(bytes: Buffer, bytesMin: number, read: () => [number, number]): Size {
  if (bytes.length < bytesMin) return unknownSize
  const [width, height] = read()
  return { width, height }
}

/** Markers that begin a frame and carry its size: SOF0 … SOF15 without DHT, JPG and DAC. */
function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
}

function jpegSize(bytes: Buffer): Size {
  let at = 2
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (isFrameMarker(marker)) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    // Any number of FF may stand before a marker.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2)
  }
  return unknownSize
}

function webpSize(bytes: Buffer): Size {
  if (bytes.length < 30) return unknownSize
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 }
    default:
      return unknownSize
  }
}
