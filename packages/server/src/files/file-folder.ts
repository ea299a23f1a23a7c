/**
 * Bytes of files on disk, below `files` in the data folder:
 *
 *   <id>.part    while they come
 *   <id>         all of them
 *
 * A file is synced, renamed into its place, and its folder synced, before the row that names it is committed. So a row never
 * names a file that is half-written, not even after a power cut; what no row names is removed at the next start.
 */
import { type FileHandle, constants, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PilothouseError, fileIdPattern } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { syncFolder } from '../storage/sync-folder.ts'

/** After so many bytes it is asked again how much room the disk has. */
const roomEveryBytes = 16 * 1024 * 1024
const partEnding = '.part'

type Parts = {
  dataFolder: string
  /** Bytes that may still be written to the disk of a folder. */
  measureRoom(folder: string): Promise<number>
}

export class FileFolder {
  readonly #parts: Parts
  readonly #root: string

  constructor(parts: Parts) {
    this.#parts = parts
    this.#root = join(parts.dataFolder, 'files')
  }

  /** Where a whole file is. `id` is one that was made here. */
  path(id: string): string {
    if (!fileIdPattern.test(id)) throw new PilothouseError('internal', 'This is the id of no file.')
    return join(this.#root, id)
  }

  /** Where a file is while it comes. */
  partPath(id: string): string {
    return `${this.path(id)}${partEnding}`
  }

  /**
   * Writes a file that is about to be, and returns its bytes; when this resolves they would outlive a loss of power.
   * @throws PilothouseError `tooLarge` beyond `bytesMax`, `diskFull`; else what `source` or the file system throws.
   */
  async write(id: string, source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<number> {
    await this.#prepare()
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
    const file = await open(this.partPath(id), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
    try {
      const bytes = await this.#copy(source, file, bytesMax)
      await file.sync()
      return bytes
    } finally {
      await file.close()
    }
  }

  /** Makes a file appear that was written. */
  async settle(id: string): Promise<void> {
    await rename(this.partPath(id), this.path(id))
    await syncFolder(this.#root)
  }

  /** @throws what the file system throws: it may be missing. */
  open(id: string): Promise<FileHandle> {
    return open(this.path(id), constants.O_RDONLY | constants.O_NOFOLLOW)
  }

  /** Whole or not; missing is fine. */
  async remove(id: string): Promise<void> {
    await rm(this.path(id), { force: true })
    await rm(this.partPath(id), { force: true })
  }

  /** Ids of all that lies here, whole or not. */
  async list(): Promise<string[]> {
    await this.#prepare()
    const names = (await readdir(this.#root)).map((name) =>
      name.endsWith(partEnding) ? name.slice(0, -partEnding.length) : name,
    )
    return [...new Set(names)].filter((name) => fileIdPattern.test(name))
  }

  async #prepare(): Promise<void> {
    const made = await mkdir(this.#root, { recursive: true, mode: 0o700 })
    if (made !== undefined) await syncFolder(this.#parts.dataFolder)
  }

  async #copy(source: AsyncIterable<Uint8Array>, file: FileHandle, bytesMax: number): Promise<number> {
    let bytes = 0
    let askAt = 0
    for await (const chunk of source) {
      if (bytes + chunk.byteLength > bytesMax) throw tooLarge(bytesMax)
      if (bytes >= askAt) {
        await this.#checkRoom()
        askAt = bytes + roomEveryBytes
      }
      await file.writeFile(chunk)
      bytes += chunk.byteLength
    }
    return bytes
  }

  async #checkRoom(): Promise<void> {
    const room = await this.#parts.measureRoom(this.#root)
    if (room >= roomEveryBytes) return
    throw new PilothouseError('diskFull', `The disk of the control room has room for ${formatBytes(room)} more.`, {
      hint: 'Delete files that nobody needs, or make room on the disk.',
    })
  }
}

/** What is said of a file that is larger than it may be. */
export function tooLarge(bytesMax: number): PilothouseError {
  return new PilothouseError('tooLarge', `The file is larger than ${formatBytes(bytesMax)} (${bytesMax} bytes).`, {
    field: 'file',
    hint: 'Split it, or have the bound raised (PILOTHOUSE_FILE_BYTES_MAX).',
  })
}
