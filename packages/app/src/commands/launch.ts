import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import {
  joinWords,
  type Launched,
  type LaunchPlan,
  type LaunchSpec,
  launchSpec,
  type LaunchSpecInput,
  type Project,
} from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewLaunchCode, viewPlan, viewProblems } from '@pilothouse/terminal'
import { chooseProject, readCode } from '../choose-code.ts'
import { checkWords, viewWordsCheck, type WordsCheck } from '../check-words.ts'
import { CommandError, exitCodes } from '../exit-code.ts'
import { followLaunch } from '../follow-launch.ts'
import type { CommandContext } from '../run-cli.ts'
import { connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { findPreset, keepPreset, readPresetWish } from './launch-presets.ts'
import { addLaunchOptions, type LaunchOptions, readChanges, readSweeps, unaskedMax } from './launch-options.ts'

const launchExamples = `
The words of the command reach the job as they stand here: no shell reads them. It needs the permission launches:create,
which admins have. What happens step by step, and what lies where: docs/launching.md.

With --check the script is asked before anything is sent, and nothing is where it refuses a job of them. Its beginning runs for
that, up to where it reads its arguments, on the machine of the control room and as its user, in the code that lies there now.

Examples:
  pilothouse launch -- python3 train.py --epochs 3              this folder's project, where the control room runs
  pilothouse launch --target dgx --gpus a100:4 --time 8h -- python3 train.py
  pilothouse launch --target dgx --gpus 4 --dry-run -- python3 train.py     what would run, and when
  pilothouse launch --commit HEAD --follow -- ./train.sh        with its log, and its exit code
  pilothouse launch --target dgx --nodes 2 --gpus 8 --torchrun -- python3 train.py
  pilothouse launch --sweep 'lr=1e-3,1e-4' --sweep 'seed=range(1,4)' -- python3 train.py     6 jobs
  pilothouse launch --target dgx --sweep 'seed=range(1,50)' --array 4 -- python3 train.py     one array, 4 at a time
  pilothouse launch --check --sweep '--depth=range(1,9)' -- python3 train.py     none, where train.py refuses one
  pilothouse launch --save-preset night --target dgx --gpus 4 --time 8h -- python3 train.py     kept, not launched
  pilothouse launch --preset night --time 2h                    with what is other
  pilothouse launch --show-script -- python3 train.py > job.sh
  pilothouse launch --script job.sh -- python3 train.py         what job.sh says by now`

const resubmitExamples = `
Everything is as it was with that job, but what the options change; after -- stands another command. What was launched from a
folder as it was then is launched from the folder as it is now. --env adds to the variables, the other options replace.

Examples:
  pilothouse resubmit t7k2m9xq                        the same again
  pilothouse resubmit t7k2m9xq --time 1-00:00:00      with more time
  pilothouse resubmit t7k2m9xq --target dgx --gpus 8 -- python3 train.py --lr 1e-4`

export function addLaunchCommands(program: Command, { world, endWith }: CommandContext): void {
  const launch = program
    .command('launch')
    .argument('[command...]', 'what to run, after --')
    .description('Launch a job: where the control room runs, on a machine behind ssh, or on a Slurm cluster.')
    .passThroughOptions()
    .addHelpText('after', launchExamples)
  launch
    .option('--preset <name>', 'begin with a preset, as «pilothouse presets» lists them; options change what they name')
    .addOption(
      new Option(
        '--save-preset <name>',
        'launch nothing: keep it under a name, without the values of its variables',
      ).conflicts(['dryRun', 'showScript', 'follow', 'script', 'sweep', 'array', 'check']),
    )
    .option('--share', 'with --save-preset: for everybody who may see jobs')
  addLaunchOptions(launch).action(async (line: string[], options: LaunchOptions) => {
    endWith(await launchNew(line, options, world))
  })
  const resubmit = program
    .command('resubmit')
    .argument('<uid>', 'a job that was launched')
    .argument('[command...]', 'another command, after --')
    .description('Launch a job once more, with changes.')
    .addHelpText('after', resubmitExamples)
  addLaunchOptions(resubmit).action(async (uid: string, line: string[], options: LaunchOptions) => {
    endWith(await launchAgain({ uid, line }, options, world))
  })
}

async function launchNew(line: readonly string[], options: LaunchOptions, world: World): Promise<number> {
  const { script, preset: asked } = options
  if (asked !== undefined) return launchPresetOf(asked, line, options, world)
  // A script of one's own says itself what runs; the job is called after it.
  const command = line.length === 0 && typeof script === 'string' ? [basename(script)] : [...line]
  if (command.length === 0)
    throw new CommandError('usage', 'There is nothing to launch.', { next: 'Write the command behind --.' })
  const order = readOrder(options, world)
  checkSpec({ ...readChanges(options, {}), command })
  const client = connect(options, world)
  const { project, within } = await chooseProject(client, options.project, world)
  if (project === null && options.project === undefined) tellNoProject(options, world)
  const code = readCode(options, project)
  const spec = {
    ...readChanges({ within, ...options }, {}),
    project: project?.id ?? null,
    ...(code && { code }),
    command,
  }
  return sendOrKeep(client, { ...order, spec, project }, world)
}

/** As a preset has it, but what the options change; after -- stands another command. */
async function launchPresetOf(
  asked: string,
  line: readonly string[],
  options: LaunchOptions,
  world: World,
): Promise<number> {
  const order = readOrder(options, world)
  const client = connect(options, world)
  const found = await findPreset(client, asked)
  const { before, command } = readPresetWish(found, line, options.env)
  const { project } = await chooseProject(client, options.project ?? found.preset.project ?? false, world)
  const isOther = project?.name !== (found.preset.project ?? undefined)
  const asksCode = options.commit !== undefined || options.asItIs || options.inPlace || isOther
  const code = asksCode ? readCode(options, project) : found.preset.spec.code
  const spec = {
    ...readChanges(options, isOther ? { ...before, within: '' } : before),
    project: project?.id ?? null,
    code: code ?? { kind: 'tree' as const },
    command,
  }
  return sendOrKeep(client, { ...order, spec, project }, world)
}

async function sendOrKeep(client: Client, sending: Sending, world: World): Promise<number> {
  const { options, spec } = sending
  const project = sending.project?.name ?? null
  if (options.savePreset === undefined) return send(client, sending, world)
  checkSpec(spec)
  const view = await keepPreset(client, { name: options.savePreset, spec, project }, options.share === true)
  const { stdout } = world
  if (options.json) stdout.write(`${JSON.stringify(view)}\n`)
  else
    stdout.write(
      `${sanitizeForTerminal(`Preset «${view.name}» saved.`)} ${new URL(`/launch?preset=${view.id}`, client.baseUrl).href}\n`,
    )
  return exitCodes.ok.code
}

function tellNoProject({ json, showScript }: LaunchOptions, { stderr }: World): void {
  if (json || showScript) return
  stderr.write(
    'This folder belongs to no project, so no code is taken along; «pilothouse projects add .» makes it one.\n',
  )
}

async function launchAgain(
  { uid, line }: { uid: string; line: readonly string[] },
  options: LaunchOptions,
  world: World,
): Promise<number> {
  const order = readOrder(options, world)
  const client = connect(options, world)
  const { spec: before, scriptBy } = await client.call('launches.get', { params: { uid } })
  if (scriptBy !== null && options.script === undefined)
    throw new CommandError('usage', `The script of ${uid} was written by hand, with the folders of that job in it.`, {
      next: `«pilothouse launched ${uid} --script» prints it: change it and give it as --script FILE, or say --no-script.`,
    })
  const asked = options.project ?? (before.project === null ? false : String(before.project))
  const { project } = await chooseProject(client, asked, world)
  const code = readCode(options, project)
  const isOther = project?.id !== before.project
  const spec = {
    ...readChanges(options, isOther ? { ...before, within: '' } : before),
    project: project?.id ?? null,
    code: code ?? (isOther ? { kind: 'tree' as const } : before.code),
    command: line.length > 0 ? [...line] : before.command,
  }
  return send(client, { ...order, spec, project }, world)
}

type Order = {
  options: LaunchOptions
  /** Words of each job of a sweep. */
  variants: string[][] | undefined
  script: string | undefined
}

/** What is wrong with the command line alone is said before anything is asked. @throws CommandError `usage` */
function readOrder(options: LaunchOptions, world: World): Order {
  const variants = readSweeps(options.sweep)
  if (options.follow && variants !== undefined && variants.length > 1)
    throw new CommandError('usage', `One job can be followed, and these are ${variants.length}.`, {
      next: 'Launch them without --follow; «pilothouse logs -f» follows one of them.',
    })
  if (options.array !== undefined && (variants === undefined || variants.length < 2))
    throw new CommandError('usage', 'A job array needs several jobs.', {
      next: "Add --sweep, as --sweep 'lr=1e-3,1e-4'.",
    })
  const script = typeof options.script === 'string' ? readScript(options.script, world) : undefined
  return { options, variants, script }
}

type Sending = Order & { spec: LaunchSpecInput; project: Pick<Project, 'id' | 'name'> | null }

/** Resolves to the exit code. */
async function send(client: Client, sending: Sending, world: World): Promise<number> {
  const { project, options, variants, script } = sending
  const { dryRun = false, follow, showScript, json, array } = options
  const { stdout, stderr } = world
  const spec = checkSpec(sending.spec)
  if (array !== undefined) await checkArray(client, spec)
  const found = await client.call('launches.plan', { body: { spec, dryRun } })
  const plan = script === undefined ? found : { ...found, script }
  if (showScript) {
    tellProblems(plan, world)
    if (plan.script !== null) stdout.write(plan.script)
    return exitCodes.ok.code
  }
  const check = options.check ? await checkWords(client, { spec, variants: variants ?? [[]], project }) : null
  if (dryRun) {
    if (json) stdout.write(`${JSON.stringify({ plan, variants: variants ?? null, check })}\n`)
    else stdout.write(`${viewDryRun(plan, { ...sending, spec, check }, world).join('\n')}\n`)
    const isFine = plan.problems.every(({ level }) => level !== 'error') && !check?.refused.length
    return isFine ? exitCodes.ok.code : exitCodes.failed.code
  }
  tellProblems(plan, world)
  if (check) tellCheck(check, options, world)
  if (project !== null && !json) stderr.write(`${viewLaunchCode(plan, project.name)}\n`)
  const jobs = variants?.length ?? 1
  if (jobs > unaskedMax && !options.yes) await confirm(jobs, world)
  const launched = await client.call('launches.create', {
    body: {
      spec: sending.spec,
      ...(variants && { variants }),
      ...(array !== undefined && { array: { atOnce: array === true ? null : array } }),
      ...(script !== undefined && { script }),
    },
  })
  if (json) stdout.write(`${JSON.stringify(launched)}\n`)
  else (follow ? stderr : stdout).write(`${viewLaunched(launched, variants, client).join('\n')}\n`)
  const [first] = launched.jobs
  return follow && first ? followLaunch(client, first.uid, world) : exitCodes.ok.code
}

function viewDryRun(
  plan: LaunchPlan,
  {
    spec,
    project,
    variants = [[]],
    options: { array },
    check,
  }: Sending & { spec: LaunchSpec; check: WordsCheck | null },
  { stdout: { paint }, now }: World,
): string[] {
  const lines = viewPlan(plan, { spec, project: project?.name ?? null, variants, array, paint, now: now() })
  if (check === null) return lines
  const refused = viewWordsCheck(check).map((line) => `${paint('red', '✗')} ${line}`)
  return [...lines, ...refused]
}

/** @throws CommandError where the target has no job arrays */
async function checkArray(client: Client, { target: name }: LaunchSpec): Promise<void> {
  const { targets } = await client.call('targets.list')
  const target = targets.find((one) => one.name === name)
  if (target === undefined || target.kind === 'slurm') return
  throw new CommandError('failed', 'Nothing was launched.', {
    why: sanitizeForTerminal(`Only Slurm has job arrays, and «${name}» is no cluster of it.`),
    next: 'Leave --array out: the jobs are launched one by one.',
  })
}

/** @throws CommandError where its script refuses one of the jobs */
function tellCheck(check: WordsCheck, { json }: LaunchOptions, { stderr }: World): void {
  const { script, jobs, checked, refused } = check
  const [sign, style] = refused.length > 0 ? (['✗', 'red'] as const) : (['!', 'yellow'] as const)
  for (const line of viewWordsCheck(check)) stderr.write(`${stderr.paint(style, sign)} ${line}\n`)
  const name = sanitizeForTerminal(script)
  if (refused.length > 0)
    throw new CommandError('failed', 'Nothing was launched.', {
      why: jobs === 1 ? `${name} refuses these words.` : `${name} refuses ${refused.length} of the ${jobs} jobs.`,
      next: 'Change the words, or leave --check out to launch it all the same.',
    })
  if (json) return
  const which =
    jobs === 1 ? 'these words' : `the words of ${checked < jobs ? `the first ${checked} of ` : ''}${jobs} jobs`
  stderr.write(`${name} takes ${which}.\n`)
}

/**
 * Reads it as the server does, which then has nothing to say against it.
 * @throws CommandError `usage`
 */
function checkSpec(spec: LaunchSpecInput): LaunchSpec {
  const read = launchSpec.safeParse(spec)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const [field, value] = [issue?.path.join('.') ?? '', issue?.path.reduce<unknown>(pick, spec)]
  const shown = typeof value === 'string' ? ` «${value.slice(0, 100)}»` : ''
  throw new CommandError(
    'usage',
    sanitizeForTerminal(`The job cannot be launched as it is written: ${field}${shown}.`),
    {
      why: issue?.message ?? '',
    },
  )
}

function pick(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** @throws CommandError when something keeps it from being sent */
function tellProblems({ problems }: LaunchPlan, { stderr }: World): void {
  const [error, ...more] = problems.filter(({ level }) => level === 'error')
  const rest = [...more, ...problems.filter(({ level }) => level === 'warning')]
  for (const line of viewProblems(rest, stderr.paint)) stderr.write(`${line}\n`)
  if (error)
    throw new CommandError('failed', 'Nothing was launched.', {
      why: sanitizeForTerminal(error.message),
      ...(error.hint !== null && { next: sanitizeForTerminal(error.hint) }),
    })
}

function readScript(path: string, { workingFolder }: World): string {
  try {
    return readFileSync(resolve(workingFolder, path), 'utf8')
  } catch (cause) {
    throw new CommandError('usage', `The script ${sanitizeForTerminal(path)} cannot be read.`, {
      why: cause instanceof Error ? cause.message : String(cause),
      next: '--script takes a file; «pilothouse launch --show-script» prints one to begin with.',
    })
  }
}

/** @throws CommandError when the answer is no, or nobody is there to give one. */
async function confirm(jobs: number, world: World): Promise<void> {
  const answer = await world.ask(`Launch ${jobs} jobs? [y/N] `)
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  if (answer !== null) throw new CommandError('failed', 'Nothing was launched.', { why: 'The answer was not yes.' })
  throw new CommandError('usage', 'Nothing was launched.', {
    why: `These are ${jobs} jobs, and without a terminal nobody can confirm it.`,
    next: 'Say --yes if they shall be launched without a question.',
  })
}

function viewLaunched({ jobs, group }: Launched, variants: readonly string[][] | undefined, client: Client): string[] {
  const lines = jobs.map(({ uid, page }, at) => {
    const words = variants?.[at] ? `  ${sanitizeForTerminal(joinWords(variants[at]))}` : ''
    return `${uid}  ${new URL(page, client.baseUrl).href}${words}`
  })
  return group === null ? lines : [...lines, `${jobs.length} jobs in the group ${sanitizeForTerminal(group)}`]
}
