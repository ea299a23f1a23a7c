/**
 * Where jobs can run: this machine, a machine reached by ssh, a Slurm cluster. All three make the same run folder, and start
 * the same wrapper in it; what differs is who starts it, and who knows how it stands.
 */
import type { Readable } from 'node:stream'
import type { MailboxPlace } from '../mailbox/mailbox-place.ts'
import type { RunError } from '../runs/run-error.ts'
import type { NewRun, RunOptions, RunSignal } from '../runs/runs.ts'
import type { ScriptError } from '../script-runner.ts'
import type { SlurmError } from '../slurm/slurm-error.ts'
import type { CodeSource, FetchedCode } from './fetch-code.ts'
import type { ExpectedStart } from '../slurm/slurm-orders.ts'
import type { SshError } from '../ssh/ssh-error.ts'
import type { TidyOrder } from './tidy-code.ts'

export const targetKinds = ['local', 'ssh', 'slurm'] as const
export type TargetKind = (typeof targetKinds)[number]

/** What a target throws; each has `kind`, `message` and `hint`. `RunError` `unable`: no target of this kind does that. */
export type TargetFault = RunError | ScriptError | SlurmError | SshError

/** A run as whoever started it remembers it. */
export type TargetRun = {
  /** As `make` gave it. */
  folder: string
  /** As it was made with. */
  owner: string
  /** As `start` gave it; null before, and where nothing is scheduled. */
  slurmId: string | null
  /** How often it was begun anew, as far as whoever asks has seen: of more a look tells how it ended before (`earlier`). */
  restarts?: number | undefined
}

/** As this machine reaches it. */
export type ExposedPlace = { host: string; port: number }

export type RunPort = { node: string | null; port: number }

export type Archive = {
  /** SHA-256 of its bytes, hexadecimal. */
  digest: string
  bytes: number
  /** A tar archive, compressed by gzip. */
  open(): Readable
}

export type ShipOptions = RunOptions & {
  /** How much of it is on its way. Not called when it is there already. */
  tell?: ((bytes: number) => void) | undefined
}

export type StartOrder = {
  /** Shown in the queue. */
  name: string
  resources: StartResources
  /** Further words for sbatch, an option each. */
  options?: readonly string[]
  /** Slurm may end it and begin it anew, in the same folder: for a job of higher rank, or when its node fails. */
  requeueable: boolean
  /** So long before its time limit, and when it has to make room, the script gets SIGUSR1, which ends it unless it listens. */
  warnSeconds: number | null
}

/** What is null or absent is left to the cluster. */
export type StartResources = {
  partition?: string | null
  account?: string | null
  qos?: string | null
  reservation?: string | null
  nodes?: number | null
  /** On each node. */
  gpus?: { type: string | null; count: number } | null
  cpusPerTask?: number | null
  tasksPerNode?: number | null
  /** Of each node. */
  memoryMb?: number | null
  timeLimitMin?: number | null
  /** As sbatch has it: `afterok:17`. */
  dependency?: string | null
  /** As sbatch has it: `now+1hour`, `2030-01-31T12:00`. */
  begin?: string | null
  exclusive?: boolean
  constraint?: string | null
  /** Once for each index; the runs of the elements are looked at in its place. */
  array?: ArrayOrder | null
}

export type ArrayOrder = {
  /** `1-12`, `0,3,7`, `0-100:10`. */
  indices: string
  /** So many may run at the same time; null for all. */
  atOnce: number | null
  /** Made before, whole paths in the order of the indices; without them each runs the array's own script: `listElements`. */
  folders?: readonly string[]
}

export type RunStanding = {
  /**
   * `waiting`: it is made, and not started. `pending`, `held`: in the queue. `lost`: neither scheduler nor process nor exit
   * record knows it. `gone`: there is no such folder. `unknown`: nobody can say now, `error` says why.
   */
  state: 'waiting' | 'pending' | 'held' | 'running' | 'ended' | 'lost' | 'gone' | 'unknown'
  /** Why it is pending or held, or does not go on, in plain words. */
  reason: string | null
  /** Of a pending one, by Slurm's plan, ms. */
  expectedStartAt: number | null
  /** Of a pending one: where it stands among those that wait for its partition, 1 is next; null where nobody says. */
  position: number | null
  nodes: string[]
  /** ms */
  startedAt: number | null
  endedAt: number | null
  /** 128 + n when signal n ended it. */
  exitCode: number | null
  /** How it ended. */
  cause: RunCause | null
  /** How often Slurm has begun it anew. */
  restarts: number
  /** How it ended before the last time that it was begun anew; null unless that is news. */
  earlier: RunEnd | null
  logBytes: number
  /** Where `start` gave no answer and it was found all the same. */
  slurmId: string | null
  error: TargetFault | null
}

export type RunCause =
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timeLimit'
  | 'outOfMemory'
  | 'nodeFailure'
  | 'preempted'
  | 'requeued'

export type RunEnd = {
  /** How often it had been begun anew before. */
  restarts: number
  cause: RunCause
  /** As in a standing; null where nobody says. */
  exitCode: number | null
  /** ms */
  endedAt: number | null
}

export type Target = {
  /** For words. */
  readonly name: string
  readonly kind: TargetKind
  /**
   * Makes the folder of a run. The same again, after an answer that never came, changes nothing.
   * @returns its whole path there
   * @throws TargetFault, RangeError for what no file or variable can hold
   */
  make(run: NewRun, options?: RunOptions): Promise<string>
  /**
   * Brings an archive there and unpacks it, once: what is there is not sent again, and what arrived half is not there.
   * @returns the whole path of the folder with what was in it
   * @throws TargetFault `unmade` when it cannot be put there, `slow` when nothing moves; RangeError when it is too large or not
   * what it says
   */
  ship(archive: Archive, options?: ShipOptions): Promise<string>
  /**
   * Has it fetch a commit itself, once, where it reaches the repository. Whatever keeps it from that is told in words.
   * @throws TargetFault when it does not answer
   */
  fetchCode(source: CodeSource, options?: RunOptions): Promise<FetchedCode>
  /**
   * Removes code that no run uses, and that was brought, fetched or found there for the last time longer ago.
   * @returns names below `code` that are gone; their files go behind them
   * @throws TargetFault
   */
  tidyCode(order: TidyOrder, options?: RunOptions): Promise<string[]>
  /**
   * Starts a run, or submits it, once: after an answer that never came it finds what became of it.
   * @throws TargetFault
   */
  start(run: TargetRun, order: StartOrder, options?: RunOptions): Promise<{ slurmId: string | null }>
  /** How runs stand, in their order, in one round trip. Throws for nothing that the target does: then they are `unknown`. */
  look(runs: readonly TargetRun[], options?: RunOptions): Promise<RunStanding[]>
  /** @param part.from bytes from the beginning @throws TargetFault */
  readLog(run: TargetRun, part: RunOptions & { from: number; bytesMax: number }): Promise<Buffer>
  /**
   * Ends a run for good: it is told to (SIGTERM), and killed when it does not. One that has not begun never will.
   * @returns false when it had ended
   * @throws TargetFault
   */
  cancel(run: TargetRun, options?: RunOptions): Promise<boolean>
  /** Keeps a pending run from starting. @returns false when it had ended @throws TargetFault */
  hold(run: TargetRun, options?: RunOptions): Promise<boolean>
  /** Lets a held one start. @returns false when it had ended @throws TargetFault */
  release(run: TargetRun, options?: RunOptions): Promise<boolean>
  /**
   * Ends a run and has it wait again, in the same folder; its log goes on. One that has ended too, while Slurm knows it.
   * @returns false when it is forgotten
   * @throws TargetFault
   */
  requeue(run: TargetRun, options?: RunOptions): Promise<boolean>
  /** Sends a signal to what the script runs. @returns false when it has ended @throws TargetFault */
  signal(run: TargetRun, name: RunSignal, options?: RunOptions): Promise<boolean>
  /**
   * Removes a run that has ended, or was never started, with all that lies in its folder.
   * @param how.isForced also with reports that nobody has collected
   * @returns false when there was none
   * @throws TargetFault `busy`
   */
  remove(run: TargetRun, how?: RunOptions & { isForced?: boolean }): Promise<boolean>
  /**
   * When and where it would start; null where nothing is scheduled.
   * @param script as it is made with: its `#SBATCH` lines count where the order says nothing
   * @throws TargetFault `refused` when it never would
   */
  expectStart(script: string, order: StartOrder, options?: RunOptions): Promise<ExpectedStart | null>
  /**
   * The mailboxes of its runs, for a collector: one round trip for all, beside other questions, not behind them.
   * @param listRuns whole paths of run folders, asked at each look
   */
  watchMailboxes(listRuns: () => readonly string[]): MailboxPlace
  /**
   * Where a port of what a run opens is reached from here: through the connection where there is one, which is opened anew when
   * it has ended. The same again gives the same while that stands.
   * @param place.node as a standing names it; null, and where nothing is scheduled: the loopback of the machine itself
   * @throws TargetFault
   */
  reach(place: RunPort, options?: RunOptions): Promise<{ host: string; port: number }>
  /** What was opened for that is closed; nothing happens where nothing was. */
  leave(place: RunPort): Promise<void>
  /**
   * The other way round: a port of the loopback over there leads to a place of this machine, through the connection, which is
   * opened anew when it has ended. The same again changes nothing while that stands; `close` ends it.
   * @param port over there
   * @throws TargetFault `unable` where nothing is reached by a connection, `other` for a port that is taken there
   */
  expose(port: number, place: ExposedPlace, options?: RunOptions): Promise<void>
  close(): Promise<void>
}
