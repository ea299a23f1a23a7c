/**
 * Scripts of POSIX sh that run Slurm's commands, and what they print. Each command stands between lines with a mark that
 * nobody can guess; behind its output come exit code and standard error:
 *
 *   MARK begin
 *   <output>
 *   MARK end <exit code>
 *   <standard error>
 *   MARK done
 */
import { randomBytes } from 'node:crypto'
import { quoteShell } from '../ssh/quote-shell.ts'
import { type CommandEnd, explainSlurm, SlurmError } from './slurm-error.ts'

/** Words and times of its answers are for programs. */
const forPrograms = 'LC_ALL=C SLURM_TIME_FORMAT=%s SLURM_BITSTR_LEN=0 '

export type SlurmCommand = {
  /** Program and arguments, each one word. */
  words: readonly string[]
  /** Put on its standard input; else there is nothing. */
  input?: string
  /** Is left out, with exit code `skipped`, when a command before it failed. */
  afterSuccess?: boolean
  /** The environment is handed on to a job: nothing is put into it. */
  handsOn?: boolean
}

export type CommandAnswer = CommandEnd & { stdout: string }

export const skipped = -1

/**
 * Slurm's commands are looked for on the PATH of a login shell where there are none without (they come by a module, or stand
 * in a folder that a profile names); what the user has set for their own queries is put away.
 */
function writePrelude(mark: string): string {
  return [
    `if ! command -v squeue > /dev/null 2>&1 && command -v bash > /dev/null 2>&1; then`,
    `  said=$(bash -lc 'printf "\\n%s path %s\\n%s conf %s\\n" ${mark} "$PATH" ${mark} "\${SLURM_CONF-}"' < /dev/null 2> /dev/null)`,
    `  path=$(printf '%s\\n' "$said" | sed -n 's/^${mark} path //p')`,
    `  conf=$(printf '%s\\n' "$said" | sed -n 's/^${mark} conf //p')`,
    `  [ -z "$path" ] || export PATH="$path"`,
    `  [ -z "$conf" ] || export SLURM_CONF="$conf"`,
    `fi`,
    `for name in ${ownSettings.join(' ')}; do unset "$name"; done`,
    `within=; ! command -v timeout > /dev/null 2>&1 || within=timeout`,
    `ok=yes`,
  ].join('\n')
}

const queueSettings =
  'ALL ACCOUNT ARRAY FEDERATION FORMAT FORMAT2 LICENSES LOCAL NAMES PARTITION PRIORITY QOS SIBLING SORT STATES USERS'
const ownSettings = [
  ...queueSettings.split(' ').map((name) => `SQUEUE_${name}`),
  'SACCT_FEDERATION',
  'SACCT_LOCAL',
  'SACCT_FORMAT',
  'SCONTROL_ALL',
  'SCONTROL_FEDERATION',
  'SCONTROL_LOCAL',
]

/** @param seconds that each command may take */
export function writeSlurmScript(commands: readonly SlurmCommand[], seconds: number): { script: string; mark: string } {
  const mark = `slurm-${randomBytes(12).toString('hex')}`
  const runs = commands.map((command) => writeRun(command, { mark, seconds }))
  return { script: [writePrelude(mark), ...runs].join('\n'), mark }
}

function writeRun(
  { words, input, afterSuccess = false, handsOn = false }: SlurmCommand,
  how: { mark: string; seconds: number },
): string {
  const { mark, seconds } = how
  const line = `${handsOn ? '' : forPrograms}\${within:+timeout -k 2 ${seconds}} ${words.map(quoteShell).join(' ')}`
  const fed = input === undefined ? `${line} < /dev/null` : `printf '%s' ${quoteShell(input)} | ${line}`
  return [
    `printf '\\n%s begin\\n' ${mark}`,
    ...(afterSuccess ? [`if [ $ok = no ]; then said= code=${skipped}; else`] : []),
    `{ said=$({ ${fed}; } 2>&1 >&3 3>&-); code=$?; } 3>&1`,
    `[ $code = 0 ] || ok=no`,
    ...(afterSuccess ? ['fi'] : []),
    `printf '\\n%s end %s\\n%.4000s\\n%s done\\n' ${mark} "$code" "$said" ${mark}`,
  ].join('\n')
}

/**
 * What each command has answered, in their order.
 * @throws SlurmError `answer` when it is not all there.
 */
export function readSlurmAnswers(output: Buffer, mark: string, count: number): CommandAnswer[] {
  const parts = output.toString().split(`\n${mark} begin\n`).slice(1)
  const answers = parts.flatMap((part) => {
    const at = part.indexOf(`\n${mark} end `)
    const [, code, stderr] = /^(-?\d+)\n([\s\S]*)$/.exec(part.slice(at + `\n${mark} end `.length)) ?? []
    if (at < 0 || code === undefined || stderr === undefined) return []
    return { stdout: part.slice(0, at), code: Number(code), stderr: stderr.split(`\n${mark} done`)[0] ?? '' }
  })
  if (answers.length === count) return answers
  throw new SlurmError('answer', {
    message: `Of ${count} answers of Slurm, ${answers.length} came back.`,
    hint: 'The shell over there ended early, or prints what it should not.',
  })
}

/** @throws SlurmError when it failed. */
export function expectSuccess(host: string, command: string, answer: CommandAnswer | undefined): string {
  if (answer === undefined || answer.code !== 0)
    throw explainSlurm(host, command, answer ?? { code: skipped, stderr: '' })
  return answer.stdout
}
