/** From what somebody wants to a run that waits or runs over there, step by step. Each may be done twice. */
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type JobState,
  type LaunchStep,
  type LaunchStepName,
  PilothouseError,
  type Project,
} from '@pilothouse/contract'
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
}

/** How often progress is written while code is on its way. */
const tellEveryMs = 500

export class Preparation {
  readonly #parts: PrepareParts
  readonly #launch: KeptLaunch
  readonly #place: OpenTarget
  readonly #signal: AbortSignal
  #toldAt = 0

  constructor(
    parts: PrepareParts,
    { launch, place, signal }: { launch: KeptLaunch; place: OpenTarget; signal: AbortSignal },
  ) {
    this.#parts = parts
    this.#launch = launch
    this.#place = place
    this.#signal = signal
  }

  /**
   * Goes through the steps.
   * @throws what a step throws, which is written down as failed; aborted: the reason of the signal
   */
  async run(): Promise<void> {
    const { gatherFacts } = this.#parts
    const { uid, spec } = this.#launch
    const facts = await this.#step('check', async () => {
      const found = await gatherFacts(this.#launch)
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
    const { target, root } = this.#place
    const name = nameLaunch(spec)
    const run = await this.#step('folder', async () => {
      const wanted = `${root}/runs/${uid}`
      const script = this.#writeScript({ name, codeFolder, sdkFolder, runFolder: wanted })
      const environment = {
        PYTHONUNBUFFERED: '1',
        ...spec.environment,
        PILOTHOUSE_JOB: uid,
        PILOTHOUSE_OUTPUT: 'wrapper',
      }
      const owner = `${uid} 1`
      const folder = await target.make({ folder: wanted, owner, script, environment }, { signal: this.#signal })
      // One that somebody wrote keeps its places open: the same again has others.
      await this.#note({ folder, is_kept: 1, ...(this.#launch.script === null ? { script } : {}) })
      return [{ run: { folder, owner, slurmId: this.#launch.slurmId }, script }, folder]
    })
    const submit = async (): Promise<[string | null, string]> => {
      const order = writeOrder(spec, name, run.script)
      const { slurmId } = await target.start(run.run, order, { signal: this.#signal })
      return [slurmId, slurmId === null ? 'Started.' : `Slurm calls it ${slurmId}.`]
    }
    await this.#step('submit', submit, async (patch, slurmId) => {
      const state = target.kind === 'slurm' ? 'pending' : 'running'
      await this.#noteState(state, { ...patch, slurm_id: slurmId, state: 'following' })
      this.#launch.slurmId = slurmId
      this.#launch.state = 'following'
    })
  }

  async #bringCode(project: Project | null): Promise<string | null> {
    const { spec, uid } = this.#launch
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
    const source = await this.#parts.projects.findRemote(project, this.#launch.spec.code, this.#signal)
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

  #writeScript(folders: {
    name: string
    codeFolder: string | null
    sdkFolder: string | null
    runFolder: string
  }): string {
    const { spec, uid, script, kind } = this.#launch
    const { environment, template } = this.#place
    if (script !== null)
      return fillIn(script, { code: folders.codeFolder, sdk: folders.sdkFolder, run: folders.runFolder, uid })
    return renderScript({ spec, uid, attempt: 1, kind, environment, template, ...folders })
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
    this.#launch.steps = this.#launch.steps.map((one) => (one.step === step ? { ...one, ...change } : one))
    return { steps: JSON.stringify(this.#launch.steps) }
  }

  async #note(patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.note', { launch: this.#launch, patch })
    if (typeof patch.folder === 'string') this.#launch.folder = patch.folder
  }

  async #noteState(state: Extract<JobState, 'pending' | 'running'>, patch: LaunchPatch): Promise<void> {
    await this.#parts.storage.call('launches.note-state', { launch: this.#launch, state, patch })
    this.#launch.jobState = state
  }
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

export type RunOf = Pick<KeptLaunch, 'folder' | 'uid' | 'slurmId'>
/** As its target knows it; undefined before it has a folder. */
export function toRun({ folder, uid, slurmId }: RunOf): TargetRun | undefined {
  return folder === null ? undefined : { folder, owner: `${uid} 1`, slurmId }
}
