/**
 * Sends launched jobs to their targets and follows them there. All that is decided stands in the storage before it counts:
 * after a stop, or a kill, each launch goes on from where it was. One desk for each target looks at all its jobs at once.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Project, PilothouseError } from '@pilothouse/contract'
import { packFolder, type PackedCode } from '@pilothouse/fleet'
import type { Logger } from 'pino'
import type { CommandBell } from '../commands/command-bell.ts'
import type { ProjectKeeper } from '../projects/project-keeper.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { DeskTimes } from './desk-times.ts'
import type { KeptLaunch } from './launch-rows.ts'
import type { PlanFacts } from './plan-launch.ts'
import type { TargetBook } from './target-book.ts'
import { TargetDesk } from './target-desk.ts'

export type LaunchKeeperParts = {
  storage: Pick<StorageClient, 'call'>
  bell: CommandBell
  projects: ProjectKeeper
  targets: TargetBook
  now: () => number
  logger: Pick<Logger, 'error'>
  /** For archives that are on their way. */
  folder: string
  /** `src/` of our SDK lies in it; null: none is brought along. */
  sdkFolder: string | null
  environment: Readonly<Record<string, string>>
  /** Of one job (prepare-launch.ts). */
  readSecrets: (uid: string) => Promise<Readonly<Record<string, string>>>
  times?: Partial<DeskTimes> | undefined
}

export class LaunchKeeper {
  readonly #parts: LaunchKeeperParts
  readonly #desks = new Map<string, TargetDesk>()
  readonly #closing = new AbortController()
  #sdk: Promise<PackedCode | null> | undefined
  #starting: Promise<void> | undefined

  constructor(parts: LaunchKeeperParts) {
    this.#parts = parts
  }

  start(): void {
    this.#starting = this.#takeUp().catch((error: unknown) => this.#note(error, 'launches could not be taken up'))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#starting
    await Promise.all([...this.#desks.values()].map((desk) => desk.close()))
  }

  /** Takes up what was launched, of one target, or looks at once at what is wanted of it. */
  async wake(uids: readonly string[]): Promise<void> {
    const found = await Promise.all(uids.map((uid) => this.#parts.storage.call('launches.find', { uid })))
    this.#take(found.filter((launch) => launch !== null))
  }

  /** Asks its target now; resolves when that has answered. */
  async refresh(uid: string): Promise<void> {
    const launch = await this.#parts.storage.call('launches.find', { uid })
    if (!launch || launch.state !== 'following') return
    const desk = this.#desk(launch.target)
    desk.take([launch])
    await desk.look()
  }

  /**
   * Removes the folder of a job that is over.
   * @throws PilothouseError `conflict`; what the target throws
   */
  async clean(uid: string): Promise<void> {
    const launch = await this.#parts.storage.call('launches.find', { uid })
    if (!launch) throw new PilothouseError('notFound', `The job «${uid}» was not launched from here.`)
    if (launch.state !== 'over' && launch.state !== 'failed')
      throw new PilothouseError('conflict', 'The job is under way.', { hint: 'Cancel it first.' })
    await this.#desk(launch.target).clean(launch)
  }

  /**
   * Fetches what jobs of a target have not sent, before it goes.
   * @throws PilothouseError `conflict` when it cannot be reached, or something is left there
   */
  async collect(target: string): Promise<void> {
    const open = await this.#parts.storage.call('launches.open', { target })
    if (open.length === 0) return
    const desk = this.#desk(target)
    desk.take(open)
    await desk.collect()
  }

  /** What a plan rests on. */
  async gatherFacts({ spec }: Pick<KeptLaunch, 'spec'>): Promise<PlanFacts> {
    const { targets, storage } = this.#parts
    const [target, listed, project, rates] = await Promise.all([
      targets.describe(spec.target),
      targets.list(),
      this.#findProject(spec.project),
      storage.call('rates.get', null),
    ])
    const usedBudgets = await storage.call('budgets.used', { project: project?.name ?? 'default', target: spec.target })
    return { target, targets: listed.map(({ name }) => name), project, rates, usedBudgets }
  }

  async #findProject(id: number | null): Promise<Project | null | undefined> {
    if (id === null) return undefined
    return this.#parts.storage.call('projects.get', { id }).catch((error: unknown) => {
      if (error instanceof PilothouseError && error.code === 'notFound') return null
      throw error
    })
  }

  async #takeUp(): Promise<void> {
    // Archives that a kill has left: they are packed again.
    await rm(this.#parts.folder, { recursive: true, force: true })
    const open = await this.#parts.storage.call('launches.open', {})
    this.#take(open)
  }

  #take(launches: readonly KeptLaunch[]): void {
    for (const [target, own] of Map.groupBy(launches, (launch) => launch.target)) this.#desk(target).take(own)
  }

  #desk(name: string): TargetDesk {
    const known = this.#desks.get(name)
    if (known) return known
    const { storage, bell, projects, targets, now, folder, readSecrets, times } = this.#parts
    const desk = new TargetDesk({
      name,
      storage,
      bell,
      now,
      times,
      open: () => targets.open(name),
      note: (error, what) => this.#note(error, `${what} (${name})`),
      preparing: {
        storage,
        projects,
        now,
        folder,
        readSecrets,
        packSdk: () => (this.#sdk ??= this.#packSdk()),
        gatherFacts: (launch) => this.gatherFacts(launch),
      },
    })
    this.#desks.set(name, desk)
    return desk
  }

  /** Once for all jobs: it does not change while the server runs. */
  async #packSdk(): Promise<PackedCode | null> {
    const { sdkFolder, folder, environment } = this.#parts
    if (sdkFolder === null) return null
    const to = join(folder, '..', 'sdk.tar.gz')
    const source = { folder: join(sdkFolder, 'src'), isGit: false, environment, to, signal: this.#closing.signal }
    return packFolder(source).catch((error: unknown) => {
      this.#sdk = undefined
      throw error
    })
  }

  #note(error: unknown, what: string): void {
    if (!this.#closing.signal.aborted) this.#parts.logger.error({ err: error }, what)
  }
}
