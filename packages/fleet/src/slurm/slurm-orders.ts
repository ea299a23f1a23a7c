/** What Slurm is told to do with jobs. None of it is done twice when a connection breaks. */
import type { ScriptRunner } from '../script-runner.ts'
import { expandHostList } from './host-list.ts'
import { parseMoment } from './slurm-time.ts'
import { SlurmError, explainSlurm } from './slurm-error.ts'
import { runSlurm, type SlurmAskOptions } from './run-slurm.ts'
import { type CommandAnswer, expectSuccess, type SlurmCommand } from './slurm-script.ts'

export type BatchJob = {
  /** With its `#!` line; it reaches sbatch by standard input. */
  script: string
  /** Options of sbatch, a word each (`--partition=gpu`). They count over `#SBATCH` lines. */
  options?: readonly string[]
  /** Where it starts; it must be there. The home folder by default. */
  folder?: string
}

export type SubmittedJob = {
  id: string
  /** Of several that are run together, else null. */
  cluster: string | null
}

/**
 * Submits a job.
 * @throws SlurmError `refused` with Slurm's own words. SshError, or SlurmError `slow`, `controller`, `answer`: nobody knows
 * whether it was submitted. A job with a `--comment` of its own is found by `findJobsByComment`.
 */
export async function submitJob(
  runner: ScriptRunner,
  job: BatchJob,
  options: SlurmAskOptions = {},
): Promise<SubmittedJob> {
  const command = writeSbatch(job, '--parsable')
  const [answer] = await runSlurm(runner, [command], { ...options, mayRepeat: false })
  const printed = expectSuccess(runner.name, 'sbatch', answer)
  // A wrapper of the site may say more before it.
  const [, id, cluster = null] = /(?:^|\n)(\d+)(?:;(\S+))?\s*$/.exec(printed) ?? []
  if (id !== undefined) return { id, cluster }
  throw new SlurmError('answer', {
    message: `sbatch on ${runner.name} named no job.`,
    said: printed.trim().slice(0, 300),
    hint: 'Look with squeue whether it was submitted.',
  })
}

export type ExpectedStart = {
  /** ms; null where Slurm does not say. */
  startAt: number | null
  nodes: string[]
  partition: string | null
}

/**
 * When and where a job would start (`sbatch --test-only`), by what Slurm knows now; nothing is submitted.
 * @throws SlurmError `refused` when it would never start, in Slurm's own words; SshError
 */
export async function expectStart(
  runner: ScriptRunner,
  job: BatchJob,
  options: SlurmAskOptions = {},
): Promise<ExpectedStart> {
  const [answer] = await runSlurm(runner, [writeSbatch(job, '--test-only')], { ...options, mayRepeat: true })
  expectSuccess(runner.name, 'sbatch', answer)
  // It stands on standard error.
  const said = answer?.stderr ?? ''
  return {
    startAt: parseMoment(/ to start at (\S+)/.exec(said)?.[1] ?? ''),
    nodes: expandHostList(/ on nodes? (\S+)/.exec(said)?.[1] ?? ''),
    partition: / in partition (\S+)/.exec(said)?.[1] ?? null,
  }
}

/** What became of an order to one job; null: it was taken. */
export type OrderOutcome = { id: string; error: SlurmError | null }

/** Cancels jobs, arrays or elements of them. Slurm is silent about those that it does not know. @throws SlurmError, SshError */
export function cancelJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  options?: SlurmAskOptions,
): Promise<OrderOutcome[]> {
  return orderEach(runner, ids, { words: ['scancel'], options })
}

/** Keeps pending jobs from starting. @throws as `cancelJobs` */
export function holdJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  options?: SlurmAskOptions,
): Promise<OrderOutcome[]> {
  return orderEach(runner, ids, { words: ['scontrol', 'hold'], options })
}

/** Lets held jobs start. @throws as `cancelJobs` */
export function releaseJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  options?: SlurmAskOptions,
): Promise<OrderOutcome[]> {
  return orderEach(runner, ids, { words: ['scontrol', 'release'], options })
}

/** Ends running jobs and has them wait again, under the same id. @throws as `cancelJobs` */
export function requeueJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  options?: SlurmAskOptions,
): Promise<OrderOutcome[]> {
  return orderEach(runner, ids, { words: ['scontrol', 'requeue'], options })
}

/** Who hears a signal: the shell of the script alone, what it started by srun, or all processes. */
export type SignalReach = 'batch' | 'steps' | 'all'
const reaches: Readonly<Record<SignalReach, readonly string[]>> = {
  batch: ['--batch'],
  steps: [],
  all: ['--full'],
}

/** @param how.signalName as `USR1` @throws as `cancelJobs` */
export function signalJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  how: SlurmAskOptions & { signalName: string; reach: SignalReach },
): Promise<OrderOutcome[]> {
  const { signalName, reach, ...options } = how
  if (!/^[A-Z][A-Z0-9+]{0,15}$/.test(signalName)) throw refuseWord(signalName, 'signal')
  return orderEach(runner, ids, { words: ['scancel', `--signal=${signalName}`, ...reaches[reach]], options })
}

/**
 * Ids of own jobs, and of arrays as a whole, that carry a comment, ended ones too as long as Slurm knows them: whether a submission without an answer
 * came about.
 * @throws SlurmError, SshError
 */
export async function findJobsByComment(
  runner: ScriptRunner,
  comment: string,
  options: SlurmAskOptions = {},
): Promise<string[]> {
  const words = ['squeue', '-h', '--me', '-t', 'all', '-O', 'ArrayJobID:|,Comment:|']
  const [answer] = await runSlurm(runner, [{ words }], { ...options, mayRepeat: true })
  const ids = expectSuccess(runner.name, 'squeue', answer)
    .split('\n')
    .flatMap((line) => {
      const [, id, said] = /^(\d+)\|(.*)\|$/.exec(line.trim()) ?? []
      return id !== undefined && said === comment ? [id] : []
    })
  return [...new Set(ids)]
}

function writeSbatch({ script, options = [], folder }: BatchJob, mode: string): SlurmCommand {
  // A word that is no option would be the name of a script.
  for (const word of options)
    if (!/^-(-[a-z]|[A-Za-z])/.test(word) || word.includes('\0')) throw refuseWord(word, 'option of sbatch')
  if (script.includes('\0')) throw refuseWord(script.slice(0, 40), 'script: it holds a NUL')
  return {
    handsOn: mode === '--parsable',
    words: ['sbatch', mode, ...(folder === undefined ? [] : [`--chdir=${folder}`]), ...options],
    input: script,
  }
}

type Order = { words: readonly string[]; options: SlurmAskOptions | undefined }

/** One command for each, in one round trip: one that is refused does not keep the others. */
async function orderEach(
  runner: ScriptRunner,
  ids: readonly string[],
  { words, options }: Order,
): Promise<OrderOutcome[]> {
  const commands = ids.map((id) => ({ words: [...words, checkJobId(id)] }))
  const answers = commands.length === 0 ? [] : await runSlurm(runner, commands, { ...options, mayRepeat: false })
  return ids.map((id, at) => ({ id, error: explainRefusal(runner.name, words.join(' '), answers[at]) }))
}

function explainRefusal(host: string, command: string, answer: CommandAnswer | undefined): SlurmError | null {
  return answer === undefined || answer.code === 0 ? null : explainSlurm(host, command, answer)
}

/** `17`, `12_3`, `12_[4-9]` @throws SlurmError `refused` */
export function checkJobId(id: string): string {
  if (/^\d{1,12}(_(\d{1,9}|\[[\d,:-]{1,1000}\]))?$/.test(id)) return id
  throw refuseWord(id, 'id of a job')
}

function refuseWord(word: string, what: string): SlurmError {
  return new SlurmError('refused', { message: `«${word}» is no ${what}.`, hint: 'Correct it and try again.' })
}
