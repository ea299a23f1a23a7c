/**
 * Submits the run of a folder, once, whatever becomes of who asks for it:
 *
 *   (nothing) → `.submitting` is made, by one of several → sbatch → its id is kept in the folder, by us or by the job as it begins
 *
 * Where `.submitting` stands without an id, the answer of sbatch never came; the comment of the job tells whether there is one.
 * Only when there is none for longer than sbatch may take, it is submitted again.
 */
import { RunError } from '../runs/run-error.ts'
import type { RunOptions } from '../runs/runs.ts'
import { runFiles } from '../runs/run-wrapper.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { runSlurm, slurmLimits } from '../slurm/run-slurm.ts'
import { explainSlurm, SlurmError } from '../slurm/slurm-error.ts'
import { findJobsByComment } from '../slurm/slurm-orders.ts'
import { quotePath } from '../ssh/quote-shell.ts'
import { writeOptions } from './slurm-words.ts'
import { writeElements } from './array-elements.ts'
import type { StartOrder, TargetRun } from './target.ts'

/** After so long no sbatch of ours is under way any more. */
const staleSeconds = slurmLimits.commandSeconds * 2

/** How often another start's job is looked for, in each second that an sbatch may take; half of that time. */
const looksPerSecond = 5

/** Exit codes of the script, which no sbatch has. */
const codes = { refused: 65, answer: 66, gone: 69, cancelled: 70, unmade: 73, taken: 75 } as const

/** @returns the id of its job; null when it was cancelled before @throws as `Target.start` */
export async function startOnSlurm(
  runner: ScriptRunner,
  run: TargetRun,
  { order, ...options }: RunOptions & { order: StartOrder; seconds?: number },
): Promise<string | null> {
  if (run.slurmId !== null) return run.slurmId
  const array = order.resources.array ?? null
  const words = writeOptions(order)
  const elements = array === null ? '' : writeElements(array)
  const first = await submit(runner, run, { words, elements, mayTakeOver: false, ...options })
  if (first !== 'taken') return first.id
  const id = await findSubmitted(runner, run, options)
  if (id !== null) return id
  const second = await submit(runner, run, { words, elements, mayTakeOver: true, ...options })
  if (second !== 'taken') return second.id
  const message = `The run in ${run.folder} is being submitted on ${runner.name}, and has no number yet.`
  throw new RunError('busy', message, 'Ask again in a minute.')
}

/** The job that a start without an answer came to; null when there is none. @throws SlurmError, SshError */
export async function findSubmitted(
  runner: ScriptRunner,
  { folder, owner }: TargetRun,
  options: RunOptions,
): Promise<string | null> {
  const [id = null] = await findJobsByComment(runner, writeComment(owner), options)
  if (id === null) return null
  const aside = `${runFiles.slurm}.found.new`
  const script = `cd ${quotePath(folder)} && echo ${id} > ${aside} && mv -f ${aside} ${runFiles.slurm}`
  await runner.run(script, { timeoutMs: 30_000, outputBytesMax: 4096, mayRepeat: true, ...options })
  return id
}

function writeComment(owner: string): string {
  return `pilothouse ${owner}`
}

/** `taken`: another start is under way, or was broken off. No id: it was cancelled before. */
type Submitted = { id: string | null } | 'taken'

type Submission = RunOptions & {
  /** As `writeElements`; empty for a single job. */
  elements: string
  seconds?: number
  words: readonly string[]
  mayTakeOver: boolean
}

async function submit(
  runner: ScriptRunner,
  { folder, owner }: TargetRun,
  { words, elements, mayTakeOver, ...options }: Submission,
): Promise<Submitted> {
  // What stands last counts: it is what makes this run ours.
  const inElement = elements === '' ? '' : `/${runFiles.elements}/%a`
  const log = escapePattern(folder, `${inElement}/${runFiles.log}`)
  const own = [`--comment=${writeComment(owner)}`, `--output=${log}`, `--error=${log}`]
  const sbatch = ['sbatch', '--parsable', ...words, ...own, '--open-mode=append', `--chdir=${folder}`]
  const command = [
    'sh',
    '-c',
    submitScript,
    'sh',
    mayTakeOver ? 'again' : 'first',
    folder,
    elements,
    String((options.seconds ?? slurmLimits.commandSeconds) * looksPerSecond),
    ...sbatch,
  ]
  const [answer] = await runSlurm(runner, [{ words: command, handsOn: true }], { ...options, mayRepeat: false })
  const { code, stdout } = answer ?? { code: codes.answer, stdout: '' }
  const id = /(?:^|\n)(\d+)\s*$/.exec(stdout)?.[1]
  if (code === 0 && id !== undefined) return { id }
  if (code === codes.taken) return 'taken'
  if (code === codes.cancelled) return { id: null }
  if (code === codes.gone) throw gone(runner, folder)
  const error = explainFailure(runner, { folder, code, stderr: answer?.stderr ?? '' })
  // It is known that there is no job: it may be tried again at once.
  if (['refused', 'missing', 'unmade'].includes(error.kind)) await forgetStart(runner, folder, options.signal)
  throw error
}

/**
 * In names of files Slurm has words of its own (`%j`), unless a backslash stands in them: then it knows none.
 * @throws SlurmError `refused` for a folder with a backslash whose log needs such a word
 */
function escapePattern(folder: string, rest: string): string {
  if (!folder.includes('\\')) return folder.replaceAll('%', '%%') + rest
  if (!rest.includes('%')) return folder.replaceAll('\\', String.raw`\\`) + rest
  const message = `The folder ${folder} of an array holds a backslash, which Slurm cannot have there.`
  throw new SlurmError('refused', { message, hint: 'Choose another folder.' })
}

function explainFailure(
  runner: ScriptRunner,
  { folder, code, stderr }: { folder: string; code: number; stderr: string },
): SlurmError | RunError {
  if (code === codes.unmade) {
    const message = `Folders of an array cannot be made in ${folder} on ${runner.name}: ${stderr.trim()}`
    return new RunError('unmade', message, 'See that the disk has room.')
  }
  if (code === codes.refused) {
    const message =
      'The script asks for more than one job, or for something that a run cannot do, in its #SBATCH lines.'
    return new SlurmError('refused', { message, said: stderr.trim(), hint: 'Take the line out of the script.' })
  }
  if (code === codes.answer || code === 0) {
    const message = `sbatch on ${runner.name} named no job.`
    return new SlurmError('answer', { message, said: stderr.trim(), hint: 'It is looked for by its comment.' })
  }
  return explainSlurm(runner.name, 'sbatch', { code, stderr })
}

async function forgetStart(runner: ScriptRunner, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const script = `cd ${quotePath(folder)} && rm -f .submitting`
  await runner.run(script, { timeoutMs: 30_000, outputBytesMax: 4096, mayRepeat: true, signal })
}

function gone(runner: ScriptRunner, folder: string): RunError {
  return new RunError('gone', `There is no run in ${folder} on ${runner.name}.`, 'It was removed there.')
}

/** Lines of the script that are sbatch's, as sbatch reads them: up to the first command. */
const ownLines = `awk '/^#SBATCH/ { print } !/^#/ && !/^[ \\t]*$/ { exit }' ./${runFiles.script}`
const refusedWords = `-(-(ar|arr|arra|array|clusters?|help|test-only|usage|version|wait|wrap)([=[:space:]]|$)|[HkOsQv]*[aMhuVW])`

/**
 * Its arguments: `again` when it may take over, the folder, elements as `writeElements` has them, for how many tenths of a
 * second another start is waited for, and sbatch with its words.
 */
const submitScript = `how=$1 folder=$2 elements=$3 looks=$4
shift 4
cd "$folder" 2>/dev/null && [ -f ${runFiles.owner} ] || exit ${codes.gone}
[ ! -f ${runFiles.cancelled} ] || exit ${codes.cancelled}
there() { [ -s ${runFiles.slurm} ] && cat ${runFiles.slurm}; }
! there || exit 0
claim() { ( set -C; date +%s > .submitting ) 2>/dev/null; }
if ! claim; then
  began=$(cat .submitting 2>/dev/null)
  # Whoever made it was about to write, or was killed just then.
  if [ -z "$began" ]; then began=$(date +%s); [ -z "$(find .submitting -mmin +1 2>/dev/null)" ] || began=0; fi
  if [ $how = first ]; then
    n=0; while [ $n -lt $looks ] && [ $(($(date +%s) - began)) -lt ${staleSeconds} ]; do there && exit 0; n=$((n + 1)); sleep 0.1; done
    exit ${codes.taken}
  fi
  [ $(($(date +%s) - began)) -ge ${staleSeconds} ] && mv .submitting ".submitting.$$" 2>/dev/null && rm -f ".submitting.$$" && claim || exit ${codes.taken}
fi
refused=$(${ownLines} | sed 's/[[:space:]]#.*//' | grep -E '[[:space:]]${refusedWords}' | head -n 1)
[ -z "$refused" ] || { echo "$refused" >&2; exit ${codes.refused}; }
[ -z "$elements" ] || printf '%s\\n' "$elements" | while read -r index place; do
  element=${runFiles.elements}/$index
  if [ -n "$place" ]; then mkdir -p ${runFiles.elements} && ln -sfn "$place" "$element" || exit ${codes.unmade}; continue; fi
  mkdir -p "$element/${runFiles.mailbox}" || exit ${codes.unmade}
  for name in ${runFiles.script} ${runFiles.wrapper} ${runFiles.environment} ${runFiles.owner}; do ln -sf "../../$name" "$element/$name" || exit ${codes.unmade}; done
done || exit
enter=; [ -z "$elements" ] || enter='cd ./${runFiles.elements}/"$SLURM_ARRAY_TASK_ID" || exit'
said=$({ echo '#!/bin/sh'; ${ownLines}; echo "$enter"; echo 'exec sh ./${runFiles.wrapper} slurm'; } | "$@") || exit
id=$(printf '%s\\n' "$said" | sed -n 's/^\\([0-9][0-9]*\\)\\(;.*\\)\\{0,1\\}$/\\1/p' | tail -n 1)
[ -n "$id" ] || exit ${codes.answer}
echo "$id" > ${runFiles.slurm}.new && mv -f ${runFiles.slurm}.new ${runFiles.slurm}
[ ! -f ${runFiles.cancelled} ] || scancel "$id"
echo "$id"`
