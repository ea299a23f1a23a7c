/** Which requests of a shard have their result: a bit each, as base64; the first one is the lowest bit of the first byte. Pure. */

/** Of a shard of `count` requests; what the text has no bits for is not set. */
export function readBits(text: string, count: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8))
  bits.set(Buffer.from(text, 'base64').subarray(0, bits.length))
  return bits
}

export function hasBit(bits: Uint8Array, at: number): boolean {
  return (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1
}

/** The same bits with those of `ats`, too. */
export function withBits(bits: Uint8Array, ats: readonly number[]): Uint8Array {
  const more = bits.slice()
  for (const at of ats) more[at >> 3] = (more[at >> 3] ?? 0) | (1 << (at & 7))
  return more
}

/** Places below `count` whose bit is not set. */
export function listUnset(bits: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, at) => at).filter((at) => !hasBit(bits, at))
}

export function writeBits(bits: Uint8Array): string {
  return Buffer.from(bits).toString('base64')
}
