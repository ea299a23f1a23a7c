import type { Command } from 'commander'
import type { Client } from '@pilothouse/client'
import type { Launch, LaunchOrder } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewFailure, viewLaunch } from '@pilothouse/terminal'
import { describeError } from '../describe-error.ts'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { waitOption } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type ShowOptions = ServerOptions & { script?: boolean; fresh?: boolean; json?: boolean }
type OrderOptions = ServerOptions & { wait: boolean; timeout: number; yes?: boolean; json?: boolean }
type CleanOptions = ServerOptions & { yes?: boolean; json?: boolean }

/** Between two questions for what came of it. */
const askMs = 300

type OrderWords = { order: LaunchOrder; what: string; done: string; asks: boolean }
const orders: readonly OrderWords[] = [
  {
    order: 'cancel',
    what: 'End launched jobs, also those that wait or are still being sent.',
    done: 'cancelled',
    asks: true,
  },
  { order: 'hold', what: 'Keep jobs that wait in the queue of Slurm from starting.', done: 'held', asks: false },
  { order: 'release', what: 'Let jobs that were held start.', done: 'released', asks: false },
  { order: 'requeue', what: 'End jobs that run under Slurm, and have them wait again.', done: 'requeued', asks: false },
]

const showExamples = `
Examples:
  pilothouse launched t7k2m9xq              its steps, where it lies, its place in the queue, what it can be told
  pilothouse launched t7k2m9xq --fresh      its target is asked first
  pilothouse launched t7k2m9xq --script     the script that runs there`

function orderExamples(order: LaunchOrder): string {
  return `
It is kept until its target can be reached, also where the command does not wait so long.

Examples:
  pilothouse ${order} t7k2m9xq
  pilothouse ${order} t7k2m9xq a8s1d2f3 --no-wait --json     for scripts: {"launches": […]}`
}

const cleanExamples = `
A job keeps its folder on its target until somebody removes it: script, log, and what the job wrote there itself, as its
checkpoints. What it reported, and its log, are in the control room. A folder with reports that have not arrived stays.

Examples:
  pilothouse clean t7k2m9xq                 asks before it does
  pilothouse clean t7k2m9xq a8s1d2f3 --yes`

/** Adds what shows launched jobs, and what is told to their targets. */
export function addLaunchedCommands(program: Command, context: CommandContext): void {
  const show = program
    .command('launched')
    .argument('<uid>', 'the job')
    .description('Show how a job was launched, and how it stands there.')
    .option('--script', 'print its script alone')
    .option('--fresh', 'ask its target first')
    .option('--json', 'print JSON')
    .addHelpText('after', showExamples)
  addServerOptions(show).action((uid: string, options: ShowOptions) => showLaunch(uid, options, context.world))
  for (const order of orders) addOrderCommand(program, order, context)
  addCleanCommand(program, context)
}

function addOrderCommand(
  program: Command,
  { order, what, done, asks }: OrderWords,
  { world, endWith }: CommandContext,
): void {
  const command = program
    .command(order)
    .argument('<uids...>', 'the jobs')
    .description(what)
    .option('--no-wait', 'do not wait until it is done')
    .addOption(waitOption())
    .option('--json', 'print JSON')
    .addHelpText('after', orderExamples(order))
  if (asks) command.option('--yes', 'do not ask')
  addServerOptions(command).action(async (uids: string[], options: OrderOptions) => {
    const client = connect(options, world)
    if (asks && !options.yes)
      await confirm(client, { uids, question: 'Cancel this?', no: 'Nothing was cancelled.' }, world)
    const does = (uid: string) => giveOrder(client, { uid, order, done }, options, world)
    endWith(await doEach(uids, { json: options.json, does }, world))
  })
}

function addCleanCommand(program: Command, { world, endWith }: CommandContext): void {
  const clean = program
    .command('clean')
    .argument('<uids...>', 'jobs that are over')
    .description('Remove the folders of launched jobs from their targets.')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', cleanExamples)
  addServerOptions(clean).action(async (uids: string[], options: CleanOptions) => {
    const client = connect(options, world)
    const question = 'Remove the folder over there, with all that was written into it?'
    if (!options.yes) await confirm(client, { uids, question, no: 'Nothing was removed.' }, world)
    const does = async (uid: string): Promise<[Launch, string]> => {
      const launch = await client.call('launches.clean', { params: { uid } })
      return [launch, launch.folder === null ? 'there was no folder' : `${launch.folder} is removed`]
    }
    endWith(await doEach(uids, { json: options.json, does }, world))
  })
}

async function showLaunch(uid: string, { script, fresh, json, ...server }: ShowOptions, world: World): Promise<void> {
  const client = connect(server, world)
  const launch = await client.call(fresh ? 'launches.refresh' : 'launches.get', { params: { uid } })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(launch)}\n`)
  if (!script) {
    const job = await client.call('jobs.get', { params: { uid } })
    return stdout.write(`${viewLaunch(launch, { job, paint: stdout.paint, now: world.now() }).join('\n')}\n`)
  }
  if (launch.script !== null) return stdout.write(launch.script)
  throw new CommandError('failed', `${launch.uid} has no script: it did not come that far.`, {
    next: `«pilothouse launched ${launch.uid}» says why.`,
  })
}

type Work = { json: boolean | undefined; does: (uid: string) => Promise<[Launch, string]> }

/** One after the other, whatever becomes of those before; resolves to the exit code of the last that went wrong. */
async function doEach(uids: readonly string[], { json, does }: Work, { stdout, stderr }: World): Promise<number> {
  let code: number = exitCodes.ok.code
  const launches: Launch[] = []
  for (const uid of uids) {
    try {
      const [launch, words] = await does(uid)
      launches.push(launch)
      if (!json) stdout.write(`${uid}: ${sanitizeForTerminal(words)}.\n`)
    } catch (error) {
      const { what, exit, ...more } = describeError(error)
      stderr.write(`${viewFailure({ what: sanitizeForTerminal(`${uid}: ${what}`), ...more }, stderr.paint)}\n`)
      code = exitCodes[exit].code
    }
  }
  if (json) stdout.write(`${JSON.stringify({ launches })}\n`)
  return code
}

type Order = { uid: string; order: LaunchOrder; done: string }

/** @throws CommandError when the target does not do it, or has not done it yet */
async function giveOrder(
  client: Client,
  { uid, order, done }: Order,
  { wait, timeout }: OrderOptions,
  world: World,
): Promise<[Launch, string]> {
  const given = await client.call('launches.order', { params: { uid, order } })
  const until = world.now() + timeout
  let launch = given
  while (wait && world.now() < until) {
    launch = await client.call('launches.get', { params: { uid } })
    if (!launch.orders.includes(order) || launch.restarts > given.restarts) return [launch, done]
    const { trouble, unknownSince } = launch
    if (trouble !== null && unknownSince === null && trouble.message !== given.trouble?.message)
      throw new CommandError('failed', `It was not ${done}.`, {
        why: sanitizeForTerminal(trouble.message),
        next: sanitizeForTerminal(trouble.hint),
      })
    await new Promise((resolve) => setTimeout(resolve, askMs))
  }
  if (!wait) return [launch, 'asked for']
  throw new CommandError('failed', `It has not been ${done} yet.`, {
    ...(launch.trouble && { why: sanitizeForTerminal(launch.trouble.message) }),
    next: `It still will be, as soon as ${launch.target.name} does it. «pilothouse launched ${uid}» says how it stands.`,
  })
}

type Question = { uids: readonly string[]; question: string; no: string }

/** Shows which jobs it is about, and asks. @throws CommandError when the answer is no, or nobody is there to give one. */
async function confirm(client: Client, { uids, question, no }: Question, world: World): Promise<void> {
  for (const uid of uids) {
    const { name, state, target } = await client.call('jobs.get', { params: { uid } })
    world.stderr.write(`${sanitizeForTerminal(`${uid}  ${name}, ${state} on ${target ?? 'nothing known'}`)}\n`)
  }
  const answer = await world.ask(`${question} [y/N] `)
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  if (answer !== null) throw new CommandError('failed', no, { why: 'The answer was not yes.' })
  throw new CommandError('usage', no, {
    why: 'Without a terminal nobody can confirm it.',
    next: 'Say --yes if it shall be done without a question.',
  })
}
