/** Machines that a shell reaches: what is started there runs at once, and its process says how it stands. */
import { RunError } from '../runs/run-error.ts'
import {
  cancelRun,
  elsewhere,
  lookAtRuns,
  makeRun,
  readRunLog,
  removeRun,
  type RunLook,
  runLimits,
  signalRun,
  startRun,
} from '../runs/runs.ts'
import { ScriptError, type ScriptRunner } from '../script-runner.ts'
import { SlurmError } from '../slurm/slurm-error.ts'
import { SshError } from '../ssh/ssh-error.ts'
import type { SshLink } from '../ssh/ssh-link.ts'
import { fetchCode } from './fetch-code.ts'
import { shipArchive } from './ship-archive.ts'
import type { RunStanding, Target, TargetFault, TargetKind } from './target.ts'
import { makeLocalWay, makeSshWay, type TargetWay } from './target-way.ts'
import { tidyCode } from './tidy-code.ts'

export type TargetPlace = {
  /** For words. */
  name: string
  /** Folder there below which code is brought; `~/` is the home folder there. Its own if it may be deleted. */
  root: string
}

/** What a run that is cancelled has to end by itself, as long as Slurm gives by default. */
const graceSecondsDefault = 30

type ShellPlace = TargetPlace & { graceSeconds?: number }

/** @param place.environment of what runs; that of this process by default */
export function openLocalTarget(place: ShellPlace & { environment?: NodeJS.ProcessEnv }): Target {
  return makeShellTarget('local', { ...place, way: makeLocalWay(place.environment) })
}

/** @param place.connect makes a connection; called when one is needed, and again when it has ended */
export function openSshTarget(place: ShellPlace & { connect: (signal: AbortSignal) => Promise<SshLink> }): Target {
  return makeShellTarget('ssh', { ...place, way: makeSshWay(place.name, place.connect) })
}

function makeShellTarget(kind: TargetKind, place: ShellPlace & { way: TargetWay }): Target {
  const { name, way, graceSeconds = graceSecondsDefault } = place
  const { runner } = way
  const refuse = (what: string) => async (): Promise<never> => {
    const message = `A run on ${name} cannot be ${what}: nothing is scheduled there.`
    throw new RunError('unable', message, 'It runs as soon as it is started; cancel it to end it.')
  }
  return {
    ...makeFolderPart(place),
    kind,
    async start({ folder }, { resources }, options) {
      if (resources.array) await refuse('started as an array')()
      await startRun(runner, folder, options)
      return { slurmId: null }
    },
    look: (runs, options) =>
      lookInSlices(runs, (some) =>
        lookAtRuns(
          runner,
          some.map(({ folder }) => folder),
          options,
        ).then((looks) => looks.map((look, at) => judgeLook(look, { runner, folder: some[at]?.folder ?? '' }))),
      ),
    cancel: ({ folder }, options) => cancelRun(runner, { folder, graceSeconds, ...options }),
    hold: refuse('held'),
    release: refuse('released'),
    requeue: refuse('put back into a queue'),
    signal: ({ folder }, signalName, options) => signalRun(runner, { folder, name: signalName, ...options }),
    remove: ({ folder }, how) => removeRun(runner, { folder, ...how }),
    expectStart: async () => null,
    reach: ({ port }, options) => way.reach({ host: '127.0.0.1', port }, options),
    leave: ({ port }) => way.leave({ host: '127.0.0.1', port }),
    expose: (port, here, options) => way.expose(port, here, options),
  }
}

/** What every kind of target does with folders. */
export function makeFolderPart({
  name,
  root,
  way,
}: TargetPlace & { way: TargetWay }): Pick<
  Target,
  'name' | 'make' | 'ship' | 'fetchCode' | 'tidyCode' | 'readLog' | 'watchMailboxes' | 'close'
> {
  return {
    name,
    make: (run, options) => makeRun(way.runner, run, options),
    ship: (archive, options) => shipArchive(way, archive, { root, ...options }),
    fetchCode: (source, options) => fetchCode(way, source, { root, ...options }),
    tidyCode: (order, options) => tidyCode(way.runner, order, { root, ...options }),
    readLog: ({ folder }, part) => readRunLog(way.runner, { folder, ...part }),
    watchMailboxes: (listRuns) => way.watchMailboxes(() => listRuns().map((folder) => `${folder}/mailbox`)),
    close: () => way.close(),
  }
}

/** Asks for so many at a time; what the target does to prevent it makes them unknown. */
export async function lookInSlices<Run>(
  runs: readonly Run[],
  look: (some: readonly Run[]) => Promise<RunStanding[]>,
): Promise<RunStanding[]> {
  const standings: RunStanding[] = []
  for (let at = 0; at < runs.length; at += runLimits.foldersMax) {
    const some = runs.slice(at, at + runLimits.foldersMax)
    const found = await look(some).catch((error: unknown) => {
      if (!isTargetFault(error)) throw error
      return some.map(() => ({ ...nothingKnown, error }))
    })
    standings.push(...found)
  }
  return standings
}

export const nothingKnown: RunStanding = {
  state: 'unknown',
  reason: null,
  expectedStartAt: null,
  position: null,
  nodes: [],
  startedAt: null,
  endedAt: null,
  exitCode: null,
  cause: null,
  restarts: 0,
  earlier: null,
  logBytes: 0,
  slurmId: null,
  error: null,
}

/** How a run stands, by its folder and its process. */
function judgeLook(look: RunLook, where: { runner: ScriptRunner; folder: string }): RunStanding {
  const { state, host, logBytes, startedAt } = look
  const known: RunStanding = { ...nothingKnown, startedAt, logBytes, nodes: host === null ? [] : [host] }
  switch (state) {
    case 'waiting':
    case 'running':
    case 'lost':
    case 'gone':
      return { ...known, state }
    case 'ended':
      return { ...known, state, ...describeEnd(look) }
    case 'elsewhere':
      return { ...known, error: elsewhere(where.runner, where.folder) }
    case 'unseen':
      return { ...known, error: unseen(where.runner, where.folder) }
    default:
      return state satisfies never
  }
}

/** By its exit record alone. */
export function describeEnd({
  exit,
  isCancelled,
}: RunLook): Pick<RunStanding, 'startedAt' | 'endedAt' | 'exitCode' | 'cause' | 'restarts'> {
  const cause = isCancelled ? 'cancelled' : exit?.exitCode === 0 ? 'completed' : 'failed'
  if (exit === null) return { startedAt: null, endedAt: null, exitCode: null, cause, restarts: 0 }
  const { startedAt, endedAt, exitCode, restarts } = exit
  return { startedAt, endedAt, exitCode, restarts, cause }
}

/** The folder above is not there either: a disk that is not mounted, rather than a run that was removed. */
export function unseen(runner: ScriptRunner, folder: string): RunError {
  const message = `The folder that ${folder} lies in is not there on ${runner.name}.`
  return new RunError('gone', message, 'See that its file system is mounted there.')
}

export function isTargetFault(error: unknown): error is TargetFault {
  return [RunError, ScriptError, SlurmError, SshError].some((kind) => error instanceof kind)
}
