/** What went wrong between us and Slurm, told from what its commands say. */

export const slurmFaultKinds = [
  'missing', // there are no commands of Slurm
  'controller', // slurmctld does not answer: nobody knows what becomes of jobs
  'slow', // a command did not end within its time: the same
  'refused', // Slurm understood, and says no
  'unknownJob', // Slurm knows no such job, or no longer
  'noAccounting', // the cluster keeps no accounts of jobs
  'answer', // what came back cannot be read
] as const
export type SlurmFaultKind = (typeof slurmFaultKinds)[number]

/** Thrown when Slurm does not do what it is asked for. */
export class SlurmError extends Error {
  override readonly name = 'SlurmError'
  readonly kind: SlurmFaultKind
  /** In Slurm's own words; empty where it said nothing. */
  readonly said: string
  /** What to do next. */
  readonly hint: string

  constructor(kind: SlurmFaultKind, words: { message: string; said?: string; hint: string }, options?: ErrorOptions) {
    super(words.message, options)
    this.kind = kind
    this.said = words.said ?? ''
    this.hint = words.hint
  }
}

/** How a command over there ended. */
export type CommandEnd = { code: number; stderr: string }

const noAnswer =
  /Unable to contact slurm controller|Connection refused|Connection timed out|Socket timed out|Zero Bytes were transmitted|Communication connection failure|Unable to establish|Transport endpoint|Unexpected message received|controller .*not responding/i

/** Finds words for a command that failed. */
export function explainSlurm(host: string, command: string, { code, stderr }: CommandEnd): SlurmError {
  const said = cleanWords(stderr)
  const because = said === '' ? '' : ` Slurm says: ${said}`
  if (timedOut.includes(code))
    return new SlurmError('slow', {
      message: `${command} did not answer in time on ${host}.`,
      said,
      hint: 'slurmctld is overloaded or down; it is asked again.',
    })
  if (code === 127 || code === 126)
    return new SlurmError('missing', {
      message: `There is no ${command} on ${host}.`,
      said,
      hint: `See that «ssh ${host} ${command} --version» works: a login node is needed, with Slurm's commands on the PATH.`,
    })
  if (noAnswer.test(stderr))
    return new SlurmError('controller', {
      message: `The controller of Slurm on ${host} does not answer.${because}`,
      said,
      hint: 'It is asked again. Jobs that run go on without it.',
    })
  if (/Invalid job id/i.test(stderr))
    return new SlurmError('unknownJob', {
      message: `Slurm on ${host} knows no such job.${because}`,
      said,
      hint: 'Ended jobs are forgotten after some minutes (MinJobAge).',
    })
  if (/accounting storage is disabled|not running a supported accounting_storage/i.test(stderr))
    return new SlurmError('noAccounting', {
      message: `Slurm on ${host} keeps no accounts of jobs.${because}`,
      said,
      hint: 'What a job has written itself tells how it ended.',
    })
  return new SlurmError('refused', {
    message: `${command} failed on ${host}.${because || ` Its exit code is ${code}.`}`,
    said,
    hint: 'Change what it names, or ask who runs the cluster.',
  })
}

/** Of coreutils' `timeout`: when it ended the command, and when it had to kill it. */
const timedOut = [124, 137]

/** What is told, without «sbatch: error: » before each line, control signs and endless talk. */
function cleanWords(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/[^\P{C}\t]/gu, '')
        .replace(/^\w+: (error: )?/, '')
        .trim(),
    )
    .filter(Boolean)
    .join(' ')
    .slice(0, 500)
}
