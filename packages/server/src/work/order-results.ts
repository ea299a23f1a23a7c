/** Result files in the order of the input. Held are 12 bytes a request, and what is read at once. */
import { type FileHandle, open } from 'node:fs/promises'
import { PilothouseError } from '@pilothouse/contract'
import { type FileSpan, readSpans } from '@pilothouse/dispatch'
import { lineHeadBytes, readPlace } from './result-line.ts'

const chunkBytes = 256 * 1024
/** Lines that are read at once: until one of these is reached. */
const windowLines = 1_024
const windowBytes = 1024 * 1024
const newline = 0x0a

type PartFile = {
  path: string
  /** What of it counts. */
  bytes: number
}

/** A part file as it is. What it yields is overwritten by what comes next. `signal` breaks it off, its reason is thrown. */
export async function* readPart({ path, bytes }: PartFile, signal: AbortSignal): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    yield* readChunks(file, bytes, signal)
  } finally {
    await file.close()
  }
}

/**
 * The lines of a part file in the order of the input, which has `total` requests.
 * @throws PilothouseError `internal` where a line is none that was written here; the reason of `signal`
 */
export async function* readInOrder(
  { path, bytes }: PartFile,
  total: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await open(path, 'r')
  try {
    const places = await findPlaces(file, { bytes, total }, signal)
    for (const spans of listWindows(places)) {
      signal.throwIfAborted()
      for (const line of await readSpans(file, spans)) yield line ?? failDamaged()
    }
  } finally {
    await file.close()
  }
}

/** Of each request where its line begins, and how long it is; 0: it has none here. */
type Places = { offsets: Float64Array; lengths: Uint32Array }

async function findPlaces(
  file: FileHandle,
  { bytes, total }: { bytes: number; total: number },
  signal: AbortSignal,
): Promise<Places> {
  const places = { offsets: new Float64Array(total), lengths: new Uint32Array(total) }
  const scan = new LineScan((at, { offset, bytes: length }) => {
    if (at >= total || places.lengths[at] !== 0) failDamaged()
    places.offsets[at] = offset
    places.lengths[at] = length
  })
  for await (const chunk of readChunks(file, bytes, signal)) scan.push(chunk)
  return places
}

class LineScan {
  readonly #onLine: (at: number, span: FileSpan) => void
  readonly #head = Buffer.alloc(lineHeadBytes)
  /** Bytes of the head that are there. */
  #filled = 0
  #lineStart = 0
  #position = 0

  constructor(onLine: (at: number, span: FileSpan) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length;) {
      const found = chunk.indexOf(newline, from)
      const until = found === -1 ? chunk.length : found
      this.#filled += chunk.copy(this.#head, this.#filled, from, until)
      if (found !== -1) this.#endLine(this.#position + found + 1)
      from = until + 1
    }
    this.#position += chunk.length
  }

  #endLine(end: number): void {
    const at = readPlace(this.#head.subarray(0, this.#filled)) ?? failDamaged()
    this.#onLine(at, { offset: this.#lineStart, bytes: end - this.#lineStart })
    this.#lineStart = end
    this.#filled = 0
  }
}

function* listWindows({ offsets, lengths }: Places): Generator<FileSpan[]> {
  let spans: FileSpan[] = []
  let held = 0
  for (const [at, bytes] of lengths.entries()) {
    if (bytes === 0) continue
    spans.push({ offset: offsets[at] ?? 0, bytes })
    held += bytes
    if (spans.length < windowLines && held < windowBytes) continue
    yield spans
    spans = []
    held = 0
  }
  if (spans.length > 0) yield spans
}

/** In one buffer that is used again: new ones waited for the collector, 60 MB of them at times. */
async function* readChunks(file: FileHandle, bytes: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, bytes))
  for (let at = 0; at < bytes;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, bytes - at), at)
    if (bytesRead === 0) failDamaged()
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

function failDamaged(): never {
  throw new PilothouseError('internal', 'A result file of a batch is other than it was written.')
}
