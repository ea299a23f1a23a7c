/**
 * From what somebody wants to a run that waits or runs over there, step by step. Each may be done twice. Elements of an array
 * go together: what they share is done once, each gets a run folder of its own, and Slurm gets all in one submission.
 */
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type LaunchStep, type LaunchStepName, PilothouseError, type Project } from '@pilothouse/contract'
import { type PackedCode, RunError, ScriptError, SlurmError, SshError, type TargetRun } from '@pilothouse/fleet'
import { formatBytes } from '@pilothouse/signals'
import type { ProjectKeeper } from '../projects/project-keeper.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { LaunchPatch } from './launch-operations.ts'
import type { KeptLaunch } from './launch-rows.ts'
import { isSendable, nameLaunch, planLaunch, type PlanFacts, writeOrder } from './plan-launch.ts'
import { renderScript } from './render-script.ts'
import type { OpenTarget } from './target-book.ts'

export type PrepareParts = {
  storage: Pick<StorageClient, 'call'>
  projects: ProjectKeeper
  now: () => number
  /** For archives. */
  folder: string
  /** Our SDK; null: it is not brought along. */
  packSdk: (signal: AbortSignal) => Promise<PackedCode | null>
  gatherFacts: (launch: KeptLaunch) => Promise<PlanFacts>
  /** Variables that stand in its run folder alone: nothing that is shown of a launch has them. */
  readSecrets: (uid: string) => Promise<Readonly<Record<string, string>>>
}

/** How often progress is written while code is on its way. */
const tellEveryMs = 500

export class Preparation {
  readonly #parts: PrepareParts
  readonly #launches: readonly KeptLaunch[]
  /** What all have in common is read from the first. */
  readonly #lead: KeptLaunch
  readonly #place: OpenTarget
  readonly #signal: AbortSignal
  #toldAt = 0

  constructor(
    parts: PrepareParts,
    {
      launches,
      place,
      signal,
    }: { launches: readonly [KeptLaunch, ...KeptLaunch[]]; place: OpenTarget; signal: AbortSignal },
  ) {
    this.#parts = parts
    this.#launches = launches
    this.#lead = launches[0]
    this.#place = place
    this.#signal = signal
  }

  /**
   * Goes through the steps. What somebody cancels meanwhile is left as it is, unless that is all.
   * @throws what a step throws, which is written down as failed; aborted: the reason of the signal
   */
  async run(): Promise<void> {
    const { gatherFacts } = this.#parts
    const { spec } = this.#lead
    const facts = await this.#step('check', async () => {
      const found = await gatherFacts(this.#lead)
      const { problems, ...plan } = planLaunch(spec, found)
      const [first] = problems.filter(({ level }) => level === 'error')
      if (first && !isSendable({ problems }))
        throw new PilothouseError('invalid', first.message, {
          field: first.field,
          hint: first.hint ?? 'Launch it again, corrected.',
        })
      return [
        found,
        `${plan.totals.gpus} GPUs${problems.length > 0 ? `; ${problems.map(({ message }) => message).join(' ')}` : ''}`,
      ]
    })
    const codeFolder = await this.#bringCode(facts.project ?? null)
    const sdkFolder = await this.#bringSdk()
    const folders = { codeFolder, sdkFolder }
    const runs = await this.#step('folder', async (tell) => {
      const made: MadeRun[] = []
      for (const launch of this.#launches) {
        if (this.#launches.length > 1) tell(`${made.length} of ${this.#launches.length}`)
        made.push(await this.#makeFolder(launch, folders))
      }
      const where = made.length === 1 ? made[0]?.run.folder : `${made.length} folders in ${this.#place.root}/runs`
      return [made, where ?? '']
    })
    const submit = (): Promise<[StartedRun[], string]> =>
      this.#lead.array === null ? this.#submitOne(runs) : this.#submitArray(runs, this.#lead.array)
    await this.#step('submit', submit, async (patch, started) => {
      const state = this.#place.target.kind === 'slurm' ? 'pending' : 'running'
      const launches = started.map(({ launch, slurmId }) => ({
        launch,
        patch: { ...patch, slurm_id: slurmId, state: 'following' as const },
      }))
      await this.#parts.storage.call('launches.note-state', { launches, state })
      for (const { launch, slurmId } of started) Object.assign(launch, { slurmId, state: 'following', jobState: state })
    })
  }

  async #makeFolder(launch: KeptLaunch, places: CodePlaces): Promise<MadeRun> {
    const { target, root } = this.#place
    const { uid, spec } = launch
    const wanted = `${root}/runs/${uid}`
    const script = this.#writeScript(launch, { ...places, runFolder: wanted })
    const environment = {
      PYTHONUNBUFFERED: '1',
      ...spec.environment,
      ...(await this.#parts.readSecrets(uid)),
      PILOTHOUSE_JOB: uid,
      PILOTHOUSE_OUTPUT: 'wrapper',
    }
    const owner = ownerOf(uid)
    const folder = await target.make({ folder: wanted, owner, script, environment }, { signal: this.#signal })
    // One that somebody wrote keeps its places open: the same again has others.
    const patch = { folder, is_kept: 1, ...(launch.script === null ? { script } : {}) }
    await this.#parts.storage.call('launches.note', { launch, patch })
    launch.folder = folder
    return { launch, script, run: { folder, owner, slurmId: launch.slurmId } }
  }

  async #submitOne([made]: readonly MadeRun[]): Promise<[StartedRun[], string]> {
    if (made === undefined) return [[], '']
    const { launch, run, script } = made
    const order = writeOrder(launch.spec, nameLaunch(launch.spec), script)
    const { slurmId } = await this.#place.target.start(run, order, { signal: this.#signal })
    return [[{ launch, slurmId }], slurmId === null ? 'Started.' : `Slurm calls it ${slurmId}.`]
  }

  /** Those that nobody has cancelled. What Slurm does not take, it takes of none. */
  async #submitArray(
    made: readonly MadeRun[],
    { uid, atOnce }: { uid: string; atOnce: number | null },
  ): Promise<[StartedRun[], string]> {
    const { target, root } = this.#place
    const going = made.filter(({ launch }) => launch.wanted !== 'cancel')
    const [first] = going
    if (!first) return [[], 'All of it was cancelled.']
    const { script } = first
    const owner = ownerOf(uid)
    const folder = await target.make(
      { folder: `${root}/runs/${uid}`, owner, script, environment: {} },
      { signal: this.#signal },
    )
    const array = {
      indices: going.map(({ launch }) => indexOf(launch)).join(','),
      atOnce,
      folders: going.map(({ run }) => run.folder),
    }
    const order = writeOrder(this.#lead.spec, nameLaunch(this.#lead.spec), script)
    const whole = { ...order, resources: { ...order.resources, array } }
    const { slurmId } = await target.start({ folder, owner, slurmId: null }, whole, { signal: this.#signal })
    const started = going.map(({ launch }) => ({
      launch,
      slurmId: slurmId === null ? null : `${slurmId}_${indexOf(launch)}`,
    }))
    const most = atOnce === null ? '' : `, ${atOnce} at a time`
    return [started, `Slurm calls it ${slurmId ?? '?'}: an array of ${going.length}${most}.`]
  }

  async #bringCode(project: Project | null): Promise<string | null> {
    const { spec, uid } = this.#lead
    if (project === null) return this.#skip('code', 'It takes no code along.', null)
    if (spec.code.kind === 'folder' && project.source !== null)
      return this.#skip('code', `It runs in ${project.source.place} itself.`, project.source.place)
    return this.#step('code', async (tell) => {
      const to = join(this.#parts.folder, `${uid}.tar.gz`)
      await mkdir(this.#parts.folder, { recursive: true, mode: 0o700 })
      try {
        const why = await this.#fetchCode(project, tell)
        if (why !== null && typeof why === 'object') return [why.folder, why.words]
        tell('packing')
        const packed = await this.#parts.projects.pack(project, spec.code, { to, signal: this.#signal })
        const path = await this.#ship(packed, tell)
        return [
          path,
          `${formatBytes(packed.bytes)} in ${path}${why === null ? '' : `; as an archive, not by git: ${why}`}`,
        ]
      } finally {
        await rm(to, { force: true })
      }
    })
  }

  /** By git of the target; else why not, null where nobody asks. */
  async #fetchCode(
    project: Project,
    tell: (words: string) => void,
  ): Promise<{ folder: string; words: string } | string | null> {
    const { target } = this.#place
    if (target.kind === 'local') return null
    const source = await this.#parts.projects.findRemote(project, this.#lead.spec.code, this.#signal)
    if (typeof source === 'string') return source
    const { url, commit } = source
    tell(`${target.name} fetches ${commit.slice(0, 7)} from ${url}`)
    const fetched = await target.fetchCode(source, { signal: this.#signal })
    if (fetched.folder === null) return fetched.why
    const how = fetched.isNew ? `fetched by git from ${url}` : 'fetched by git before'
    return { folder: fetched.folder, words: `Commit ${commit.slice(0, 7)} in ${fetched.folder}, ${how}` }
  }

  async #bringSdk(): Promise<string | null> {
    const packed = await this.#parts.packSdk(this.#signal)
    if (packed === null) return this.#skip('sdk', 'This control room has none to bring.', null)
    return this.#step('sdk', async (tell) => {
      const path = await this.#ship(packed, tell)
      return [path, path]
    })
  }

  #ship({ path, digest, bytes }: PackedCode, tell: (words: string) => void): Promise<string> {
    const archive = { digest, bytes, open: () => createReadStream(path) }
    const progress = (sent: number): void => tell(`${formatBytes(sent)} of ${formatBytes(bytes)}`)
    return this.#place.target.ship(archive, { signal: this.#signal, tell: progress })
  }

  #writeScript({ spec, uid, script, kind }: KeptLaunch, places: CodePlaces & { runFolder: string }): string {
    const { environment, template } = this.#place
    if (script !== null)
      return fillIn(script, { code: places.codeFolder, sdk: places.sdkFolder, run: places.runFolder, uid })
    return renderScript({ spec, name: nameLaunch(spec), uid, attempt: 1, kind, environment, template, ...places })
  }

  /** Does a step and writes down how it went; that it is done, with what else is true then: a kill comes before both or after. */
  async #step<Result>(
    step: LaunchStepName,
    work: (tell: (words: string) => void) => Promise<[Result, string]>,
    keep: (patch: LaunchPatch, result: Result) => Promise<void> = (patch) => this.#note(patch),
  ): Promise<Result> {
    const { now } = this.#parts
    this.#signal.throwIfAborted()
    await this.#write(step, { state: 'active', words: null, hint: null, startedAt: now(), endedAt: null })
    const tell = (words: string): void => {
      if (now() - this.#toldAt < tellEveryMs) return
      this.#toldAt = now()
      void this.#write(step, { words }).catch(() => undefined) // the next words, or the end of the step, say more
    }
    try {
      const [result, words] = await work(tell)
      await keep(this.#change(step, { state: 'done', words, endedAt: now() }), result)
      return result
    } catch (error) {
      if (!this.#signal.aborted) await this.#write(step, { state: 'failed', endedAt: now(), ...describeFault(error) })
      throw error
    }
  }

  async #skip<Result>(step: LaunchStepName, words: string, result: Result): Promise<Result> {
    await this.#write(step, { state: 'skipped', words })
    return result
  }

  async #write(step: LaunchStepName, change: Partial<LaunchStep>): Promise<void> {
    await this.#note(this.#change(step, change))
  }

  #change(step: LaunchStepName, change: Partial<LaunchStep>): LaunchPatch {
    const steps = this.#lead.steps.map((one) => (one.step === step ? { ...one, ...change } : one))
    for (const launch of this.#launches) launch.steps = steps
    return { steps: JSON.stringify(steps) }
  }

  async #note(patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.note-all', { launches: this.#launches, patch })
  }
}

type CodePlaces = { codeFolder: string | null; sdkFolder: string | null }
type MadeRun = { launch: KeptLaunch; script: string; run: TargetRun }
type StartedRun = { launch: KeptLaunch; slurmId: string | null }

function indexOf({ array }: KeptLaunch): number {
  return array?.index ?? 0
}

/** Words for people, and what to do next. */
export function describeFault(error: unknown): { words: string; hint: string } {
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : null
  return {
    words: error instanceof Error ? error.message : String(error),
    hint: hint ?? 'See the log of the control room.',
  }
}

/** True where the same may go well a little later: the way there, or who answers there, fails. */
export function isPassing(error: unknown): boolean {
  if (error instanceof SshError) return ['name', 'route', 'refused', 'sessions', 'closed', 'slow'].includes(error.kind)
  if (error instanceof SlurmError) return error.kind === 'controller' || error.kind === 'slow'
  return (error instanceof RunError || error instanceof ScriptError) && error.kind === 'slow'
}

/** An edited script has places that are known only now. */
function fillIn(script: string, places: Record<'code' | 'sdk' | 'run' | 'uid', string | null>): string {
  return script.replaceAll(/'?«(code|sdk|run|uid)»'?/g, (_, name: 'code' | 'sdk' | 'run' | 'uid') => {
    const place = places[name] ?? ''
    return /^[\w@%+:,./-]+$/.test(place) ? place : `'${place.replaceAll("'", String.raw`'\''`)}'`
  })
}

export type RunOf = Pick<KeptLaunch, 'folder' | 'uid' | 'slurmId'> & Partial<Pick<KeptLaunch, 'restarts'>>
/** As its target knows it; undefined before it has a folder. */
export function toRun({ folder, uid, slurmId, restarts }: RunOf): TargetRun | undefined {
  return folder === null ? undefined : { folder, owner: ownerOf(uid), slurmId, restarts }
}

/** What Slurm has of the array that it is an element of, beside its own run; undefined: there is none. */
export function toArrayRun({ folder, array }: Pick<KeptLaunch, 'folder' | 'array'>): TargetRun | undefined {
  if (folder === null || array === null) return undefined
  return {
    folder: `${folder.slice(0, folder.lastIndexOf('/'))}/${array.uid}`,
    owner: ownerOf(array.uid),
    slurmId: null,
  }
}

function ownerOf(uid: string): string {
  return `${uid} 1`
}
