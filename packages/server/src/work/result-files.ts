/**
 * The result files of batches while they grow. Of each batch one thing at a time: lines are written behind what is committed of
 * the files, made durable, and then committed in the storage together with what they are lines of. What lies behind the committed
 * length counts for nothing: it is cut off, at the latest when the next lines are written over it.
 */
import { PilothouseError } from '@pilothouse/contract'
import { batchPaths } from '../batches/batch-folder.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { isDiskFull } from '../storage/wire-error.ts'
import { type PartFiles, partFiles } from './part-files.ts'
import type { ResultLengths, ResultsCommitted } from './result-operations.ts'

type Parts = {
  dataFolder: string
  storage: Pick<StorageClient, 'call'>
  files?: PartFiles | undefined
}

export type ResultLines = { output: readonly string[]; error: readonly string[] }

type Write = {
  lines: ResultLines
  /** What is committed now. */
  before: ResultLengths
  /** Commits the lines, which then end at `after`. */
  commit: (after: ResultLengths) => Promise<ResultsCommitted>
}

export class ResultFiles {
  readonly #parts: Parts
  readonly #files: PartFiles
  /** What of each batch is under way, or was last. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#files = parts.files ?? partFiles
  }

  /** Runs `task` when whatever else there is to do with the files of this batch is over. */
  async inTurn<Result>(batchId: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(batchId) ?? Promise.resolve()
    const turn = before.then(task, task)
    const settled = turn.catch(() => undefined) // whoever has this turn is told
    this.#turns.set(batchId, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(batchId) === settled) this.#turns.delete(batchId)
    }
  }

  /**
   * Adds lines, within a turn of the batch. Should anything fail, nothing was added.
   * @throws PilothouseError `diskFull`; what the file system or `commit` throws
   */
  async write(batchId: string, { lines, before, commit }: Write): Promise<ResultsCommitted> {
    try {
      const paths = batchPaths(this.#parts.dataFolder, batchId)
      const output = await this.#append(paths.output, before.output, lines.output)
      const error = await this.#append(paths.error, before.error, lines.error)
      const committed = await commit({ output, error })
      if (!committed.isTaken) await this.cut(batchId, before)
      return committed
    } catch (error) {
      await this.#cutBack(batchId)
      throw isDiskFull(error) ? tellFull(error) : error
    }
  }

  /** Takes away what lies behind these lengths. Within a turn of the batch. */
  async cut(batchId: string, lengths: ResultLengths): Promise<void> {
    const paths = batchPaths(this.#parts.dataFolder, batchId)
    await this.#files.cut(paths.output, lengths.output)
    await this.#files.cut(paths.error, lengths.error)
  }

  /** Resolves once nothing is under way. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#turns.values())
  }

  async #append(path: string, at: number, lines: readonly string[]): Promise<number> {
    if (lines.length === 0) return at
    const bytes = Buffer.from(lines.join(''))
    await this.#files.append(path, at, bytes)
    return at + bytes.length
  }

  /**
   * To what the storage says, which is asked anew: when the connection to it breaks, a commit may have succeeded all the same.
   * Should that fail, too, the rest lies behind what counts until lines are written over it.
   */
  async #cutBack(batchId: string): Promise<void> {
    try {
      const lengths = await this.#parts.storage.call('work.lengths', { batchId })
      if (lengths) await this.cut(batchId, lengths)
    } catch {
      // What failed first is told.
    }
  }
}

function tellFull(cause: unknown): PilothouseError {
  return new PilothouseError('diskFull', 'The disk of the control room is full: results cannot be taken.', {
    cause,
    hint: 'Make room on the disk; workers deliver again.',
  })
}
