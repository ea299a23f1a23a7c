/**
 * Several frames in one body, for whoever has many reports to send: content type `application/x-pilothouse-frames`. Each frame
 * has its length before it, and begins at a multiple of eight, so that its columns need not be copied.
 *
 *   4 bytes  n, length of the frame, unsigned, little-endian
 *   4        zero
 *   n        the frame
 *   0–7      zero bytes up to the next multiple of eight
 */
import { PilothouseError } from './error-code.ts'

export const framesContentType = 'application/x-pilothouse-frames'
const prefixBytes = 8

/** Puts frames into one body. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frames.reduce((sum, frame) => sum + measureInRow(frame.length), 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const frame of frames) {
    view.setUint32(at, frame.length, true)
    bytes.set(frame, at + prefixBytes)
    at += measureInRow(frame.length)
  }
  return bytes
}

/** How many bytes a frame of this length takes in a row. */
export function measureInRow(frameBytes: number): number {
  return prefixBytes + Math.ceil(frameBytes / 8) * 8
}

/**
 * The frames of a body, as views of it.
 * @throws PilothouseError `malformed` when it ends inside one, or holds none.
 */
export function splitFrames(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const length = at + prefixBytes <= bytes.length ? view.getUint32(at, true) : Infinity
    if (at + prefixBytes + length > bytes.length) throw malformed(`it ends inside frame ${frames.length + 1}`)
    frames.push(bytes.subarray(at + prefixBytes, at + prefixBytes + length))
    at += measureInRow(length)
  }
  if (frames.length === 0) throw malformed('it holds no frame')
  return frames
}

function malformed(why: string): PilothouseError {
  return new PilothouseError('malformed', `The body is no row of frames: ${why}.`)
}
