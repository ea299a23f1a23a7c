/**
 * Whether SQLite's write-ahead log is what was written. SQLite reads it up to the first frame whose checksum is wrong and
 * takes that for the end, so commits behind a flipped bit would go without a word.
 *
 * The format is that of https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes (magic, version,
 * page size, number, two salts, two checksums), then frames: page number, size of the database after a commit (else 0), the
 * salts, two checksums, the page. The checksums run on from frame to frame over the first 8 bytes of the head and the page.
 */
import { closeSync, copyFileSync, openSync, readSync } from 'node:fs'

const headBytes = 32
const frameHeadBytes = 24
const magic = 0x377f0682

export type LogDamage = {
  /** Number of the first frame that cannot be used, from 0; -1 when the header itself is damaged. */
  frame: number
  /** Commits behind it that SQLite will not see. */
  commits: number
}

/** Before SQLite opens its database: tells of a damaged log, and keeps a copy of it, because SQLite writes over what it ignores. */
export function keepDamagedLog(path: string, tell: (text: string) => void): void {
  const damage = inspectLog(path)
  if (!damage) return
  const copy = `${path}.damaged`
  copyFileSync(path, copy)
  const { frame, commits } = damage
  const what =
    frame < 0 ? 'its header is damaged' : `frame ${frame} is damaged, and ${commits} commits behind it are lost`
  tell(`The write-ahead log ${path} cannot be read to its end: ${what}. A copy is kept as ${copy}.`)
}

/** Looks through a write-ahead log that no process has open. Undefined when it is whole, absent, or ends in the middle. */
export function inspectLog(path: string): LogDamage | undefined {
  const file = openIfThere(path)
  if (file === undefined) return undefined
  try {
    return inspectFrames(file)
  } finally {
    closeSync(file)
  }
}

function inspectFrames(file: number): LogDamage | undefined {
  const head = Buffer.alloc(headBytes)
  if (readSync(file, head, 0, headBytes, 0) < headBytes) return undefined
  const pageBytes = head.readUInt32BE(8)
  const sum = makeSum((head.readUInt32BE(0) & 1) === 1)
  sum.add(head.subarray(0, 24))
  const isWhole = head.readUInt32BE(0) >>> 1 === magic >>> 1 && sum.matches(head, 24)
  const frame = Buffer.alloc(frameHeadBytes + (isWhole ? pageBytes : 0))
  if (!isWhole) return { frame: -1, commits: 0 }
  let damaged: number | undefined
  let commits = 0
  for (let number = 0; readFrame(file, frame, number); number += 1) {
    const isOfThisLog = frame.compare(head, 16, 24, 8, 16) === 0
    if (damaged === undefined) {
      sum.add(frame.subarray(0, 8))
      sum.add(frame.subarray(frameHeadBytes))
      if (isOfThisLog && sum.matches(frame, 16)) continue
      damaged = number
    }
    if (isOfThisLog && frame.readUInt32BE(4) !== 0) commits += 1
  }
  // One commit that was under way when the process ended may be torn: nobody was told that it is kept.
  return damaged !== undefined && commits > 1 ? { frame: damaged, commits } : undefined
}

function readFrame(file: number, frame: Buffer, number: number): boolean {
  return readSync(file, frame, 0, frame.length, headBytes + number * frame.length) === frame.length
}

/** SQLite's checksum: two sums of 32 bits over pairs of words. */
function makeSum(bigEndian: boolean) {
  let one = 0
  let two = 0
  return {
    add(bytes: Buffer): void {
      for (let at = 0; at < bytes.length; at += 8) {
        const [first, second] = bigEndian
          ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
          : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]
        one = (one + first + two) >>> 0
        two = (two + second + one) >>> 0
      }
    },
    matches: (bytes: Buffer, at: number): boolean =>
      bytes.readUInt32BE(at) === one && bytes.readUInt32BE(at + 4) === two,
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
