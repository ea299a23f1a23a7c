import { crc32, deflateSync } from 'node:zlib'

/** A PNG of one colour, in Base64. `level`: 0 black … 255 white. */
export function makePng(width: number, height: number, level: number): string {
  const rows = Buffer.alloc((width + 1) * height, level)
  for (let row = 0; row < height; row += 1) rows[row * (width + 1)] = 0 // no filter
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 0, 0, 0, 0], 8) // eight bits of grey
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const parts = [makeChunk('IHDR', head), makeChunk('IDAT', deflateSync(rows)), makeChunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...parts]).toString('base64')
}

function makeChunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
