/**
 * Contents of samples on disk: `samples/<id of the job>/<SHA-256 of the content>` below the data folder. A file is written
 * aside, synced and renamed, and its folder synced, before the transaction that names it commits; what an aborted
 * transaction left is swept. So a row never names a file that is missing or half-written, not even after a power cut.
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../storage/sync-folder.ts'

/** Files written at the same time. */
const writesMax = 8

export class SampleFiles {
  readonly #root: string

  constructor(dataFolder: string) {
    this.#root = join(dataFolder, 'samples')
  }

  /** Where a content stands. `hash` is one that `hashContent` made. */
  path(jobId: number, hash: string): string {
    return join(this.#root, String(jobId), hash)
  }

  read(jobId: number, hash: string): Promise<Buffer> {
    return readFile(this.path(jobId, hash))
  }

  /** Writes the contents that are not there; when this resolves they would outlive a loss of power. */
  async write(jobId: number, contents: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const folder = join(this.#root, String(jobId))
    const made = await mkdir(folder, { recursive: true, mode: 0o700 })
    const waiting = [...contents]
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) await writeOnce(join(folder, next[0]), next[1])
    }
    await Promise.all(Array.from({ length: Math.min(writesMax, waiting.length) }, work))
    await syncFolder(folder)
    if (made !== undefined) await Promise.all([syncFolder(this.#root), syncFolder(join(this.#root, '..'))])
  }

  /** Ids of jobs that have a folder. */
  async listJobs(): Promise<number[]> {
    const names = await listFolder(this.#root)
    return names.filter((name) => /^[1-9]\d*$/.test(name)).map(Number)
  }

  /** Names of everything in the folder of a job. */
  list(jobId: number): Promise<string[]> {
    return listFolder(join(this.#root, String(jobId)))
  }

  /** Removes files of a job by their names. */
  async remove(jobId: number, names: readonly string[]): Promise<void> {
    const folder = join(this.#root, String(jobId))
    await Promise.all(names.map((name) => rm(join(folder, name), { force: true, recursive: true })))
  }

  /** Removes the folder of a job; missing is fine. */
  removeAll(jobId: number): Promise<void> {
    return rm(join(this.#root, String(jobId)), { force: true, recursive: true })
  }
}

export function hashContent(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

async function writeOnce(path: string, content: Uint8Array): Promise<void> {
  if ((await sizeOf(path)) === content.byteLength) return
  const aside = `${path}.new`
  const file = await open(aside, 'w', 0o600)
  try {
    await file.writeFile(content)
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(aside, path)
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined, // not there: to be written
  )
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
