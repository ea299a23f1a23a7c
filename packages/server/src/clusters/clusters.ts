/** The clusters of `clusters.yaml`, each with what is known of it. */
import { type ClusterSettings, type ClusterStatus, type ConnectionTest, PilothouseError } from '@pilothouse/contract'
import { readSlurmAccess, readSlurmFacts, type SlurmAccess, SshError } from '@pilothouse/fleet'
import { applySettings, type ClusterFacts } from './apply-settings.ts'
import { ClusterWatch, type WatchTimes } from './cluster-watch.ts'
import { ClustersFile, type FileState } from './clusters-file.ts'
import { describeTrouble } from './describe-trouble.ts'
import { type ClusterWay, openWay } from './open-way.ts'
import { testConnection } from './test-connection.ts'

export type KnownCluster = { status: ClusterStatus; facts: ClusterFacts | null }

/** Who we are to a cluster changes seldom: asked for anew so often, ms. */
const accessEveryMs = 15 * 60_000

type Way = ClusterWay & { access?: { value: SlurmAccess; readAt: number } }
type Watched = { settings: ClusterSettings; watch: ClusterWatch<ClusterFacts, Way>; test?: Promise<ConnectionTest> }
type Parts = { path: string; now: () => number; times?: Partial<WatchTimes> | undefined }

export class Clusters {
  readonly #parts: Parts
  readonly #file: ClustersFile
  #seen: readonly ClusterSettings[] = []
  #watched = new Map<string, Watched>()
  readonly #leaving = new Set<Promise<void>>()
  readonly #closing = new AbortController()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#file = new ClustersFile(parts.path)
  }

  /** Where the file is, or should be. */
  get path(): string {
    return this.#file.path
  }

  /** All of them as they are known now, in the order of the file. Never waits for a cluster. */
  async list(): Promise<{ file: FileState; clusters: KnownCluster[] }> {
    const file = await this.#follow()
    return { file, clusters: [...this.#watched.values()].map((one) => describe(one, one.watch.look())) }
  }

  /**
   * One of them; waits for its first reading.
   * @param options.fresh waits for what it is now, also where the last try failed
   * @throws PilothouseError `notFound`
   */
  async look(name: string, options: { fresh: boolean }): Promise<KnownCluster> {
    const one = await this.#find(name)
    return describe(one, await one.watch.lookInto(options))
  }

  /** What the file says of clusters and hosts now. */
  async settings(): Promise<Pick<FileState, 'clusters' | 'hosts'>> {
    return this.#follow()
  }

  /**
   * Goes the way to it; once at a time.
   * @throws PilothouseError `notFound`
   */
  async test(name: string): Promise<ConnectionTest> {
    const one = await this.#find(name)
    return (one.test ??= testConnection({ settings: one.settings, signal: this.#closing.signal }).finally(
      () => delete one.test,
    ))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const { watch } of this.#watched.values()) this.#leave(watch)
    this.#watched.clear()
    await Promise.allSettled(this.#leaving)
  }

  async #find(name: string): Promise<Watched> {
    await this.#follow()
    const found = this.#watched.get(name)
    if (found) return found
    const names = [...this.#watched.keys()]
    throw new PilothouseError('notFound', `There is no cluster ${name}.`, {
      hint: names.length > 0 ? `There are ${names.join(', ')}.` : 'clusters.yaml names none: see docs/clusters.md.',
    })
  }

  /** Takes up what the file says now. What stays as it was goes on being watched. */
  async #follow(): Promise<FileState> {
    const file = await this.#file.read()
    if (file.clusters === this.#seen) return file
    this.#seen = file.clusters
    const before = this.#watched
    this.#watched = new Map(
      file.clusters.map((settings) => [settings.name, keep(before, settings) ?? this.#begin(settings)]),
    )
    const stays = new Set(this.#watched.values())
    for (const one of before.values()) if (!stays.has(one)) this.#leave(one.watch)
    return file
  }

  #begin(settings: ClusterSettings): Watched {
    const { now, times } = this.#parts
    const watch = new ClusterWatch<ClusterFacts, Way>({
      open: (signal) => openWay(settings, signal),
      read: (way, signal) => readCluster(settings, way, { now, signal }),
      explain: (error) => describeTrouble(error, settings),
      isBroken: (error) => error instanceof SshError && error.kind === 'closed',
      now,
      random: Math.random,
      times,
    })
    return { settings, watch }
  }

  #leave(watch: Watched['watch']): void {
    const leaving = watch.close().finally(() => this.#leaving.delete(leaving))
    this.#leaving.add(leaving)
  }
}

function keep(before: ReadonlyMap<string, Watched>, settings: ClusterSettings): Watched | undefined {
  const one = before.get(settings.name)
  return one && JSON.stringify(one.settings) === JSON.stringify(settings) ? one : undefined
}

async function readCluster(
  settings: ClusterSettings,
  way: Way,
  { now, signal }: { now: () => number; signal: AbortSignal },
): Promise<ClusterFacts> {
  if (way.access === undefined || now() - way.access.readAt > accessEveryMs)
    way.access = { value: await readSlurmAccess(way.runner, { signal }), readAt: now() }
  const facts = await readSlurmFacts(way.runner, { signal, now })
  return applySettings(settings, { facts, access: way.access.value })
}

function describe({ settings }: Watched, { known, facts }: ReturnType<Watched['watch']['look']>): KnownCluster {
  const { name, kind, host } = settings
  return { status: { name, kind, host, ...known, notices: facts?.notices ?? [] }, facts }
}
