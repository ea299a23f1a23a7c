/**
 * Files: what members upload for batches, and what batches made. Bytes lie on disk (file-folder.ts), what is known of them in
 * the storage:
 *
 *   staged (bytes come) ──▶ published (named by a row: it can be seen, and outlives whatever happens) ──▶ removed, or expired
 *      └──▶ discarded
 *
 * The row goes first and the bytes after it: whoever reads a file meanwhile has it to its end.
 */
import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type FilePurpose, PilothouseError, limits } from '@pilothouse/contract'
import type { Logger } from 'pino'
import { measureRoom } from '../storage/measure-room.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { isDiskFull } from '../storage/wire-error.ts'
import { cleanFileName } from './clean-file-name.ts'
import { FileFolder } from './file-folder.ts'
import type { FileReader, FileRow } from './file-operations.ts'

/** Files whose time is over are looked for so often, unless another time is given. */
const sweepEveryMs = 60_000
/** An upload may pause for so long, unless another time is given. */
const uploadIdleMsMax = 60_000
/** Files that are removed, or compared with the storage, at a time. */
const sliceMax = 500

type Parts = {
  dataFolder: string
  storage: Pick<StorageClient, 'call'>
  now: () => number
  logger: Pick<Logger, 'error'>
  sweepMs?: number | undefined
  idleMs?: number | undefined
  /** Bytes that may still be written to the disk of a folder. */
  measureRoom?: (folder: string) => Promise<number>
}

export type StagedFile = { id: string; bytes: number }
export type FileDraft = {
  filename: string
  purpose: FilePurpose
  /** It goes at this time, ms since 1970; absent: it stays. */
  expiresMs?: number | null
}
export type NamedDraft = FileDraft & {
  /** One that `makeId` gave: when there is a file of this id, that one is the answer, and `source` is not read. */
  id?: string
}

export class Files {
  /** An upload that pauses for so long is broken off, ms. */
  readonly idleMs: number
  readonly #parts: Parts
  readonly #folder: FileFolder
  /** Ids that no row names yet, though their files are in use. */
  readonly #staged = new Set<string>()
  readonly #work = new Set<Promise<unknown>>()
  #uploads = 0
  #lastMs = 0
  #isClosed = false
  #timer: NodeJS.Timeout | undefined
  /** What a kill has left is gone. */
  #cleaned: Promise<void> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
    this.idleMs = parts.idleMs ?? uploadIdleMsMax
    this.#folder = new FileFolder({ dataFolder: parts.dataFolder, measureRoom: parts.measureRoom ?? measureRoom })
  }

  /** Removes what a kill has left, then expired files now and again. */
  start(): void {
    this.#cleaned = this.#track(this.#removeOrphans()).catch((error: unknown) => this.#complain(error))
    this.#sweepSoon(0)
  }

  /** Waits for what is under way; its sources have to end for that. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await Promise.allSettled(this.#work)
  }

  /** A new id (contract/file.ts). Those of one process follow each other. */
  makeId(): string {
    this.#lastMs = Math.max(this.#parts.now(), this.#lastMs + 1)
    return `file-${this.#lastMs.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
  }

  /**
   * Keeps what `source` yields as a file of a member. It is durable once this resolves. No bound of size or number holds for it:
   * results are always taken.
   * @throws PilothouseError `diskFull`, `invalid` for a name that is too long; else what `source` throws. Nothing is left then.
   */
  async create(ownerId: number, { id, ...draft }: NamedDraft, source: AsyncIterable<Uint8Array>): Promise<FileRow> {
    // What lies there under an id that was chosen before a kill is not to be taken for new.
    if (id !== undefined) await this.#cleaned
    const known = id === undefined ? null : await this.find(id)
    if (known) return known
    const staged = await this.stage(source, id === undefined ? {} : { id })
    return this.publish(ownerId, staged, draft)
  }

  /**
   * Writes the bytes of a file that is about to be: `publish` it, or `discard` it.
   * @throws PilothouseError `tooLarge` beyond `bytesMax`, `diskFull`; else what `source` throws. Nothing is left then.
   */
  stage(
    source: AsyncIterable<Uint8Array>,
    { id = this.makeId(), bytesMax = Infinity }: { id?: string; bytesMax?: number } = {},
  ): Promise<StagedFile> {
    return this.#track(this.#stage(source, id, bytesMax))
  }

  /**
   * Makes a staged file one of a member's. `filesMax`: the member may have so many.
   * @throws PilothouseError `conflict` at that bound, `invalid` for a name that is too long. Nothing is left then.
   */
  publish(ownerId: number, staged: StagedFile, draft: FileDraft & { filesMax?: number }): Promise<FileRow> {
    return this.#track(this.#publish(ownerId, staged, draft))
  }

  /** A staged file is not wanted; of one that is published nothing changes. */
  async discard({ id }: StagedFile): Promise<void> {
    if (!this.#staged.has(id)) return
    await this.#track(this.#folder.remove(id))
    this.#staged.delete(id)
  }

  /**
   * One more upload of this member begins; the answer ends it.
   * @throws PilothouseError `rateLimited` when too many are under way, `conflict` when the member has too many files.
   */
  async admit(ownerId: number, filesMax: number): Promise<() => void> {
    if (this.#uploads >= limits.uploadsMax)
      throw new PilothouseError('rateLimited', `${this.#uploads} uploads are under way.`, {
        expected: '5 s of patience',
      })
    this.#uploads += 1
    const release = (): void => {
      this.#uploads -= 1
    }
    try {
      await this.#parts.storage.call('files.check', { ownerId, filesMax })
      return release
    } catch (error) {
      release()
      throw error
    }
  }

  /** null: there is none, or none for `reader`. */
  find(id: string, reader?: FileReader): Promise<FileRow | null> {
    return this.#parts.storage.call('files.find', { id, nowMs: this.#parts.now(), ...(reader ? { reader } : {}) })
  }

  /**
   * The bytes of a file, to be closed by whoever opens it. They stay readable when the file is removed meanwhile.
   * @throws PilothouseError `notFound` when they are not there.
   */
  async open(id: string): Promise<FileHandle> {
    try {
      return await this.#folder.open(id)
    } catch (cause) {
      if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOENT') throw cause
      throw new PilothouseError('notFound', `The bytes of the file «${id}» are not where they were put.`, {
        cause,
        field: 'id',
        hint: 'Upload it again. Where the data folder was restored from a backup, look whether its folder «files» was, too.',
      })
    }
  }

  /** Where the bytes of a file lie. */
  path(id: string): string {
    return this.#folder.path(id)
  }

  /** Where the bytes of a file lie that is not published yet. */
  stagedPath({ id }: StagedFile): string {
    return this.#folder.partPath(id)
  }

  /** False: there was none, or none for `reader`. */
  async remove(id: string, reader?: FileReader): Promise<boolean> {
    const input = { id, nowMs: this.#parts.now(), ...(reader ? { reader } : {}) }
    const isRemoved = await this.#parts.storage.call('files.delete', input)
    if (isRemoved) await this.#removeBytes(id)
    return isRemoved
  }

  async #stage(source: AsyncIterable<Uint8Array>, id: string, bytesMax: number): Promise<StagedFile> {
    this.#staged.add(id)
    try {
      return { id, bytes: await this.#folder.write(id, source, bytesMax) }
    } catch (error) {
      await this.#folder.remove(id)
      this.#staged.delete(id)
      throw isDiskFull(error)
        ? new PilothouseError('diskFull', 'The disk of the control room is full.', { cause: error })
        : error
    }
  }

  async #publish(
    ownerId: number,
    staged: StagedFile,
    { filename, purpose, expiresMs = null, filesMax }: FileDraft & { filesMax?: number },
  ): Promise<FileRow> {
    try {
      const name = cleanFileName(filename)
      await this.#folder.settle(staged.id)
      const row = { ...staged, ownerId, name, purpose, createdMs: this.#parts.now(), expiresMs }
      await this.#parts.storage.call('files.insert', { row, filesMax: filesMax ?? null })
      this.#staged.delete(staged.id)
      return row
    } catch (error) {
      if (await this.#isNameless(staged)) await this.discard(staged)
      throw error
    }
  }

  /**
   * False where a row may name it all the same, as when the connection to the database breaks during the commit: its bytes stay
   * then, and the next start looks whether there is one.
   */
  async #isNameless({ id }: StagedFile): Promise<boolean> {
    try {
      return (await this.#parts.storage.call('files.known', { ids: [id] })).length === 0
    } catch {
      return false // what failed first is told
    }
  }

  /** Should it fail, the next start finds that no row names them. */
  async #removeBytes(id: string): Promise<void> {
    await this.#folder.remove(id).catch((error: unknown) => this.#complain(error))
  }

  /** What lies there and is neither named by a row nor on its way to one. */
  async #removeOrphans(): Promise<void> {
    // In this order: whatever is staged when the list is made, or later, is not looked at.
    const found = (await this.#folder.list()).filter((id) => !this.#staged.has(id))
    for (let from = 0; from < found.length && !this.#isClosed; from += sliceMax) {
      const ids = found.slice(from, from + sliceMax)
      const known = new Set(await this.#parts.storage.call('files.known', { ids }))
      for (const id of ids) if (!known.has(id)) await this.#removeBytes(id)
    }
  }

  #sweepSoon(ms: number): void {
    if (this.#isClosed) return
    this.#timer = setTimeout(() => {
      void this.#track(this.#sweep())
        .catch((error: unknown) => this.#complain(error))
        .then((hasMore) => this.#sweepSoon(hasMore === true ? 0 : (this.#parts.sweepMs ?? sweepEveryMs)))
    }, ms)
    this.#timer.unref()
  }

  /** True when more may be due. */
  async #sweep(): Promise<boolean> {
    const ids = await this.#parts.storage.call('files.expire', { nowMs: this.#parts.now(), limit: sliceMax })
    for (const id of ids) await this.#removeBytes(id)
    return ids.length === sliceMax
  }

  #track<Result>(work: Promise<Result>): Promise<Result> {
    this.#work.add(work)
    const forget = (): void => {
      this.#work.delete(work)
    }
    work.then(forget, forget)
    return work
  }

  #complain(error: unknown): void {
    if (!this.#isClosed) this.#parts.logger.error({ err: error }, 'files could not be removed')
  }
}
