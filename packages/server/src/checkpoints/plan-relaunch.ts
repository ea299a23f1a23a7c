/** How a job that has ended is started again from one of its checkpoints. Nothing is started here. */
import {
  type Checkpoint,
  type JobState,
  PilothouseError,
  type Recipe,
  type RelaunchPlan,
  isEnded,
} from '@pilothouse/contract'
import { quoteShell } from '@pilothouse/fleet'
import { type StoredControls, readControls } from '../commands/read-commands.ts'
import { findWritableJob } from '../commands/give-command.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import { findCheckpoint } from './read-checkpoints.ts'

export type RelaunchFacts = {
  job: { uid: string; state: JobState; recipe: Recipe | null }
  /** What the last attempt said that it can be told; null: it has not come to a control point. */
  controls: Pick<StoredControls, 'rollback'> | null
  checkpoint: Pick<Checkpoint, 'name' | 'state' | 'stateReason' | 'uri' | 'host'> & {
    /** The control room has a whole copy, which the job fetches when its file is not what it was. */
    hasCopy: boolean
  }
}

/** What the reporter puts in place of a value that it keeps to itself. */
const hiddenMark = '(hidden)'

/** @throws PilothouseError `notFound`, or `conflict` with the reason. */
export const getRelaunch: Operation<
  { uid: string; id: number; actor: Actor },
  RelaunchPlan & { name: string; hasCopy: boolean }
> = async ({ db }, { uid, id, actor }) => {
  const job = await findWritableJob(db, uid, actor)
  const { name, state, state_reason: stateReason, uri, host, copy_state } = await findCheckpoint(db, job, id)
  const hasCopy = copy_state === 'copied'
  const detail = await db
    .selectFrom('job_detail')
    .select('recipe')
    .where('job_id', '=', job.id)
    .executeTakeFirstOrThrow()
  const plan = planRelaunch({
    job: { uid, state: job.state, recipe: parseJson<Recipe | null>(detail.recipe) },
    controls: await readControls(db, job),
    checkpoint: { name, state, stateReason, uri, host, hasCopy },
  })
  return { ...plan, name, hasCopy }
}

/**
 * Pure.
 * @throws PilothouseError `conflict` with the reason why it cannot be started from there.
 */
export function planRelaunch({ job, controls, checkpoint }: RelaunchFacts): RelaunchPlan {
  const refuse = (words: string, hint: string): PilothouseError => new PilothouseError('conflict', words, { hint })
  const { name, state, stateReason, uri, host, hasCopy } = checkpoint
  const isFetched = hasCopy && (state === 'missing' || state === 'corrupt')
  if (!isEnded(job.state)) {
    const hint = '«pilothouse rollback» goes back in a job that runs; «pilothouse stop» ends it.'
    throw refuse(`The job has not ended (${job.state}).`, hint)
  }
  if (state !== 'present' && !isFetched) {
    const hint = stateReason ?? (state === 'deleting' ? 'Undo its deletion first.' : 'Choose another one.')
    throw refuse(`The job cannot go on from «${name}»: it is ${state}.`, hint)
  }
  if (controls?.rollback === null) {
    const hint = 'Give job.checkpoints() a function as load=; see docs/steering.md.'
    throw refuse('This script has not said how it reads a checkpoint: it would begin anew.', hint)
  }
  const { command = [], workingDirectory: folder } = job.recipe ?? {}
  if (command.length === 0 || folder === undefined) {
    const hint = 'Start it by hand with PILOTHOUSE_JOB and PILOTHOUSE_RESTORE set; see docs/steering.md.'
    throw refuse('How the job was started is not known.', hint)
  }
  if ([folder, ...command].some((word) => word.includes('\0'))) {
    throw refuse('How the job was started holds a NUL, which no shell can pass on.', 'Start it by hand.')
  }
  const isHidden = command.some((word) => word.includes(hiddenMark))
  const line = `cd ${quoteWord(folder)} && PILOTHOUSE_JOB=${quoteWord(job.uid)} PILOTHOUSE_RESTORE=${quoteWord(uri)} ${command.map(quoteWord).join(' ')}`
  return { host, folder, command, uri, line, isHidden, remarks: listRemarks({ job, isFetched, isHidden, line }) }
}

function listRemarks({
  job,
  isFetched,
  isHidden,
  line,
}: {
  job: RelaunchFacts['job']
  isFetched: boolean
  isHidden: boolean
  line: string
}): string[] {
  const ranks = Number(job.recipe?.environment?.['WORLD_SIZE'])
  return [
    ...(isFetched ? ['Its files are gone or changed: the job fetches the copy of the control room first.'] : []),
    ...(isHidden ? [`The job has kept a value to itself: put it in where «${hiddenMark}» stands.`] : []),
    ...(ranks > 1
      ? [`The job had ${ranks} ranks, and this starts one: start it by what started them, such as torchrun.`]
      : []),
    ...(/(?!\n|\t)[\p{Cc}\p{Cf}]/u.test(line) ? ['There are characters in it that cannot be seen.'] : []),
  ]
}

/** As `quoteShell`, without quotes where a word means the same to a shell either way. */
function quoteWord(text: string): string {
  return /^(?:--?[A-Za-z][\w@%+=:,./-]*|[\w@%+:,./][\w@%+:,./-]*)$/.test(text) ? text : quoteShell(text)
}
