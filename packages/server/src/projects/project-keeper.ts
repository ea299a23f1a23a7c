/**
 * Reads the code of projects: folders where they lie, repositories from what was fetched of them into `<data>/projects`. The
 * storage knows what was read last and why it cannot be read now; here is what is under way. A stop or a kill loses no more
 * than that: a repository that was never fetched whole is fetched with the next start.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CodeFacts,
  type LaunchCode,
  PilothouseError,
  type Project,
  type ProjectKind,
  type ProjectPlace,
  limits,
} from '@pilothouse/contract'
import {
  type FetchProgress,
  GitError,
  changesFiles,
  checkOutMirror,
  type CodeSource,
  fetchMirror,
  packCommit,
  type PackedCode,
  packFolder,
  readMirror,
  readWorktree,
} from '@pilothouse/fleet'
import type { Logger } from 'pino'
import type { StorageClient } from '../storage/storage-client.ts'
import { type Places, checkFolder, checkPlace, findRoots, refuse } from './allowed-places.ts'
import { findRemote } from './find-remote.ts'
import { Turns } from './turns.ts'

export type ProjectKeeperParts = {
  storage: Pick<StorageClient, 'call'>
  now: () => number
  logger: Pick<Logger, 'error'>
  /** Holds what was fetched. */
  folder: string
  places: Places
  environment: Readonly<Record<string, string>>
}
/** As the storage knows it. */
export type KnownProject = { id: number; kind: ProjectKind; place: string; isRead: boolean }

/** Of a repository: all of it, and the time that fetching takes. */
const mirrorBytesMax = 8 * 1024 ** 3
const fetchMs = 30 * 60_000
/** Of its files at one commit. */
const filesBytesMax = 1024 ** 3
/** So much of the disk stays free. */
const freeBytesMin = 256 * 1024 ** 2
const atOnceMax = 2 // of each kind
/** Folders that somebody looks at are read again after so long. */
const staleMs = 15_000

type Work = { sync: NonNullable<Project['sync']>; done: Promise<void>; stop: AbortController }

export class ProjectKeeper {
  readonly #parts: ProjectKeeperParts
  readonly #work = new Map<number, Work>()
  /** A repository that takes long holds up no folder. */
  readonly #turns: Record<ProjectKind, Turns> = { folder: new Turns(atOnceMax), git: new Turns(atOnceMax) }
  /** One at a time of each. */
  readonly #unpacking = new Map<number, Promise<{ folder: string; commit: string }>>()
  #closed = false
  #starting: Promise<void> | undefined

  constructor(parts: ProjectKeeperParts) {
    this.#parts = parts
  }

  start(): void {
    this.#starting = this.#goOn().catch((error: unknown) => this.#note(error))
  }

  /** What is under way is broken off. */
  async close(): Promise<void> {
    this.#closed = true
    const under = [...this.#work.values()]
    for (const { stop } of under) stop.abort()
    await this.#starting
    await Promise.allSettled(under.map(({ done }) => done))
  }

  /** Folders that projects may lie in. */
  get roots(): readonly string[] {
    return this.#parts.places.roots
  }

  /**
   * What somebody wants to add, and of a folder what is in it.
   * @throws PilothouseError `invalid` for the field `place`.
   */
  async look(text: string): Promise<{ place: ProjectPlace; code: CodeFacts | null }> {
    const place = await checkPlace(this.#parts.places, text)
    if (place.kind === 'git') return { place, code: null }
    try {
      return { place, code: await this.#readFolder(place.place) }
    } catch (error) {
      if (error instanceof GitError) throw refuse(error.message, { hint: error.hint, cause: error })
      throw error
    }
  }

  /** How far reading or fetching is; null when neither is under way. */
  progress(id: number): Project['sync'] {
    return this.#work.get(id)?.sync ?? null
  }

  /** Reads or fetches, or joins what is under way. Never rejects: what goes wrong is written down. */
  sync(project: KnownProject): Promise<void> {
    const known = this.#work.get(project.id)
    if (known) return known.done
    if (this.#closed) return Promise.resolve()
    const stop = new AbortController()
    const sync = { words: 'waiting', fraction: null, startedAt: this.#parts.now() }
    const work: Work = { sync, done: Promise.resolve(), stop }
    // Before it begins, so that it can tell how far it is.
    this.#work.set(project.id, work)
    work.done = this.#turns[project.kind]
      .run(stop.signal, () => this.#serve(project, stop.signal))
      .finally(() => this.#work.delete(project.id))
    return work.done
  }

  /** Somebody looks at these: folders are read again when that is a while ago. */
  refresh(projects: readonly Project[]): void {
    const now = this.#parts.now()
    for (const { id, source, readAt, fault, code } of projects) {
      const at = Math.max(readAt ?? 0, fault?.triedAt ?? 0)
      if (id !== null && source?.kind === 'folder' && now - at > staleMs)
        void this.sync({ id, ...source, isRead: code !== null })
    }
  }

  /**
   * The code as an archive at `to`.
   * @throws GitError, PilothouseError
   */
  async pack(
    project: Project,
    code: LaunchCode,
    { to, signal }: { to: string; signal: AbortSignal },
  ): Promise<PackedCode> {
    const { environment, places } = this.#parts
    const { id, source, code: facts } = project
    if (id === null || source === null || facts === null)
      throw new PilothouseError('conflict', `Of the project «${project.name}» there is no code.`)
    const common = { environment, to, signal }
    const commit = code.kind === 'commit' ? code.commit : (facts.commit?.id ?? null)
    if (source.kind === 'git') {
      if (commit === null) throw new PilothouseError('conflict', `The repository of «${project.name}» is empty.`)
      return packCommit({ ...common, commit, within: '', gitFolder: this.#mirror(id) })
    }
    const folder = await checkFolder(places, source.place)
    if (code.kind === 'commit') return packCommit({ ...common, commit: code.commit, within: facts.within, folder })
    return packFolder({ ...common, folder, isGit: facts.isGit })
  }

  /**
   * Where others may fetch exactly this code from; else why they cannot, in words. Of a folder it is looked at anew.
   * @throws GitError, PilothouseError
   */
  async findRemote(project: Project, code: LaunchCode, signal: AbortSignal): Promise<CodeSource | string> {
    const { source } = project
    if (source?.kind !== 'folder') return findRemote(project, code)
    const remote = findRemote({ ...project, code: await this.#readFolder(source.place, signal) }, code)
    if (typeof remote === 'string' || code.kind === 'commit') return remote
    const folder = await checkFolder(this.#parts.places, source.place)
    const isOther = await changesFiles({ folder, within: remote.within, environment: this.#parts.environment, signal })
    return isOther ? 'its files differ from those of the commit by attributes of git (.gitattributes)' : remote
  }

  /**
   * The folder with the code: the project's own, or the files of a fetched repository, unpacked. `state`: its commit, where
   * nobody else writes there.
   * @throws PilothouseError `conflict` where it cannot be read now.
   */
  async openCode({ id, kind, place, isRead }: KnownProject): Promise<{ folder: string; state: string | null }> {
    if (kind === 'folder') return { folder: await checkFolder(this.#parts.places, place), state: null }
    if (!isRead)
      throw new PilothouseError('conflict', 'The repository was not fetched yet.', { hint: 'Sync the project first.' })
    const { environment } = this.#parts
    const mirror = { gitFolder: this.#mirror(id), url: place, environment }
    const last = this.#unpacking.get(id) ?? Promise.resolve()
    const next = last
      .catch(() => undefined)
      .then(async () => checkOutMirror({ ...mirror, folder: this.#files(id), bytesMax: filesBytesMax }))
    this.#unpacking.set(id, next)
    try {
      const { folder, commit } = await next
      return { folder, state: commit }
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      throw new PilothouseError('conflict', error.message, { hint: error.hint, cause: error })
    }
  }

  /** Breaks off what is under way and removes what was fetched. */
  async remove(id: number): Promise<void> {
    const work = this.#work.get(id)
    work?.stop.abort()
    await work?.done
    await this.#unpacking.get(id)?.catch(() => undefined)
    this.#unpacking.delete(id)
    await rm(this.#mirror(id), { recursive: true, force: true })
    await rm(this.#files(id), { recursive: true, force: true })
  }

  #mirror(id: number): string {
    return join(this.#parts.folder, `${id}.git`)
  }

  #files(id: number): string {
    return join(this.#parts.folder, `${id}.files`)
  }

  /** What a kill has left: repositories of projects that are gone, and some that were never whole. */
  async #goOn(): Promise<void> {
    const { storage, folder } = this.#parts
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const known = await storage.call('projects.known', null)
    const kept = new Set(known.map(({ id }) => `${id}.git`))
    const names = await readdir(folder)
    for (const name of names.filter((one) => !kept.has(one))) await rm(join(folder, name), { recursive: true })
    for (const one of known) if (one.kind === 'git' && !one.isRead) void this.sync(one)
  }

  async #serve(project: KnownProject, signal: AbortSignal): Promise<void> {
    const { id } = project
    const { storage } = this.#parts
    try {
      if (signal.aborted) return
      this.#tell(id, { words: 'reading', fraction: null })
      const code = await (project.kind === 'folder'
        ? this.#readFolder(project.place, signal)
        : this.#fetch(project, signal))
      await storage.call('projects.note', { id, code })
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof GitError || error instanceof PilothouseError)) this.#note(error)
      const hint =
        error instanceof GitError || error instanceof PilothouseError ? error.hint : 'See the log of the control room.'
      const message = error instanceof Error ? error.message : String(error)
      await storage.call('projects.note', { id, fault: { message, hint } }).catch((cause: unknown) => this.#note(cause))
    }
  }

  /** It may lie elsewhere by now, or the roots may be others. */
  async #readFolder(place: string, signal?: AbortSignal): Promise<CodeFacts> {
    const { places, environment } = this.#parts
    const folder = await checkFolder(places, place)
    const roots = await findRoots(places)
    return readWorktree({ folder, roots, environment, filesMax: limits.projectFilesShown, signal })
  }

  async #fetch({ id, place, isRead }: KnownProject, signal: AbortSignal): Promise<CodeFacts> {
    const { environment, places } = this.#parts
    const checked = await checkPlace(places, place)
    if (checked.kind !== 'git') throw refuse('It is no address of a repository any more.')
    const mirror = { gitFolder: this.#mirror(id), url: place, environment, signal }
    const onProgress = (progress: FetchProgress): void => this.#tell(id, progress)
    const bounds = { timeoutMs: fetchMs, bytesMax: mirrorBytesMax, freeBytesMin }
    try {
      await fetchMirror({ ...mirror, ...bounds, protocol: checked.scheme, onProgress })
    } catch (error) {
      if (!isRead && !signal.aborted) await rm(mirror.gitFolder, { recursive: true, force: true })
      throw error
    }
    return readMirror(mirror, limits.projectFilesShown)
  }

  #tell(id: number, progress: FetchProgress): void {
    const work = this.#work.get(id)
    if (work) work.sync = { ...work.sync, ...progress }
  }

  #note(error: unknown): void {
    if (!this.#closed) this.#parts.logger.error({ err: error }, 'the code of a project could not be read')
  }
}
