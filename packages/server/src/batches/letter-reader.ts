/** What was asked in requests that have failed, read out of the input that the batch keeps. */
import { LineReader, type StoredIndex, readIndex } from '@pilothouse/dispatch'
import { PilothouseError, limits } from '@pilothouse/contract'
import type { BatchPaths } from './batch-folder.ts'
import type { BatchRow } from './batch-rows.ts'
import { cutShards } from './cut-shards.ts'
import type { LetterPlace } from './letter-operations.ts'

/** Of a line beside its body: custom id, url, names. */
const besideBodyMax = 8 * 1024

export type AskedRequest = { line: number; customId: string; url: string; body: string }

export class LetterReader {
  readonly #reader: LineReader
  readonly #index: StoredIndex

  private constructor(reader: LineReader, index: StoredIndex) {
    this.#reader = reader
    this.#index = index
  }

  /**
   * Whoever opens it closes it.
   * @throws PilothouseError `notFound` when the input of the batch is gone.
   */
  static async open(row: BatchRow, { input: inputPath, index: indexPath }: BatchPaths): Promise<LetterReader> {
    const index = await readIndex(indexPath).catch(explainMissing)
    try {
      const model = row.is_model_replaced === 1 ? (row.model ?? undefined) : undefined
      return new LetterReader(await LineReader.open({ inputPath, index, model }), index)
    } catch (error) {
      await index.close()
      return explainMissing(error)
    }
  }

  /** Bodies by line, of those that are short enough to be shown. */
  async readBodies(places: readonly LetterPlace[]): Promise<Map<number, string>> {
    const rows = await this.#index.readMany(places.map(({ at }) => at))
    const short = places.filter((_, at) => (rows[at]?.bytes ?? 0) <= limits.deadLetterBodyMax + besideBodyMax)
    const asked = await this.#reader.readMany(short.map(({ at }) => at))
    return new Map(
      asked.filter(({ body }) => body.length <= limits.deadLetterBodyMax).map(({ line, body }) => [line, body]),
    )
  }

  /** All of these, in their order; a few megabytes of them are held at a time. */
  async *readAll(places: readonly LetterPlace[]): AsyncGenerator<AskedRequest> {
    const ats = places.map(({ at }) => at)
    const sizes = (await this.#index.readMany(ats)).map(({ bytes }) => bytes)
    for (const { first, count } of cutShards(sizes)) yield* await this.#reader.readMany(ats.slice(first, first + count))
  }

  async close(): Promise<void> {
    await this.#reader.close()
    await this.#index.close()
  }
}

function explainMissing(cause: unknown): never {
  if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOENT') throw cause
  throw new PilothouseError('notFound', 'The input of this batch is not where it was put.', {
    cause,
    hint: 'Where the data folder was restored from a backup, look whether its folder «batches» was, too.',
  })
}
