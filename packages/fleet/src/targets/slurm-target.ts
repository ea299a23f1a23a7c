/** Slurm clusters: a scheduler starts the same run folders on nodes that see them, and says how they stand. */
import { randomBytes } from 'node:crypto'
import { correctTime, measureLead } from '../runs/foreign-clock.ts'
import { RunError } from '../runs/run-error.ts'
import { writeLookScript } from '../runs/run-scripts.ts'
import { batchSignals } from '../runs/run-wrapper.ts'
import {
  cancelRun,
  lookAtRuns,
  noteCancelled,
  readLooks,
  readMarked,
  removeRun,
  type RunLook,
  type RunOptions,
} from '../runs/runs.ts'
import type { ScriptRunner } from '../script-runner.ts'
import type { AccountedJob } from '../slurm/parse-accounting.ts'
import { expandArrayId } from '../slurm/host-list.ts'
import type { QueuedJob } from '../slurm/parse-queue.ts'
import { readAccounting, readQueueAnswers, writeQueueCommands } from '../slurm/poll-jobs.ts'
import { runSlurm, slurmLimits } from '../slurm/run-slurm.ts'
import { explainSlurm } from '../slurm/slurm-error.ts'
import { checkJobId, expectStart } from '../slurm/slurm-orders.ts'
import { expectSuccess, type SlurmCommand } from '../slurm/slurm-script.ts'
import type { SshLink } from '../ssh/ssh-link.ts'
import { judgeEarlierEnd, readEarlierTraces } from './earlier-end.ts'
import { isOver, judgeSlurmRun } from './judge-slurm-run.ts'
import { isTargetFault, lookInSlices, makeFolderPart, type TargetPlace, unseen } from './shell-target.ts'
import { tellOutOfMemory } from './out-of-memory.ts'
import { NodeAddresses } from './node-addresses.ts'
import { QueuePositions } from './queue-positions.ts'
import { checkScript, writeOptions } from './slurm-words.ts'
import { findSubmitted, startOnSlurm } from './start-on-slurm.ts'
import type { RunEnd, RunStanding, Target, TargetFault, TargetRun } from './target.ts'
import { makeLocalWay, makeSshWay, refuseToExpose } from './target-way.ts'

export type SlurmPlace = TargetPlace & {
  /** Connects to a login node, as for `openSshTarget`; absent where Slurm's commands are on this machine. */
  connect?: ((signal: AbortSignal) => Promise<SshLink>) | undefined
  /** Of the commands on this machine, which hand it on to jobs; that of this process by default. */
  environment?: NodeJS.ProcessEnv | undefined
  /** Of each command of Slurm, 20 at most and by default; without slurmctld it takes about 9 s until it is known. */
  commandSeconds?: number | undefined
}

/** The run folders must be where login node and compute nodes see them. */
export function openSlurmTarget(place: SlurmPlace): Target {
  const { name, connect, environment } = place
  const commandSeconds = Math.min(place.commandSeconds ?? Infinity, slurmLimits.commandSeconds)
  const way = connect === undefined ? makeLocalWay(environment) : makeSshWay(name, connect)
  const { runner } = way
  const ask: Asking = { runner, seconds: commandSeconds, positions: new QueuePositions() }
  const order = (run: TargetRun, words: readonly string[], options?: RunOptions) =>
    orderJob(ask, run, { ...options, words })
  const addresses = new NodeAddresses({ runner, seconds: commandSeconds })
  return {
    ...makeFolderPart({ ...place, way }),
    kind: 'slurm',
    start: async (run, asked, options) => ({
      slurmId: await startOnSlurm(runner, run, { ...options, order: asked, seconds: commandSeconds }),
    }),
    look: (runs, options) => lookInSlices(runs, (some) => lookAtJobs(ask, some, options)),
    async cancel(run, options) {
      const told = await order(run, ['scancel'], options)
      if (told === true) await noteCancelled(runner, { folder: run.folder, ...options })
      return told ?? cancelRun(runner, { folder: run.folder, graceSeconds: 0, ...options })
    },
    hold: async (run, options) => expectJob(run, name, await order(run, ['scontrol', 'hold'], options)),
    release: async (run, options) => expectJob(run, name, await order(run, ['scontrol', 'release'], options)),
    requeue: async (run, options) => expectJob(run, name, await order(run, ['scontrol', 'requeue'], options)),
    async signal(run, signalName, options) {
      const heard: string =
        signalName in batchSignals ? batchSignals[signalName as keyof typeof batchSignals] : signalName // it is there
      // Slurm would wait until it begins.
      const [standing] = await lookAtJobs(ask, [run], options)
      if (standing?.error) throw standing.error
      if (standing?.state === 'pending' || standing?.state === 'held') return expectJob(run, name, null)
      const told = await order(run, ['scancel', `--signal=${heard}`, '--batch'], options)
      return expectJob(run, name, told)
    },
    async remove(run, { isForced = false, ...options } = {}) {
      const { folder } = run
      const [standing] = await lookAtJobs(ask, [run], options)
      const { state, error } = standing ?? { state: 'unknown', error: null }
      if (error !== null) throw error
      if (state === 'pending' || state === 'held' || state === 'running')
        throw new RunError('busy', `The run in ${folder} on ${name} is under way.`, 'Cancel it first.')
      return removeRun(runner, { folder, isForced, hasEnded: true, ...options })
    },
    async expectStart(script, asked, options) {
      checkScript(script)
      const job = { script, options: writeOptions(asked) }
      return expectStart(runner, job, { ...options, seconds: commandSeconds })
    },
    reach: async ({ node, port }, options) =>
      way.reach({ host: await addresses.find(node ?? 'localhost', options), port }, options),
    // Its nodes do not reach the loopback of its login node.
    expose: () => refuseToExpose(name),
    leave: ({ node, port }) => {
      const name = node ?? 'localhost'
      return way.leave({ host: addresses.known.get(name) ?? name, port })
    },
  }
}

type Asking = { runner: ScriptRunner; seconds: number; positions: QueuePositions }

/** What became of an order; null when nothing was submitted. */
function expectJob({ folder }: TargetRun, name: string, told: boolean | null): boolean {
  if (told !== null) return told
  throw new RunError('gone', `The run in ${folder} on ${name} has not begun.`, 'Start it, or wait until it runs.')
}

/**
 * Gives an order to the job of a run, and looks at it just before.
 * @returns false when it had ended, null when there is no job
 */
async function orderJob(
  { runner, seconds }: Asking,
  run: TargetRun,
  { words, signal }: RunOptions & { words: readonly string[] },
): Promise<boolean | null> {
  const id = run.slurmId ?? (await findId(runner, run, { signal }))
  if (id === null) return null
  const told: SlurmCommand = { words: [...words, checkJobId(id)], afterSuccess: true }
  const answers = await runSlurm(runner, [...writeQueueCommands([id]), told], { seconds, signal, mayRepeat: false })
  const outcome = answers.pop()
  const jobs = readQueueAnswers(runner.name, answers)
  const isOpen = jobs.some(({ state }) => !isOver(state))
  if (jobs.length === 0 || outcome === undefined) return false
  if (outcome.code === 0) return words.includes('requeue') || isOpen
  if (!isOpen) return false
  throw explainSlurm(runner.name, words.join(' '), outcome)
}

async function findId(runner: ScriptRunner, run: TargetRun, options: RunOptions): Promise<string | null> {
  const [look] = await lookAtRuns(runner, [run.folder], options)
  return look?.slurmId ?? findSubmitted(runner, run, options)
}

/**
 * One round trip; others for what Slurm's queue has forgotten, for jobs whose id was not known, and once a minute for the
 * positions of those that wait.
 */
async function lookAtJobs(
  { runner, seconds, positions }: Asking,
  runs: readonly TargetRun[],
  options: RunOptions = {},
): Promise<RunStanding[]> {
  const ids = runs.flatMap(({ slurmId }) => slurmId ?? [])
  const ask = { ...options, seconds }
  const { looks, jobs, error, now, lead } = await askTogether(runner, { runs, ids }, ask)
  const found = runs.map((run, at) => run.slurmId ?? looks[at]?.slurmId ?? null)
  const late = found.filter((id) => id !== null && !ids.includes(id)).flatMap((id) => id ?? [])
  const more = late.length === 0 || error !== null ? noJobs : await askTogether(runner, { runs: [], ids: late }, ask)
  const queue = new Map<string, QueuedJob>()
  for (const job of [...jobs, ...more.jobs])
    for (const one of listNames(job.id)) if (isOver(queue.get(one)?.state ?? 'COMPLETED')) queue.set(one, job)
  const queueError = error ?? more.error
  const forgotten = queueError === null ? found.flatMap((id) => (id === null || queue.has(id) ? [] : id)) : []
  const accounts = await askAccounts(runner, forgotten, ask)
  const isPending = found.some((id) => id !== null && queue.get(id)?.state === 'PENDING')
  const placed = isPending ? await readPositions(positions, runner, ask) : noPositions
  const standings = runs.map((run, at) => {
    const look = looks[at] ?? noLook
    const id = found[at] ?? null
    const queued = id === null ? null : (queue.get(id) ?? null)
    const accounted = id === null ? null : (accounts.jobs?.filter((job) => job.id === id) ?? null)
    const isAway = look.state === 'unseen' && queued === null
    const why = isAway ? unseen(runner, run.folder) : (queueError ?? (queued === null ? accounts.error : null))
    const isForgotten = id !== null && forgotten.includes(id)
    const said = id === null && !isAway ? null : why
    const told = judgeSlurmRun({
      look,
      slurmId: id,
      queued,
      accounted,
      error: said,
      isForgotten,
      seenRestarts: run.restarts ?? null,
      now,
    })
    const standing = { ...told, ...correctTimes(told, lead) }
    return standing.state === 'pending' ? { ...standing, position: placed.get(id ?? '') ?? null } : standing
  })
  const told = await tellOutOfMemory(runner, { runs, standings }, ask)
  return addEarlierEnds(runner, { runs, standings: told, queue, lead }, ask)
}

type Looked = {
  runs: readonly TargetRun[]
  standings: readonly RunStanding[]
  queue: ReadonlyMap<string, QueuedJob>
  lead: number
}

/** How runs ended that were begun anew since whoever asks has looked at them. It is news once, so it is asked for then. */
async function addEarlierEnds(
  runner: ScriptRunner,
  { runs, standings, queue, lead }: Looked,
  options: RunOptions & { seconds: number },
): Promise<RunStanding[]> {
  const anew = runs.flatMap((run, at) => {
    const standing = standings[at]
    return standing && standing.restarts > (run.restarts ?? Infinity) ? [{ run, standing }] : []
  })
  if (anew.length === 0) return [...standings]
  const ids = anew.flatMap(({ standing }) => standing.slurmId ?? [])
  const accounts = await askAccounts(runner, ids, options)
  const folders = anew.map(({ run }) => run.folder)
  const traces = await readEarlierTraces(runner, folders, options)
  const ends = anew.map(({ standing: { slurmId, restarts } }, at): RunEnd => {
    const { endedAt, ...end } = judgeEarlierEnd({
      ...(traces[at] ?? { records: [], word: null }),
      restarts: restarts - 1,
      accounted: accounts.jobs?.filter(({ id }) => id === slurmId) ?? null,
      requeuedAt: queue.get(slurmId ?? '')?.submittedAt ?? null,
    })
    return { ...end, endedAt: correctTime(endedAt, lead) }
  })
  const known = new Map(anew.map(({ standing }, at) => [standing, ends[at] ?? null]))
  return standings.map((standing) => ({ ...standing, earlier: known.get(standing) ?? null }))
}

const noPositions: ReadonlyMap<string, number> = new Map()

/** What is known of the runs does not wait for it. */
async function readPositions(
  positions: QueuePositions,
  runner: ScriptRunner,
  options: RunOptions & { seconds: number },
): Promise<ReadonlyMap<string, number>> {
  try {
    return await positions.read(runner, options)
  } catch (error) {
    if (!isTargetFault(error)) throw error
    return noPositions
  }
}

/** Of an element of an array, and of the array: that goes on as long as one of them does. */
function listNames(id: string): string[] {
  const [array = id] = id.split('_')
  return id === array ? [id] : [...expandArrayId(id), array]
}

function correctTimes(
  { startedAt, endedAt, expectedStartAt }: RunStanding,
  lead: number,
): Pick<RunStanding, 'startedAt' | 'endedAt' | 'expectedStartAt'> {
  return {
    startedAt: correctTime(startedAt, lead),
    endedAt: correctTime(endedAt, lead),
    expectedStartAt: correctTime(expectedStartAt, lead),
  }
}

type Together = {
  looks: RunLook[]
  jobs: QueuedJob[]
  error: TargetFault | null
  /** By the clock there, which is ahead of ours by `lead`, ms. */
  now: number
  lead: number
}
const noJobs: Pick<Together, 'jobs' | 'error'> = { jobs: [], error: null }

/** The queue, and the run folders. @throws TargetFault when there is no answer at all */
async function askTogether(
  runner: ScriptRunner,
  { runs, ids }: { runs: readonly TargetRun[]; ids: readonly string[] },
  options: RunOptions & { seconds: number },
): Promise<Together> {
  const mark = `look-${randomBytes(12).toString('hex')}`
  const folders = runs.map(({ folder }) => folder)
  const commands: SlurmCommand[] = [
    { words: ['sh'], input: writeLookScript(mark, folders) },
    { words: ['date', '+%s'] },
    ...writeQueueCommands(ids),
  ]
  const askedAt = Date.now()
  const [looked, clock, ...queue] = await runSlurm(runner, commands, { ...options, mayRepeat: true })
  const looks = readLooks(runner.name, readMarked(expectSuccess(runner.name, 'sh', looked), mark), folders.length)
  const seconds = Number(clock?.stdout.trim()) || Number.NaN
  const lead = measureLead(seconds, { askedAt, answeredAt: Date.now() })
  const now = Date.now() + lead
  try {
    return { looks, now, lead, jobs: readQueueAnswers(runner.name, queue), error: null }
  } catch (error) {
    if (!isTargetFault(error)) throw error
    return { looks, now, lead, jobs: [], error }
  }
}

/** Null jobs: the cluster keeps no accounts, or does not tell now. */
async function askAccounts(
  runner: ScriptRunner,
  ids: readonly string[],
  options: RunOptions & { seconds: number },
): Promise<{ jobs: AccountedJob[] | null; error: TargetFault | null }> {
  if (ids.length === 0) return { jobs: null, error: null }
  try {
    return { jobs: await readAccounting(runner, ids, options), error: null }
  } catch (error) {
    if (!isTargetFault(error)) throw error
    return { jobs: null, error }
  }
}

const noLook: RunLook = {
  state: 'gone',
  logBytes: 0,
  host: null,
  startedAt: null,
  isCancelled: false,
  slurmId: null,
  exit: null,
}
