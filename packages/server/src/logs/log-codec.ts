/**
 * A run of log lines as bytes:
 *
 *   offset  size    what
 *        0  4       lines, n (unsigned, little-endian)
 *        4  4       bytes of the texts, m
 *        8  8 × n   times, client's clock, ms, IEEE 754 binary64
 *           1 × n   stream and level: bit 0 is stderr, bits 1–2 the level as its place in `logLevels`
 *           m       texts in UTF-8, each with a line feed behind it
 *
 * A packed segment is the same, compressed with Zstandard, with its checksum.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type LogLevel, type LogLine, type LogStream, logLevels } from '@pilothouse/contract'

const headBytes = 8
const lineFeed = 10
const space = 32
const levelNumbers: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 }

/** Lines as columns: what a report brings, and what a segment holds. */
export type LogRun = { times: number[]; flags: number[]; texts: string[] }

export type DecodedRun = {
  count: number
  times: Float64Array
  flags: Uint8Array
  /** All texts, each with a line feed behind it. */
  text: Uint8Array
}

export function packFlags(stream: LogStream, level: LogLevel): number {
  return (stream === 'stderr' ? 1 : 0) | (levelNumbers[level] << 1)
}

export function levelOf(flags: number): LogLevel {
  return logLevels[(flags >> 1) & 3] ?? 'info'
}

export function streamOf(flags: number): LogStream {
  return (flags & 1) === 1 ? 'stderr' : 'stdout'
}

export function encodeRun(run: {
  times: ArrayLike<number>
  flags: ArrayLike<number>
  text: Uint8Array
}): Uint8Array<ArrayBuffer> {
  const count = run.times.length
  const bytes = new Uint8Array(headBytes + count * 9 + run.text.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, count, true)
  view.setUint32(4, run.text.length, true)
  new Float64Array(bytes.buffer, headBytes, count).set(run.times)
  bytes.set(run.flags, headBytes + count * 8)
  bytes.set(run.text, headBytes + count * 9)
  return bytes
}

export function decodeRun(bytes: Uint8Array, packed: boolean): DecodedRun {
  const raw = packed ? zstdDecompressSync(bytes) : bytes
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const count = view.getUint32(0, true)
  const flagsAt = headBytes + count * 8
  const textAt = flagsAt + count
  return {
    count,
    // The database's buffer need not lie on an eight-byte boundary.
    times: new Float64Array(new Uint8Array(raw.subarray(headBytes, flagsAt)).buffer),
    flags: raw.subarray(flagsAt, textAt),
    text: raw.subarray(textAt, textAt + view.getUint32(4, true)),
  }
}

/** What the row of a segment says of its data. */
export type SegmentFacts = { lines: number; bytes: number; packed: number }

/** The run of a segment; where it is damaged, lines that say so, as many and as long as it had. */
export function readRun(data: Uint8Array, { lines, bytes, packed }: SegmentFacts): DecodedRun {
  try {
    const run = decodeRun(data, packed === 1)
    if (run.count === lines && run.text.length === bytes) return run
  } catch {
    // Told by the lines that stand in its place.
  }
  return standIn(lines, bytes)
}

const damagedText = '[these lines cannot be read: their part of the log is damaged on the disk]'

function standIn(lines: number, bytes: number): DecodedRun {
  const text = new Uint8Array(bytes).fill(lineFeed)
  const room = Math.max(0, bytes - lines)
  text.fill(space, 0, room)
  new TextEncoder().encodeInto(damagedText, text.subarray(0, room))
  return {
    count: lines,
    times: new Float64Array(lines),
    flags: new Uint8Array(lines).fill(packFlags('stderr', 'warning')),
    text,
  }
}

export function packRun(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
}

/** Runs one after another as a single one. */
export function joinRuns(runs: readonly DecodedRun[]): Uint8Array<ArrayBuffer> {
  const count = runs.reduce((sum, run) => sum + run.count, 0)
  const times = new Float64Array(count)
  const flags = new Uint8Array(count)
  let at = 0
  for (const run of runs) {
    times.set(run.times, at)
    flags.set(run.flags, at)
    at += run.count
  }
  return encodeRun({ times, flags, text: Buffer.concat(runs.map(({ text }) => text)) })
}

/** The lines of a run, numbered from `firstLine`. */
export function linesOf(run: DecodedRun, firstLine: number, range: { from: number; to: number }): LogLine[] {
  const texts = textsOf(run)
  const lines: LogLine[] = []
  for (let at = Math.max(0, range.from - firstLine); at < Math.min(run.count, range.to - firstLine); at += 1) {
    lines.push(lineAt({ run, texts, at, firstLine }))
  }
  return lines
}

export function lineAt({
  run,
  texts,
  at,
  firstLine,
}: {
  run: DecodedRun
  texts: readonly string[]
  at: number
  firstLine: number
}): LogLine {
  const flags = run.flags[at] ?? 0
  return {
    n: firstLine + at,
    time: run.times[at] ?? 0,
    stream: streamOf(flags),
    level: levelOf(flags),
    text: texts[at] ?? '',
  }
}

/** The texts of a run. Behind the last line feed stands one empty text more. */
export function textsOf({ text }: DecodedRun): string[] {
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('utf8').split('\n')
}

/** Where the text of a line begins among the bytes of its run. */
export function byteOfLine({ text }: DecodedRun, line: number): number {
  let byte = 0
  for (let before = 0; before < line; before += 1) byte = text.indexOf(lineFeed, byte) + 1
  return byte
}

/** Texts with a line feed behind each, in UTF-8. Halves of surrogate pairs become U+FFFD. */
export function encodeTexts(texts: readonly string[]): Uint8Array {
  return texts.length === 0 ? new Uint8Array(0) : Buffer.from(`${texts.join('\n')}${String.fromCharCode(lineFeed)}`)
}
