/**
 * Copies of checkpoints on disk, below a folder that may be a mounted disk:
 *
 *   <job id>/<copy id>/manifest.json    what is in it, and the record that stood beside the checkpoint
 *   <job id>/<copy id>/files/…          the bytes, under the names that they had
 *   <job id>/<copy id>.part/…           the same while it comes
 *
 * A copy is renamed into its place once all of its bytes are on disk and are what was promised. Nothing in it is ever run.
 */
import { access, mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CopyManifest, PilothouseError, copyManifest } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { measureRoom } from '../storage/measure-room.ts'
import { syncFolder } from '../storage/sync-folder.ts'

/** Stands in a folder that copies were put into. */
const mark = '.pilothouse-copies'
/** Bytes of a file read at once. */
export const readBytesMax = 1024 * 1024

export type CopyPlace = { jobId: number; id: number }

export class CopyFiles {
  readonly #root: string
  readonly #isOwn: boolean

  /** `folder`: one that somebody chose, and that must exist; null for one in the data folder. */
  constructor(dataFolder: string, folder: string | null) {
    this.#root = folder ?? join(dataFolder, 'copies')
    this.#isOwn = folder === null
  }

  /** Where a whole copy is. */
  whole({ jobId, id }: CopyPlace): string {
    return join(this.#root, String(jobId), String(id))
  }

  part(place: CopyPlace): string {
    return `${this.whole(place)}.part`
  }

  /** A file of a copy. `folder` is one of the two above, `path` one of its manifest. */
  file(folder: string, path: string): string {
    return join(folder, 'files', ...path.split('/'))
  }

  async isWhole(place: CopyPlace): Promise<boolean> {
    return (await sizeOf(join(this.whole(place), 'manifest.json'))) > 0
  }

  /**
   * Makes room for a copy that is about to come. What has come of the very same before stays.
   * @throws PilothouseError `diskFull`, `unavailable` when the folder is not there, `invalid` when two files are in each other's way.
   */
  async begin(place: CopyPlace, manifest: CopyManifest): Promise<void> {
    checkNames(manifest)
    const folder = this.part(place)
    const text = JSON.stringify(manifest)
    await this.#prepare()
    if ((await readText(join(folder, 'manifest.json'))) !== text) {
      await rm(folder, { recursive: true, force: true })
      await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 })
      await writeFile(join(folder, 'manifest.json'), text, { mode: 0o600, flush: true })
    }
    const bytes = manifest.files.reduce((sum, one) => sum + one.bytes, 0)
    const received = (await this.measure(folder, manifest)).reduce((sum, one) => sum + one, 0)
    await this.checkRoom(bytes - received)
  }

  /** An empty folder for a copy that is made on this machine. @throws as `begin`. */
  async beginLocal(place: CopyPlace, bytes: number): Promise<string> {
    const folder = this.part(place)
    await this.#prepare()
    await rm(folder, { recursive: true, force: true })
    await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 })
    await this.checkRoom(bytes)
    return folder
  }

  /** At most `bytesMax` bytes of a file from `offset` on. @throws what the file system throws. */
  async read(path: string, offset: number, bytesMax: number): Promise<Buffer> {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const room = Buffer.allocUnsafe(bytesMax)
      const { bytesRead } = await file.read(room, 0, bytesMax, offset)
      return room.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  /** @throws what the file system throws, PilothouseError where it is no manifest. */
  async readManifest(folder: string): Promise<CopyManifest> {
    return copyManifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
  }

  /** Bytes that are there of each file. */
  measure(folder: string, { files }: CopyManifest): Promise<number[]> {
    return Promise.all(files.map(async ({ path, bytes }) => (bytes === 0 ? 0 : sizeOf(this.file(folder, path)))))
  }

  /**
   * Appends bytes to a file.
   * @throws PilothouseError `diskFull`, else what the file system throws.
   */
  async append(path: string, bytes: Uint8Array): Promise<void> {
    await this.checkRoom(bytes.byteLength)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants
    const file = await open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600)
    try {
      await file.writeFile(bytes)
    } finally {
      await file.close()
    }
  }

  /** Makes a copy appear whose bytes are on disk and have been compared. */
  async finish(place: CopyPlace): Promise<void> {
    await rm(this.whole(place), { recursive: true, force: true })
    await rename(this.part(place), this.whole(place))
    await syncFolder(dirname(this.whole(place)))
  }

  /** Missing is fine. @throws PilothouseError `unavailable` when the disk is not there. */
  async remove(place: CopyPlace, { onlyPart = false } = {}): Promise<void> {
    await this.#requireDisk()
    await rm(this.part(place), { recursive: true, force: true })
    if (onlyPart) return
    await rm(this.whole(place), { recursive: true, force: true })
    // The folder of its job goes with its last copy.
    const folder = dirname(this.whole(place))
    if ((await readdir(folder).catch(() => ['unknown'])).length === 0)
      await rm(folder, { recursive: true, force: true })
  }

  /** @throws PilothouseError `diskFull`, with what there is and what it takes. */
  async checkRoom(bytes: number): Promise<void> {
    const free = await measureRoom(this.#root)
    if (bytes <= free) return
    throw new PilothouseError(
      'diskFull',
      `The disk for copies of the control room has room for ${formatBytes(free)}, and it takes ${formatBytes(bytes)} more.`,
      { hint: 'Delete copies that nobody needs, or keep them on a larger disk (PILOTHOUSE_COPIES).' },
    )
  }

  async #prepare(): Promise<void> {
    if (this.#isOwn) await mkdir(this.#root, { recursive: true, mode: 0o700 })
    else if (!(await stat(this.#root).catch(() => undefined))?.isDirectory()) throw this.#notThere()
    else await writeFile(join(this.#root, mark), '')
  }

  /** What is on a disk that is not mounted has not been removed. */
  async #requireDisk(): Promise<void> {
    if (this.#isOwn) return
    await access(join(this.#root, mark)).catch(() => Promise.reject(this.#notThere()))
  }

  #notThere(): PilothouseError {
    return new PilothouseError('unavailable', `The folder for copies (${this.#root}) is not there.`, {
      hint: 'Mount its disk, or name another folder with PILOTHOUSE_COPIES.',
    })
  }
}

/** No file may stand where another one, or a folder of another, has to. */
function checkNames({ files }: CopyManifest): void {
  const taken = new Set(files.map(({ path }) => path))
  const isInTheWay = ({ path }: { path: string }): boolean => {
    const parts = path.split('/')
    return parts.slice(1).some((_, at) => taken.has(parts.slice(0, at + 1).join('/')))
  }
  if (taken.size === files.length && !files.some(isInTheWay)) return
  throw new PilothouseError('invalid', 'Two files of the checkpoint have the same place.', {
    field: 'files',
    expected: 'each path once',
  })
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0, // not there: nothing of it has come
  )
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined) // not there
}
