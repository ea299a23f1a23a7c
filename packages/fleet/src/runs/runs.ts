/**
 * Runs on a machine that a shell reaches, this one or one behind ssh: each has a folder there with its script, its log and
 * its exit record, and goes on whoever looks at it. Slurm uses the same folders and starts the wrapper itself.
 */
import { randomBytes } from 'node:crypto'
import { quotePath, quoteShell } from '../ssh/quote-shell.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { correctTime, measureLead } from './foreign-clock.ts'
import { RunError } from './run-error.ts'
import {
  type RunFile,
  writeCancelScript,
  writeNoteCancelScript,
  writeLookScript,
  writeMakeScript,
  writeRemoveScript,
  writeSignalScript,
  writeStartScript,
} from './run-scripts.ts'
import { runFiles, wrapperText } from './run-wrapper.ts'

export const runLimits = {
  /** Of one question or order. */
  timeoutMs: 30_000,
  /** Folders of one look. */
  foldersMax: 500,
  /** Script and environment together, UTF-8. */
  textBytesMax: 1024 * 1024,
  /** Of a log at a time. */
  logBytesMax: 1024 * 1024,
} as const

export type NewRun = {
  /** Where it shall be; `~/` is the home folder there. Its parents are made. */
  folder: string
  /** Whose it is, one line: making the same again finds it. */
  owner: string
  /** With its `#!` line; it starts in the run folder. */
  script: string
  environment: Readonly<Record<string, string>>
  /** Further files, by name. */
  files?: readonly RunFile[]
}

export type RunOptions = { signal?: AbortSignal | undefined }

export type RunLook = {
  /**
   * `waiting`: nobody has started it. `lost`: what ran it is gone without an exit record. `elsewhere`: it was started on
   * another machine that sees this folder, and only that one can say. `gone`: there is no such folder. `unseen`: nor the one
   * that it lay in. One that was cancelled before it began has ended without an exit record.
   */
  state: (typeof lookStates)[number]
  logBytes: number
  /** Who runs it, once it has begun. */
  host: string | null
  /** When it began, ms. */
  startedAt: number | null
  isCancelled: boolean
  /** Where Slurm runs it. */
  slurmId: string | null
  exit: RunExit | null
}

const lookStates = ['waiting', 'running', 'ended', 'lost', 'elsewhere', 'gone', 'unseen'] as const

export type RunExit = {
  /** 128 + n when signal n ended it. */
  exitCode: number
  /** ms */
  startedAt: number
  endedAt: number
  /** How often Slurm had begun it anew before. */
  restarts: number
  /** It ended to make room for another, and has put itself back into the queue. */
  isPreempted?: boolean
}

/**
 * Makes the folder of a run. The same again, after an answer that never came, changes nothing.
 * @returns its whole path there
 * @throws RunError `taken`, `unmade`; SshError; RangeError for what no file or variable can hold
 */
export async function makeRun(runner: ScriptRunner, run: NewRun, options: RunOptions = {}): Promise<string> {
  const files: RunFile[] = [
    { name: runFiles.script, text: run.script, isProgram: true },
    { name: runFiles.wrapper, text: wrapperText },
    { name: runFiles.environment, text: writeEnvironment(run.environment) },
    ...(run.files ?? []).map(checkFile),
  ]
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  if (bytes > runLimits.textBytesMax)
    throw new RangeError(`A run folder takes ${runLimits.textBytesMax} bytes of text.`)
  if (!/^[^\p{C}]+$/u.test(run.owner)) throw new RangeError('The owner of a run is one line of visible characters.')
  const { folder, owner } = run
  const [answer = ''] = await ask(runner, (mark) => writeMakeScript(mark, { folder, owner, files }), options)
  const [, word, rest = ''] = /^(\S+) ?([\s\S]*)$/.exec(answer) ?? []
  if (word === 'made' || word === 'there') return rest
  if (word === 'taken')
    throw new RunError(
      'taken',
      `${folder} on ${runner.name} belongs to something else.`,
      'Remove it there, or choose another name.',
    )
  if (word === 'unmade') throw unmade(runner, folder, rest)
  throw unreadable(runner.name, answer)
}

/**
 * Starts the run of a folder, once: a second call says how it stands.
 * @throws RunError `gone` when there is no such folder; SshError
 */
export async function startRun(
  runner: ScriptRunner,
  folder: string,
  options: RunOptions = {},
): Promise<'started' | 'running' | 'ended'> {
  const [answer = ''] = await ask(runner, (mark) => writeStartScript(mark, folder), options)
  if (answer === 'started' || answer === 'running' || answer === 'ended') return answer
  if (answer === 'gone') throw gone(runner, folder)
  if (answer.startsWith('dead'))
    throw new RunError(
      'unmade',
      `The run in ${folder} on ${runner.name} did not begin: ${answer.slice('dead '.length).trim()}`,
      'Its log there says more.',
    )
  throw unreadable(runner.name, answer)
}

/**
 * How runs stand, in the order of their folders, in one round trip; times by our clock.
 * @throws SshError; RunError `answer`
 */
export async function lookAtRuns(
  runner: ScriptRunner,
  folders: readonly string[],
  options: RunOptions = {},
): Promise<RunLook[]> {
  if (folders.length === 0) return []
  if (folders.length > runLimits.foldersMax)
    throw new RangeError(`At most ${runLimits.foldersMax} runs are looked at at a time.`)
  const askedAt = Date.now()
  const write = (mark: string): string => `${writeLookScript(mark, folders)}\nsay "clock $(date +%s)"`
  const answers = await ask(runner, write, options)
  const clock = answers.at(-1)?.startsWith('clock ') ? answers.pop() : undefined
  const lead = measureLead(Number(clock?.slice('clock '.length)), { askedAt, answeredAt: Date.now() })
  return readLooks(runner.name, answers, folders.length).map((look) => correctLook(look, lead))
}

function correctLook(look: RunLook, lead: number): RunLook {
  const { startedAt, exit } = look
  return {
    ...look,
    startedAt: correctTime(startedAt, lead),
    exit: exit && { ...exit, startedAt: exit.startedAt - lead, endedAt: exit.endedAt - lead },
  }
}

/** What the script of a look has said, line by line; times by the clock there. @throws RunError `answer` */
export function readLooks(host: string, answers: readonly string[], count: number): RunLook[] {
  const looks: RunLook[] = []
  for (const answer of answers) {
    const last = looks.at(-1)
    const look = parseLook(answer, looks.length)
    if (look !== null) looks.push(look)
    else if (answer.startsWith('exit ') && last) last.exit = parseExit(answer.slice('exit '.length))
    else throw unreadable(host, answer)
  }
  if (looks.length !== count) throw unreadable(host, answers.at(-1) ?? '')
  return looks
}

export const runSignals = ['TERM', 'INT', 'HUP', 'USR1', 'USR2', 'KILL', 'STOP', 'CONT'] as const
export type RunSignal = (typeof runSignals)[number]

/**
 * Sends a signal to all that a run has started in its own group.
 * @returns false when it has ended
 * @throws RunError `gone` when it never began, `busy` when only another machine can do it; SshError
 */
export async function signalRun(
  runner: ScriptRunner,
  { folder, name, ...options }: RunOptions & { folder: string; name: RunSignal },
): Promise<boolean> {
  const [answer = ''] = await ask(runner, (mark) => writeSignalScript(mark, { folder, name }), options)
  return readTold(runner, folder, answer)
}

function readTold(runner: ScriptRunner, folder: string, answer: string): boolean {
  if (answer === 'told' || answer === 'ended') return answer === 'told'
  if (answer === 'gone') throw gone(runner, folder)
  if (answer === 'elsewhere') throw elsewhere(runner, folder)
  throw unreadable(runner.name, answer)
}

/**
 * Cancels a run: one that has not begun never will; one that runs is told to end, and killed when it has not after
 * `graceSeconds`.
 * @returns false when it had ended
 * @throws RunError `gone`; `busy` when only another machine can do it; `unmade` on a full disk; SshError
 */
export async function cancelRun(
  runner: ScriptRunner,
  { folder, graceSeconds, ...options }: RunOptions & { folder: string; graceSeconds: number },
): Promise<boolean> {
  const [answer = ''] = await ask(runner, (mark) => writeCancelScript(mark, { folder, graceSeconds }), options)
  if (answer.startsWith('unmade ')) throw unmade(runner, folder, answer.slice('unmade '.length))
  return readTold(runner, folder, answer)
}

/** Keeps in the folder of a run that has not begun that it was cancelled: a scheduler may forget it at once. @throws SshError */
export async function noteCancelled(
  runner: ScriptRunner,
  { folder, ...options }: RunOptions & { folder: string },
): Promise<void> {
  await ask(runner, (mark) => writeNoteCancelScript(mark, folder), options)
}

/**
 * A part of what a run has printed.
 * @param part.from bytes from the beginning
 * @throws SshError
 */
export async function readRunLog(
  runner: ScriptRunner,
  { folder, from, bytesMax, ...options }: RunOptions & { folder: string; from: number; bytesMax: number },
): Promise<Buffer> {
  const most = Math.min(bytesMax, runLimits.logBytesMax)
  const script = `tail -c +${Math.trunc(from) + 1} ${quotePath(folder)}/${runFiles.log} 2>/dev/null | head -c ${Math.trunc(most)}`
  const { timeoutMs } = runLimits
  return runner.run(script, { timeoutMs, outputBytesMax: most, mayRepeat: true, ...options })
}

/**
 * Removes a run that has ended, with all that lies in its folder.
 * @param isForced also with reports that nobody has collected
 * @param hasEnded the caller knows it, whatever the folder says
 * @returns false when there was none
 * @throws RunError `busy` when it runs or holds such reports; SshError
 */
export async function removeRun(
  runner: ScriptRunner,
  how: RunOptions & { folder: string; isForced?: boolean; hasEnded?: boolean },
): Promise<boolean> {
  const { folder, isForced = false, hasEnded = false, ...options } = how
  const [answer = ''] = await ask(runner, (mark) => writeRemoveScript(mark, { folder, isForced, hasEnded }), options)
  if (answer === 'removed' || answer === 'gone') return answer === 'removed'
  if (answer === 'running')
    throw new RunError('busy', `The run in ${folder} on ${runner.name} is under way.`, 'Stop it first.')
  const [, count] = /^unsent (\d+)$/.exec(answer) ?? []
  if (count !== undefined)
    throw new RunError(
      'busy',
      `${count} reports of the run in ${folder} on ${runner.name} are not collected yet.`,
      'Wait until they are, or remove it by force: they are lost then.',
    )
  throw unreadable(runner.name, answer)
}

/** Runs a script that may run twice, and gives what it said behind its mark. */
async function ask(runner: ScriptRunner, write: (mark: string) => string, options: RunOptions): Promise<string[]> {
  const mark = `run-${randomBytes(12).toString('hex')}`
  const { timeoutMs } = runLimits
  const output = await runner.run(write(mark), { timeoutMs, outputBytesMax: 256 * 1024, mayRepeat: true, ...options })
  return readMarked(output.toString(), mark)
}

/** Lines behind a mark. */
export function readMarked(text: string, mark: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${mark} `))
  return lines.map((line) => line.slice(mark.length + 1))
}

function writeEnvironment(environment: Readonly<Record<string, string>>): string {
  const lines = Object.entries(environment).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new RangeError(`«${name}» is no name of a variable.`)
    return `export ${name}=${quoteShell(value)}`
  })
  return [...lines, `export PILOTHOUSE_MAILBOX="$PWD"/${runFiles.mailbox}`, ''].join('\n')
}

function checkFile(file: RunFile): RunFile {
  const isTaken = Object.values<string>(runFiles).includes(file.name)
  if (/^[\w][\w.-]*$/.test(file.name) && !isTaken) return file
  throw new RangeError(`«${file.name}» is no name of a file in a run folder.`)
}

/** A line of the look at run `number`; null for any other. */
function parseLook(line: string, number: number): RunLook | null {
  const [, at, said, bytes, host, since, cancelled, id] =
    /^run (\d+) (\w+) (\d+) (\S+) (\d+|-) ([01]) (\d+(?:_\d+)?|-)$/.exec(line) ?? []
  const state = lookStates.find((one) => one === said)
  if (at !== String(number) || state === undefined) return null
  return {
    state,
    logBytes: Number(bytes),
    host: host === undefined || host === '-' ? null : host,
    startedAt: since === '-' ? null : Number(since) * 1000,
    isCancelled: cancelled === '1',
    slurmId: id === undefined || id === '-' ? null : id,
    exit: null,
  }
}

/** A line of an exit record, times by the clock there; null for any other. */
export function parseExit(text: string): RunExit | null {
  const pattern = /^\{"exitCode":(\d+),"startedAt":(\d+),"endedAt":(\d+)(?:,"restarts":(\d+))?(,"isPreempted":true)?\}/
  const [, code, from, to, restarts = '0', preempted] = pattern.exec(text) ?? []
  if (code === undefined) return null
  const [startedAt, endedAt] = [Number(from) * 1000, Number(to) * 1000]
  const exit = { exitCode: Number(code), startedAt, endedAt, restarts: Number(restarts) }
  return preempted === undefined ? exit : { ...exit, isPreempted: true }
}

function unmade(runner: ScriptRunner, folder: string, why: string): RunError {
  const message = `${folder} cannot be made on ${runner.name}: ${why.trim()}`
  return new RunError('unmade', message, 'See that you may write there and that the disk has room.')
}

/** Of a run that only another machine reaches. */
export function elsewhere(runner: ScriptRunner, folder: string): RunError {
  const message = `The run in ${folder} was started on another machine than ${runner.name}.`
  return new RunError('busy', message, 'Log in there: only it reaches the process.')
}

function gone(runner: ScriptRunner, folder: string): RunError {
  return new RunError('gone', `There is no run in ${folder} on ${runner.name}.`, 'It was removed there.')
}

function unreadable(host: string, answer: string): RunError {
  return new RunError(
    'answer',
    `${host} answers what cannot be read: ${answer.slice(0, 200)}`,
    'See what its shell prints.',
  )
}
