/**
 * Which custom ids have been seen, without keeping them: of each a hash of 32 bits and the number of its row, in open
 * addressing over typed arrays. 8 bytes a slot, between 3/8 and 3/4 of them taken: 11 to 21 bytes an id, whatever its
 * length. Ids that hash alike, 116 pairs among a million, are told apart by who asks, out of the file.
 */

const slotsMin = 1024

/** An integer from 0 to 2^32 - 1 for each text. */
export type HashId = (id: string) => number

export class IdTable {
  #hashes = new Uint32Array(slotsMin)
  /** Row + 1; 0 is a free slot. */
  #rows = new Uint32Array(slotsMin)
  #count = 0

  /** Rows whose ids have this hash. */
  find(hash: number): number[] {
    const found: number[] = []
    const mask = this.#rows.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#rows[slot] ?? 0
      if (row === 0) return found
      if (this.#hashes[slot] === hash) found.push(row - 1)
    }
  }

  add(hash: number, row: number): void {
    if ((this.#count + 1) * 4 > this.#rows.length * 3) this.#grow()
    this.#put(hash, row + 1)
    this.#count += 1
  }

  #put(hash: number, rowPlusOne: number): void {
    const mask = this.#rows.length - 1
    let slot = hash & mask
    while (this.#rows[slot] !== 0) slot = (slot + 1) & mask
    this.#hashes[slot] = hash
    this.#rows[slot] = rowPlusOne
  }

  /** Gives its memory back at once: the collector does so later. Nothing is found any more. */
  clear(): void {
    for (const { buffer } of [this.#hashes, this.#rows]) buffer.transfer(0)
    this.#hashes = new Uint32Array(slotsMin)
    this.#rows = new Uint32Array(slotsMin)
    this.#count = 0
  }

  #grow(): void {
    const [hashes, rows] = [this.#hashes, this.#rows]
    this.#hashes = new Uint32Array(rows.length * 2)
    this.#rows = new Uint32Array(rows.length * 2)
    for (let slot = 0; slot < rows.length; slot += 1) {
      const row = rows[slot] ?? 0
      if (row !== 0) this.#put(hashes[slot] ?? 0, row)
    }
    for (const { buffer } of [hashes, rows]) buffer.transfer(0) // at once: the collector would let several sizes pile up
  }
}

/**
 * A hash that depends on a seed of 32 bits: ids come from outside, and with a fixed one somebody could choose a million that
 * all want the same slot.
 */
export function makeIdHash(seed: number): HashId {
  return (id) => {
    let low = seed ^ 0x9e3779b9
    let high = seed ^ 0x7f4a7c15
    for (let at = 0; at < id.length; at += 1) {
      const unit = id.charCodeAt(at)
      low = Math.imul(low ^ unit, 0x85ebca6b)
      low ^= low >>> 15
      high = Math.imul(high ^ unit, 0xc2b2ae35)
      high ^= high >>> 13
    }
    return finish(finish(high ^ id.length) ^ low) >>> 0
  }
}

/** Spreads every bit over all (the last step of MurmurHash3, public domain). */
function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
