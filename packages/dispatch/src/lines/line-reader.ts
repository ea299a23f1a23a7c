import { type FileHandle, open } from 'node:fs/promises'
import { PilothouseError } from '@pilothouse/contract'
import type { BatchRequest } from '../request.ts'
import { parseLine } from './check-line.ts'
import { findMember } from './find-member.ts'
import type { IndexedLine, LineIndex } from './line-index.ts'
import { readSpans } from './read-spans.ts'

export type LineReaderOptions = {
  inputPath: string
  /** Of that input; it stays with who opened it. */
  index: LineIndex
  /** Stands in every body instead of what it says. */
  model?: string | undefined
}

/**
 * Gives requests of an indexed input, wherever they stand. What is read at once is held at once: ask for as many as are
 * to be sent soon.
 */
export class LineReader {
  readonly #file: FileHandle
  readonly #index: LineIndex
  readonly #model: string | null

  private constructor(file: FileHandle, index: LineIndex, model: string | null) {
    this.#file = file
    this.#index = index
    this.#model = model
  }

  /**
   * Whoever opens it closes it.
   * @throws PilothouseError `internal` where the index is not of this input
   */
  static async open({ inputPath, index, model }: LineReaderOptions): Promise<LineReader> {
    const file = await open(inputPath, 'r')
    try {
      const { size } = await file.stat()
      if (size !== index.inputBytes) throw tellChanged(`it had ${index.inputBytes} bytes and has ${size}`)
      return new LineReader(file, index, model ?? null)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** How many requests there are. */
  get count(): number {
    return this.#index.count
  }

  /** Those from `from` to before `until`, by their places in the index. */
  async readRange(from: number, until: number): Promise<BatchRequest[]> {
    return this.#readRows(await this.#index.readRange(from, until))
  }

  /**
   * In the order they are asked for; those that stand near each other are read together.
   * @throws PilothouseError `internal` where the input is no longer what was indexed
   */
  async readMany(ats: readonly number[]): Promise<BatchRequest[]> {
    return this.#readRows(await this.#index.readMany(ats))
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #readRows(rows: readonly IndexedLine[]): Promise<BatchRequest[]> {
    const lines = await readSpans(this.#file, rows)
    return rows.map(({ line }, at) => readRequest(lines[at] ?? null, line, this.#model))
  }
}

function readRequest(bytes: Buffer | null, line: number, model: string | null): BatchRequest {
  const parsed = bytes ? parseLine(bytes) : null
  if (!parsed || parsed.fault) throw tellChanged(`line ${line} is not where it was`)
  const { text, object } = parsed.value
  const { custom_id: customId, url } = object
  const span = findMember(text, 'body')
  if (typeof customId !== 'string' || typeof url !== 'string' || !span) {
    throw tellChanged(`line ${line} is another`)
  }
  const body = text.slice(span.start, span.end)
  return { line, customId, url, body: model === null ? body : replaceModel(body, model) }
}

/** Everything else stays as it was written, numbers that JavaScript would round included. */
function replaceModel(body: string, model: string): string {
  const name = JSON.stringify(model)
  const span = findMember(body, 'model')
  if (span) return body.slice(0, span.start) + name + body.slice(span.end)
  const rest = body.slice(1).trimStart()
  return `{"model":${name}${rest === '}' ? '' : ','}${rest}`
}

function tellChanged(how: string): PilothouseError {
  return new PilothouseError('internal', `The input of a batch is no longer the one that was checked: ${how}.`, {
    hint: 'Something outside of the server changed the file. Upload it again and create the batch anew.',
  })
}
