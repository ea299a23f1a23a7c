/** What became of many jobs: one question to the queue, and one to accounting for those that the queue has forgotten. */
import type { ScriptRunner } from '../script-runner.ts'
import { SshError } from '../ssh/ssh-error.ts'
import { expandArrayId } from './host-list.ts'
import { accountingFields, type AccountedJob, parseAccounting } from './parse-accounting.ts'
import { parseQueue, queueFormat, type QueuedJob } from './parse-queue.ts'
import { SlurmError, explainSlurm } from './slurm-error.ts'
import { checkJobId } from './slurm-orders.ts'
import { runSlurm, type SlurmAskOptions } from './run-slurm.ts'
import { type CommandAnswer, expectSuccess, type SlurmCommand } from './slurm-script.ts'

export type JobPoll =
  | {
      isKnown: true
      /** All elements of an array that is asked for by its id. */
      jobs: QueuedJob[]
      /** Ids that Slurm does not know, or no longer (MinJobAge): what the job wrote itself, or accounting, tells more. */
      missing: string[]
    }
  /** Slurm, or the way to it, does not answer: nothing is known of any job, and none is lost. */
  | { isKnown: false; error: SlurmError | SshError }

/** Ids on one command line. */
const idsMax = 5_000

/** Asks for jobs that wait, run or have ended a short while ago. Never throws for what Slurm or ssh does. */
export async function pollJobs(
  runner: ScriptRunner,
  ids: readonly string[],
  options: SlurmAskOptions = {},
): Promise<JobPoll> {
  if (ids.length === 0) return { isKnown: true, jobs: [], missing: [] }
  try {
    const answers = await runSlurm(runner, writeQueueCommands(ids), { ...options, mayRepeat: true })
    const jobs = readQueueAnswers(runner.name, answers)
    const known = new Set(jobs.flatMap(({ id }) => [...expandArrayId(id), id.split('_')[0] ?? id]))
    return { isKnown: true, jobs, missing: ids.filter((id) => !expandArrayId(id).some((one) => known.has(one))) }
  } catch (error) {
    if (error instanceof SlurmError || error instanceof SshError) return { isKnown: false, error }
    throw error
  }
}

/**
 * Asks the queue for jobs, ended ones too as long as it knows them. Each element of an array has its own line: of several in one
 * squeue tells all their reasons, and cuts their list.
 * @throws SlurmError `refused` for what is no id
 */
export function writeQueueCommands(ids: readonly string[]): SlurmCommand[] {
  return sliceIds(ids).map((some) => ({ words: ['squeue', '-h', '-r', '-t', 'all', '-O', queueFormat, '-j', some] }))
}

/** @throws SlurmError when the queue says nothing; what it does not know is left out */
export function readQueueAnswers(host: string, answers: readonly CommandAnswer[]): QueuedJob[] {
  return answers.flatMap((answer) => parseQueue(readKnown(host, answer)))
}

/** A lone id that is not known is an error to squeue; among others it says nothing of it. */
function readKnown(host: string, answer: CommandAnswer): string {
  if (answer.code === 0) return answer.stdout
  const error = explainSlurm(host, 'squeue', answer)
  if (error.kind === 'unknownJob') return answer.stdout
  throw error
}

/**
 * Asks accounting: a requeued job stands there once for each time that it ran, the newest last. null: the cluster has none.
 * @throws SlurmError, SshError
 */
export async function readAccounting(
  runner: ScriptRunner,
  ids: readonly string[],
  options: SlurmAskOptions = {},
): Promise<AccountedJob[] | null> {
  const asked = ['sacct', '-X', '-P', '-n', '-D', `--format=${accountingFields.join(',')}`, '-j']
  const commands: SlurmCommand[] = sliceIds(ids).map((some) => ({ words: [...asked, some] }))
  const answers = commands.length === 0 ? [] : await runSlurm(runner, commands, { ...options, mayRepeat: true })
  const failed = answers.find(({ code }) => code !== 0)
  if (failed !== undefined && explainSlurm(runner.name, 'sacct', failed).kind === 'noAccounting') return null
  return answers.flatMap((answer) => parseAccounting(expectSuccess(runner.name, 'sacct', answer)))
}

function sliceIds(ids: readonly string[]): string[] {
  const slices: string[] = []
  for (let at = 0; at < ids.length; at += idsMax)
    slices.push(
      ids
        .slice(at, at + idsMax)
        .map(checkJobId)
        .join(','),
    )
  return slices
}
