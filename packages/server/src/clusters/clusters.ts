/** The clusters of `clusters.yaml`, each with what is known of it. */
import {
  type ClusterSettings,
  type ClusterStatus,
  type ClustersText,
  type ClustersTextChange,
  type Connection,
  type ConnectionAnswer,
  type ConnectionTest,
  type HostKeyChoice,
  type HostKeys,
  PilothouseError,
} from '@pilothouse/contract'
import { readSlurmAccess, readSlurmFacts, type SlurmAccess, SshError } from '@pilothouse/fleet'
import { applySettings, type ClusterFacts } from './apply-settings.ts'
import { ClusterWatch, type WatchTimes } from './cluster-watch.ts'
import { ClustersFile, type FileState } from './clusters-file.ts'
import { readClustersText, type TextPlaces, writeClustersText } from './clusters-text.ts'
import { describeTrouble } from './describe-trouble.ts'
import { forgetHostKey, type LookedAt, lookAtHostKeys, trustHostKey } from './host-keys.ts'
import type { ClusterWay, SshSettings, Ways } from './open-way.ts'
import { testConnection } from './test-connection.ts'

export type KnownCluster = { status: ClusterStatus; facts: ClusterFacts | null }

/** Who we are to a cluster changes seldom: asked for anew so often, ms. */
const accessEveryMs = 15 * 60_000

type Way = ClusterWay & { access?: { value: SlurmAccess; readAt: number } }
type Watched = { settings: ClusterSettings; watch: ClusterWatch<ClusterFacts, Way> }
type Parts = TextPlaces & { ways: Ways; now: () => number; times?: Partial<WatchTimes> | undefined }

export class Clusters {
  readonly #parts: Parts
  readonly #file: ClustersFile
  #seen: readonly ClusterSettings[] = []
  #watched = new Map<string, Watched>()
  readonly #tests = new Map<string, Promise<ConnectionTest>>()
  #writing: Promise<unknown> = Promise.resolve()
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
   * Goes the way to a cluster or host; once at a time.
   * @throws PilothouseError `notFound`
   */
  async test(name: string): Promise<ConnectionTest> {
    const lookedAt = await this.#findWay(name)
    const test = this.#tests.get(name) ?? testConnection(lookedAt).finally(() => this.#tests.delete(name))
    this.#tests.set(name, test)
    return test
  }

  /** The file as text, for those who may change it. */
  text(): Promise<ClustersText> {
    return readClustersText(this.#parts)
  }

  /**
   * Replaces the file, and takes up what it says.
   * @throws PilothouseError `invalid`, `tooLarge`, `conflict`, `diskFull`
   */
  async setText(change: ClustersTextChange): Promise<ClustersText> {
    await this.#write(() => writeClustersText(this.#parts, change))
    await this.#follow()
    return this.text()
  }

  /** @throws PilothouseError `notFound`, `unavailable` */
  async hostKeys(name: string): Promise<HostKeys> {
    return lookAtHostKeys(await this.#findWay(name))
  }

  /** @throws PilothouseError `notFound`, `unavailable`, `conflict` */
  async trustHostKey(name: string, choice: HostKeyChoice): Promise<void> {
    const lookedAt = await this.#findWay(name)
    return this.#write(() => trustHostKey(lookedAt, choice))
  }

  /** @throws PilothouseError `notFound` */
  async forgetHostKey(name: string, choice: HostKeyChoice): Promise<void> {
    const lookedAt = await this.#findWay(name)
    return this.#write(() => forgetHostKey(lookedAt, choice))
  }

  /** @throws PilothouseError `notFound` */
  async connection(name: string): Promise<Connection> {
    await this.#findWay(name)
    return this.#parts.ways.connections.describe(name)
  }

  /**
   * Begins to connect by hand; everybody uses what stands then.
   * @throws PilothouseError `notFound`, `invalid`
   */
  async connect(name: string): Promise<Connection> {
    const { settings, ways } = await this.#findWay(name)
    if (settings.host === 'local')
      throw new PilothouseError('invalid', `«${name}» is this machine: no ssh leads there.`)
    ways.connections.begin(name, ways.toSshOptions(settings), () => {
      void this.#watched.get(name)?.watch.lookInto({ fresh: true })
    })
    return ways.connections.describe(name)
  }

  /** @throws PilothouseError `notFound`, `conflict` */
  async answer(name: string, answer: ConnectionAnswer): Promise<Connection> {
    const { connections } = (await this.#findWay(name)).ways
    connections.answer(name, answer)
    return connections.describe(name)
  }

  /** @throws PilothouseError `notFound` */
  async disconnect(name: string): Promise<void> {
    await this.#findWay(name)
    await this.#parts.ways.connections.end(name)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#parts.ways.connections.close()
    for (const { watch } of this.#watched.values()) this.#leave(watch)
    this.#watched.clear()
    await Promise.allSettled(this.#leaving)
  }

  async #find(name: string): Promise<Watched> {
    await this.#follow()
    const found = this.#watched.get(name)
    if (found) return found
    throw explainMissing('cluster', name, [...this.#watched.keys()])
  }

  async #findWay(name: string): Promise<LookedAt> {
    const { clusters, hosts } = await this.#follow()
    const all: readonly SshSettings[] = [...clusters, ...hosts]
    const settings = all.find((one) => one.name === name)
    if (settings) return { settings, ways: this.#parts.ways, signal: this.#closing.signal }
    throw explainMissing(
      'cluster or host',
      name,
      [...clusters, ...hosts].map((one) => one.name),
    )
  }

  /** One after the other: each reads a file and writes it anew. */
  #write<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const done = this.#writing.then(work)
    this.#writing = done.catch(() => undefined) // whoever asked is told
    return done
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
    this.#parts.ways.connections.keepOnly(new Set([...file.clusters, ...file.hosts].map(({ name }) => name)))
    return file
  }

  #begin(settings: ClusterSettings): Watched {
    const { now, times, ways } = this.#parts
    const watch = new ClusterWatch<ClusterFacts, Way>({
      open: (signal) => ways.openWay(settings, signal),
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

function explainMissing(what: string, name: string, names: readonly string[]): PilothouseError {
  return new PilothouseError('notFound', `There is no ${what} ${name}.`, {
    hint: names.length > 0 ? `There are ${names.join(', ')}.` : 'clusters.yaml names none: see docs/clusters.md.',
  })
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
