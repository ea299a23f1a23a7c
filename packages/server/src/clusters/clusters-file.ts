import { readFile, stat } from 'node:fs/promises'
import { type ClusterFault, type ClusterSettings, type HostSettings, limits } from '@pilothouse/contract'
import { readClusters } from './read-clusters.ts'

export type FileState = {
  state: 'missing' | 'fine' | 'broken'
  /** Of a broken file: those of before. */
  clusters: readonly ClusterSettings[]
  hosts: readonly HostSettings[]
  faults: readonly ClusterFault[]
}

/** `clusters.yaml` as it is now: looked for whenever it is asked for, read when it has changed. */
export class ClustersFile {
  readonly path: string
  #stamp: string | undefined
  #known: FileState = { state: 'missing', clusters: [], hosts: [], faults: [] }
  #reading: Promise<FileState> | undefined

  constructor(path: string) {
    this.path = path
  }

  read(): Promise<FileState> {
    return (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)))
  }

  async #read(): Promise<FileState> {
    try {
      const { mtimeNs, ctimeNs, size, ino } = await stat(this.path, { bigint: true })
      const stamp = [mtimeNs, ctimeNs, size, ino].join(' ')
      if (stamp !== this.#stamp) {
        this.#known = await this.#readChanged(Number(size))
        this.#stamp = stamp
      }
    } catch (error) {
      this.#stamp = undefined
      this.#known = this.#explainUnreadable(error)
    }
    return this.#known
  }

  async #readChanged(bytes: number): Promise<FileState> {
    const most = limits.clustersFileBytesMax
    if (bytes > most) return this.#refuse(`The file has ${bytes} bytes; more than ${most} are not read.`)
    const { faults, ...read } = readClusters(await readFile(this.path, 'utf8'))
    return faults.length > 0 ? { ...this.#known, state: 'broken', faults } : { state: 'fine', ...read, faults }
  }

  #explainUnreadable(error: unknown): FileState {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (code === 'ENOENT') return { state: 'missing', clusters: [], hosts: [], faults: [] }
    return this.#refuse(`The file cannot be read (${code}). The user that the server runs as must be able to read it.`)
  }

  #refuse(message: string): FileState {
    return { ...this.#known, state: 'broken', faults: [{ line: 1, column: 1, message }] }
  }
}
