import { constants } from 'node:os'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { Option } from 'commander'
import { type JobCreate, type JobKind, jobKinds, PilothouseError, type StateEvent } from '@pilothouse/contract'
import { makeUid, type RunResult, runLocal } from '@pilothouse/fleet'
import { combinePatterns, type UserPattern } from '@pilothouse/signals'
import { viewFailure, viewRunEnd, viewRunStart } from '@pilothouse/terminal'
import { OutputReader } from '../capture-output.ts'
import { CommandError } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import { gather, gatherPattern } from '../read-number.ts'
import { ReportedJob } from '../reported-job.ts'
import type { CommandContext } from '../run-cli.ts'
import { sampleHost } from '../sample-host.ts'
import { addServerOptions } from '../server-options.ts'
import type { World } from '../world.ts'

type RunOptions = ServerOptions & {
  name?: string
  project?: string
  tag?: string[]
  model?: string
  modelType?: string
  dataset?: string
  kind: JobKind
  pattern?: UserPattern[]
  quiet?: boolean
}

/** After the command has ended, so long is spent on sending what waits; less where nobody ever answered. */
const farewellMs = { known: 10_000, unknown: 2_000 }
/** Exit codes of shells: a command that was not found, one that may not be executed. */
const notFoundCode = 127
const notExecutableCode = 126

/** A command that ends by one of these, or with its exit code in a shell, was asked to end. */
const askingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Python holds lines back where its output is no terminal; they are wanted at once. What the user set stays. */
const unbuffered = { PYTHONUNBUFFERED: '1' }

const examples = `
Any program: its output is passed through, captured, and read for progress, losses and learning rates. It ends with the
exit code of the command (128 + n for a signal). Without a control room the command runs all the same.

Examples:
  pilothouse run -- python3 train.py --epochs 3
  pilothouse run --name baseline --project vision --tag first -- ./train.sh
  pilothouse run --kind evaluation --model resnet50 -- python3 evaluate.py
  pilothouse run --pattern 'it (?<step>\\d+) of (?<totalSteps>\\d+): (?<loss>[\\d.]+)' -- ./train

A pattern comes before the built-in ones. Its groups: step, totalSteps, epoch, totalEpochs, percent, stage, done, total,
rate, unit, key with value, metrics for text that holds further pairs; any other name is a metric.

A script with the SDK inside reports its numbers itself; those that it prints are then not read. Inside another
\`pilothouse run\` the command belongs to the job of that one.`

export function addRunCommand(program: Command, { world, endWith }: CommandContext): void {
  const command = program
    .command('run')
    .argument('<command...>', 'what to run, after --')
    .description('Run any command as a job.')
    .option('--name <name>', 'name of the job (default: what the command is called)')
    .option('--project <name>', 'project that it belongs to (default: the folder)')
    .option('--tag <tag>', 'tag; may be repeated', gather)
    .option('--model <name>', 'model that it trains')
    .option('--model-type <type>', 'as «language model», «classifier»')
    .option('--dataset <name>', 'data that it trains on')
    .addOption(new Option('--kind <kind>', 'what it does').choices(jobKinds).default('training'))
    .option('--pattern <regex>', 'how to read a line, by named groups; may be repeated', gatherPattern)
    .option('-q, --quiet', 'say nothing but what the command says')
    .passThroughOptions()
    .addHelpText('after', examples)
  addServerOptions(command).action(async (line: string[], options: RunOptions) => {
    endWith(await runJob(line, options, world))
  })
}

async function runJob(line: readonly string[], options: RunOptions, world: World): Promise<number> {
  // Held from here on, because the end of the command is to be told, also when Ctrl-C brought it.
  const interrupt = new AbortController()
  world.onStop((signal) => signal === 'SIGINT' && interrupt.abort())
  world.outliveReaders()
  const say = (text: string): void => (options.quiet ? undefined : world.stderr.write(`${text}\n`))
  if (isWrapped(world)) return toExitCode(await runLine(line, { world }))
  const job = prepareJob(line, { options, world })
  if (job === undefined) return toExitCode(await runLine(line, { world }))
  const isKnown = await job.begin()
  say(viewRunStart({ uid: job.uid, page: isKnown ? job.page : null }, world.stderr.paint))
  const startedAt = performance.now()
  const patterns = combinePatterns(options.pattern ?? [])
  const output = new OutputReader(job.reporter, { now: world.now, patterns, listen: () => job.listen() })
  let stopSampling = (): void => undefined
  const watch = (pid: number): void => {
    const place = { pid, folder: world.workingFolder, env: { ...world.environment } }
    stopSampling = sampleHost(job.reporter, { ...place, step: () => output.step })
  }
  const outcome = await runLine(line, { world, environment: job.describe(), output, watch })
  stopSampling()
  output.end()
  job.reporter.setState(describeEnd(outcome, interrupt.signal.aborted))
  const unsent = await job.end(isKnown ? farewellMs.known : farewellMs.unknown)
  const ending = { ...toResult(outcome), durationMs: performance.now() - startedAt, lines: output.lines, unsent }
  if (!(outcome instanceof CommandError)) say(viewRunEnd({ ...ending, page: job.page }, world.stderr.paint))
  return toExitCode(outcome)
}

/** True inside another `pilothouse run`: that one captures this output and sees the end; told twice, each line would be there twice. */
function isWrapped({ environment }: World): boolean {
  return environment['PILOTHOUSE_OUTPUT'] === 'wrapper' && Boolean(environment['PILOTHOUSE_JOB'])
}

/** The job to tell of; undefined where no control room is known, which is said. */
function prepareJob(
  line: readonly string[],
  { options, world }: { options: RunOptions; world: World },
): ReportedJob | undefined {
  const { environment, stderr } = world
  const warn = (what: string, next?: string): void => stderr.write(`${viewFailure({ what, next }, stderr.paint)}\n`)
  try {
    const server = findServer(options, world, 'report.token')
    const uid = environment['PILOTHOUSE_JOB'] || makeUid()
    const attempt = Number(environment['PILOTHOUSE_ATTEMPT'] || 1)
    return new ReportedJob({ server, uid, attempt, body: describeLine(line, { options, world }), warn })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    warn(`${error.message} The command runs without being recorded.`, error.next)
    return undefined
  }
}

function describeLine(line: readonly string[], { options, world }: { options: RunOptions; world: World }): JobCreate {
  const { name, project, tag, model, modelType, dataset, kind } = options
  const folder = world.workingFolder
  return {
    kind,
    name: name ?? nameLine(line),
    project: project ?? (basename(folder) || 'default'),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(model === undefined ? {} : { model }),
    ...(modelType === undefined ? {} : { modelType }),
    ...(dataset === undefined ? {} : { dataset }),
    recipe: { command: [...line], workingDirectory: folder },
  }
}

/** What a person would call it: the script that an interpreter runs, else the program. */
function nameLine(line: readonly string[]): string {
  const script = line.slice(1).find((word) => /\.(py|sh|js|ts|rb|jl|R)$/.test(word))
  return basename(script ?? line[0] ?? 'command').slice(0, 200)
}

type Outcome = RunResult | CommandError
type LineContext = {
  world: World
  environment?: Record<string, string>
  output?: OutputReader
  watch?: (pid: number) => void
}

/** Runs the command; one that cannot be started is an outcome, too, and has been told. */
async function runLine(
  line: readonly string[],
  { world, environment = {}, output, watch }: LineContext,
): Promise<Outcome> {
  const [command = '', ...args] = line
  const { stdout, stderr } = world
  try {
    return await runLocal({
      command,
      args,
      env: { ...unbuffered, ...world.environment, ...environment },
      stdout: stdout.stream,
      stderr: stderr.stream,
      onStart: (pid) => watch?.(pid),
      onOutput: (stream, bytes) => output?.push(stream, bytes),
    })
  } catch (error) {
    if (!(error instanceof PilothouseError)) throw error
    stderr.write(`${viewFailure({ what: error.message, next: error.hint }, stderr.paint)}\n`)
    return new CommandError(error.code === 'notFound' ? 'notFound' : 'failed', error.message, { cause: error })
  }
}

function describeEnd(outcome: Outcome, interrupted: boolean): Omit<StateEvent, 'at'> {
  if (outcome instanceof CommandError) {
    return { state: 'failed', exitCode: toExitCode(outcome), error: { type: 'exit', message: outcome.message } }
  }
  const { exitCode, signal } = outcome
  const how = { ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) }
  if (exitCode === 0) return { state: 'completed', ...how }
  const asked = interrupted || askingSignals.some((one) => one === signal || 128 + constants.signals[one] === exitCode)
  return { state: asked ? 'cancelled' : 'failed', ...how }
}

function toResult(outcome: Outcome): RunResult {
  return outcome instanceof CommandError ? { exitCode: toExitCode(outcome), signal: null } : outcome
}

/** As a shell has it. */
function toExitCode(outcome: Outcome): number {
  if (outcome instanceof CommandError) return outcome.exit === 'notFound' ? notFoundCode : notExecutableCode
  if (outcome.exitCode !== null) return outcome.exitCode
  return 128 + (outcome.signal === null ? 0 : constants.signals[outcome.signal])
}
