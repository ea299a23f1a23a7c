/**
 * Reads a JSONL file of the server from a byte on, up to a bound, so that a file of a million lines is never held as a
 * whole: the next call goes on where this one stopped.
 */
import { type FoundLine, LineSplitter } from './line-splitter.ts'

export type LineBudget = { lines: number; bytes: number }
export type ReadLines = {
  /** As `fetch`, for an address that is known. */
  open: (headers: Record<string, string>, signal: AbortSignal) => Promise<Response>
  from: number
  budget: LineBudget
  /** The file does not grow any more: what stands behind the last newline is a line, too. */
  isFinal: boolean
  signal: AbortSignal
  /** Lines as they come, how far the reading is, and how long the file is; null where that is not told. */
  onLines: (lines: readonly FoundLine[], offset: number, totalBytes: number | null) => void
}

/** Bytes of one request: what is asked for is read to its end, so that no answer is broken off. */
const pieceBytes = 4 * 1024 * 1024

/**
 * @returns whether the end of the file was reached
 * @throws Error with the status where the server does not hand the file out; AbortError once the signal says so
 */
export async function readLines({ open, from, budget, isFinal, signal, onLines }: ReadLines): Promise<boolean> {
  const splitter = new LineSplitter(from)
  let [lines, bytes] = [0, 0]
  const take = (piece: Uint8Array, totalBytes: number | null): boolean => {
    const found = splitter.push(piece)
    lines += found.length
    bytes += piece.length
    onLines(found, splitter.offset, totalBytes)
    // A line that is longer than the bound is read all the same: nobody would get past it.
    return lines < budget.lines && (bytes < budget.bytes || lines === 0)
  }
  const end = (totalBytes: number | null): true => {
    if (isFinal) onLines(splitter.end(), splitter.offset, totalBytes)
    return true
  }
  let goesOn = true
  while (goesOn) {
    const begin = from + bytes
    const response = await open({ range: `bytes=${begin}-${begin + pieceBytes - 1}` }, signal)
    // Nothing stands behind the last byte that was read.
    if (response.status === 416 || response.status === 204) return end(begin)
    if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status} for the file.`)
    const totalBytes = readTotal(response)
    if (response.status !== 206)
      return (await takeAll(response.body, begin, (piece) => take(piece, totalBytes))) ? end(totalBytes) : false
    const piece = new Uint8Array(await response.arrayBuffer())
    goesOn = take(piece, totalBytes)
    if (piece.length < pieceBytes || begin + piece.length === totalBytes) return end(totalBytes)
  }
  return false
}

/** A server that does not know ranges sends all of it: what is known is skipped. True at the end of the file. */
async function takeAll(
  body: NonNullable<Response['body']>,
  known: number,
  take: (piece: Uint8Array) => boolean,
): Promise<boolean> {
  const reader = body.getReader()
  let toSkip = known
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return true
      const piece = value.subarray(Math.min(toSkip, value.length))
      toSkip -= value.length - piece.length
      if (piece.length > 0 && !take(piece)) return false
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Bytes of the whole file, by `content-range`, else by its length. */
function readTotal({ status, headers }: Response): number | null {
  const [, ofRange] = /\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? []
  if (ofRange !== undefined) return Number(ofRange)
  // Of a compressed answer the length is another one.
  const length = headers.get('content-encoding') === null ? headers.get('content-length') : null
  return status === 200 && length !== null ? Number(length) : null
}

/**
 * The bytes of one line.
 * @throws Error where the server does not hand out ranges
 */
export async function readRange(
  open: ReadLines['open'],
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<string> {
  const response = await open({ range: `bytes=${from}-${to - 1}` }, signal)
  if (response.status === 206 || (response.status === 200 && from === 0))
    return (await response.text()).slice(0, to - from)
  await response.body?.cancel()
  throw new Error(`The server answered ${response.status} instead of a part of the file.`)
}
