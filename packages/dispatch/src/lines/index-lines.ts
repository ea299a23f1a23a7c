/**
 * One pass over an input file: every line is checked, and where it stands is remembered. What is held is a chunk, one
 * line, 26 bytes of index a request and 11 to 21 bytes a custom id.
 */
import { randomInt } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { isJsonObject, type JsonObject, type LineDemands, parseLine, readBody, readCustomId } from './check-line.ts'
import { findMember } from './find-member.ts'
import { type HashId, IdTable, makeIdHash } from './id-table.ts'
import { formatCount, type LineError, LineErrors, type LineFault, quoteValue } from './line-error.ts'
import { MemoryIndex } from './line-index.ts'
import { LineSplitter, type RawLine } from './line-splitter.ts'
import { measureRequest } from './measure-request.ts'
import { readSpans } from './read-spans.ts'

/** Those of the Batch API, where it has any. */
export const lineDefaults = {
  requestsMax: 50_000,
  bytesMax: 200 * 1024 * 1024,
  /** A request may carry pictures. */
  lineBytesMax: 16 * 1024 * 1024,
  errorsMax: 100,
} as const

const chunkBytesDefault = 256 * 1024

export type IndexLinesOptions = {
  /** What `url` has to be in every line, as `/v1/chat/completions`. */
  endpoint: string
  /** What the requests are sent with whatever `body.model` says; without it all have to name the same. */
  model?: string | undefined
  /** At most 2^32 - 1. */
  requestsMax?: number | undefined
  bytesMax?: number | undefined
  /** Without the line end; at most as long as a string may be, 512 MB. */
  lineBytesMax?: number | undefined
  /** How many errors are kept; the others are counted. */
  errorsMax?: number | undefined
  chunkBytes?: number | undefined
  hashId?: HashId | undefined
  signal?: AbortSignal | undefined
}

export type IndexedInput =
  /** `model` is what the requests are for. */
  | { kind: 'indexed'; index: MemoryIndex; model: string }
  /** `errors` are the first ones, those of the whole file before those of lines. */
  | { kind: 'refused'; errors: LineError[]; errorCount: number }

/**
 * Checks the input file of a batch and finds its requests.
 * @throws Error of the file system; the reason of `signal`
 */
export async function indexLines(path: string, options: IndexLinesOptions): Promise<IndexedInput> {
  const { bytesMax = lineDefaults.bytesMax } = options
  const file = await open(path, 'r')
  try {
    const indexer = new LineIndexer(file, options)
    const { size } = await file.stat()
    if (size > bytesMax) indexer.errors.addForFile(tellTooLarge(size, bytesMax))
    else await indexer.run(size, options)
    return indexer.finish()
  } finally {
    await file.close()
  }
}

class LineIndexer {
  readonly errors: LineErrors
  readonly #file: FileHandle
  readonly #demands: LineDemands
  readonly #requestsMax: number
  readonly #lineBytesMax: number
  readonly #hashId: HashId
  readonly #index = new MemoryIndex()
  readonly #ids = new IdTable()
  #requestCount = 0
  #model: { name: string; line: number } | null = null

  constructor(file: FileHandle, options: IndexLinesOptions) {
    this.#file = file
    this.#demands = { endpoint: options.endpoint, isModelReplaced: options.model !== undefined }
    if (options.model !== undefined) this.#model = { name: options.model, line: 0 }
    this.#requestsMax = options.requestsMax ?? lineDefaults.requestsMax
    this.#lineBytesMax = options.lineBytesMax ?? lineDefaults.lineBytesMax
    this.#hashId = options.hashId ?? makeIdHash(randomInt(2 ** 32))
    this.errors = new LineErrors(options.errorsMax ?? lineDefaults.errorsMax)
  }

  async run(size: number, { chunkBytes = chunkBytesDefault, signal }: IndexLinesOptions): Promise<void> {
    const splitter = new LineSplitter(this.#lineBytesMax)
    for await (const chunk of readChunks(this.#file, size, chunkBytes)) {
      signal?.throwIfAborted()
      for (const line of splitter.push(chunk)) await this.#take(line)
      this.#index.inputBytes += chunk.length
    }
    for (const line of splitter.end()) await this.#take(line)
    this.#index.lineCount = splitter.lineCount
    if (this.#requestCount === 0) this.errors.addForFile(emptyFault)
    if (this.#requestCount > this.#requestsMax) {
      this.errors.addForFile(tellTooMany(this.#requestCount, this.#requestsMax))
    }
  }

  finish(): IndexedInput {
    this.#ids.clear()
    if (this.errors.count === 0 && this.#model) {
      return { kind: 'indexed', index: this.#index, model: this.#model.name }
    }
    return { kind: 'refused', errors: this.errors.list(), errorCount: this.errors.count }
  }

  /** Beyond the most requests they are only counted. */
  async #take(line: RawLine): Promise<void> {
    this.#requestCount += 1
    if (this.#requestCount > this.#requestsMax) return
    const fault = line.bytes ? await this.#check(line, line.bytes) : tellTooLong(line.length, this.#lineBytesMax)
    if (fault) this.errors.add(line.line, fault)
  }

  async #check(raw: RawLine, bytes: Buffer): Promise<LineFault | null> {
    const parsed = parseLine(bytes)
    if (parsed.fault) return parsed.fault
    const { text, object } = parsed.value
    const id = readCustomId(object)
    if (id.fault) return id.fault
    const twin = await this.#claimId(id.value)
    if (twin !== null) return tellDuplicate(id.value, twin)
    const body = readBody(object, this.#demands)
    // A line that is wrong in another way has its row, too, by which its id is found again.
    this.#addRow(raw, bytes.length, { text, body: body.fault ? null : body.value })
    return body.fault ?? this.#checkModel(body.value, raw.line)
  }

  /** Remembers an id for the row that comes next; the line that had it before, or null. */
  async #claimId(id: string): Promise<number | null> {
    const hash = this.#hashId(id)
    for (const at of this.#ids.find(hash)) {
      const { line, offset, bytes } = this.#index.get(at)
      // Reading lines again for errors that are only counted would make a hostile file very slow.
      if (this.errors.isFull || (await this.#readId({ offset, bytes })) === id) return line
    }
    this.#ids.add(hash, this.#index.count)
    return null
  }

  async #readId(span: { offset: number; bytes: number }): Promise<unknown> {
    const [bytes] = await readSpans(this.#file, [span])
    const value: unknown = bytes ? JSON.parse(bytes.toString('utf8')) : null
    return isJsonObject(value) ? value['custom_id'] : undefined
  }

  #addRow({ line, offset }: RawLine, bytes: number, { text, body }: { text: string; body: JsonObject | null }): void {
    const span = body ? findMember(text, 'body') : null
    const measure = span && body ? measureRequest(text, span.start, body) : unmeasured
    this.#index.add({ line, offset, bytes, ...measure })
  }

  #checkModel({ model }: JsonObject, line: number): LineFault | null {
    if (this.#demands.isModelReplaced || typeof model !== 'string') return null
    this.#model ??= { name: model, line }
    if (this.#model.name === model) return null
    const first = `line ${this.#model.line} asks for ${quoteValue(this.#model.name)}`
    const message = `body.model is ${quoteValue(model)}, and ${first}. A batch is for one model: split the file by model.`
    return { code: 'model_mismatch', message, param: 'body.model' }
  }
}

const unmeasured = { maxTokens: 0, promptHash: 0, promptBytes: 0 }

/** The first `size` bytes of a file, in one buffer that is used again. */
async function* readChunks(file: FileHandle, size: number, chunkBytes: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, size)))
  let position = 0
  while (position < size) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, size - position), position)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

const emptyFault: LineFault = {
  code: 'empty_batch',
  message:
    'The file has no requests. Write one JSON object on each line, as {"custom_id": …, "method": "POST", "url": …, "body": {…}}.',
  param: null,
}

function tellTooLarge(size: number, bytesMax: number): LineFault {
  const message = `The file has ${formatCount(size)} bytes, and that of a batch may have ${formatCount(bytesMax)}. Split it into several.`
  return { code: 'invalid_request', message, param: null }
}

function tellTooMany(count: number, requestsMax: number): LineFault {
  const message = `The file has ${formatCount(count)} requests, and a batch may have ${formatCount(requestsMax)}. Split it into several.`
  return { code: 'too_many_tasks', message, param: null }
}

function tellTooLong(length: number, lineBytesMax: number): LineFault {
  const message = `it has ${formatCount(length)} bytes, and a line may have ${formatCount(lineBytesMax)}. Shorten the request.`
  return { code: 'invalid_request', message, param: null }
}

function tellDuplicate(id: string, line: number): LineFault {
  const message = `custom_id ${quoteValue(id)} is that of line ${line} already. Give each request one of its own.`
  return { code: 'duplicate_custom_id', message, param: 'custom_id' }
}
