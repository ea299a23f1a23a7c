import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import type { LaunchedWorker, LaunchResources } from '@pilothouse/contract'
import { isEnded, limits } from '@pilothouse/contract/wire'
import { viewWorkers } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import { gatherVariable, readGpus, readMemoryMb, readTimeMinutes } from '../read-wish.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }
type StartOptions = Options & {
  target: string
  count: number
  reach?: string
  gpus?: { type: string | null; count: number }
  cpus?: number
  memory?: number
  time?: number
  partition?: string
  account?: string
  qos?: string
  constraint?: string
  sbatch?: string[]
  env?: Record<string, string>
}
type StopOptions = Options & { all?: true; target?: string }

const examples = `
Each is launched as a job, with a token of its own that is revoked when the job is over. «pilothouse worker» must be there on the
target, or another command that is one stands behind --.

Machines behind ssh find the control room through the connection that it has to them. Nodes of a cluster need an address that
they reach: the public one of the control room (PILOTHOUSE_PUBLIC_URL), or that of --reach.

Examples:
  pilothouse workers start --count 2
  pilothouse workers start --target box --count 4 -- npx pilothouse worker --limit 64
  pilothouse workers start --target dgx --count 8 --cpus 2 --time 8h --reach http://control.lan:4080
  pilothouse workers stop --target dgx`

/** Adds the commands about workers that are launched on targets. */
export function addWorkersCommand(program: Command, { world }: CommandContext): void {
  const workers = program.command('workers').description('Launch workers of batches on targets, and stop them.')
  addStart(workers, world)
  const stop = workers
    .command('stop')
    .description('Stop workers that were launched from here: what they have is given back first.')
    .argument('[names...]', 'as the list has them')
    .option('--target <name>', 'all of this target')
    .option('--all', 'all of them')
    .option('--json', 'print JSON: {"workers"}')
  addServerOptions(stop).action((names: string[], options: StopOptions) => stopWorkers(names, options, world))
  const list = workers
    .command('list', { isDefault: true })
    .description('List the workers that were launched from here and are not over.')
    .option('--json', 'print JSON: {"workers"}')
  addServerOptions(list).action((options: Options) => listWorkers(options, world))
}

function addStart(workers: Command, world: World): void {
  const start = workers
    .command('start')
    .description('Launch workers. It needs the permission launches:create.')
    .argument('[command...]', 'what runs there in place of «pilothouse worker», after --')
    .addHelpText('after', examples)
    .option('--target <name>', 'where they run, as «pilothouse targets» lists them', 'local')
    .addOption(
      new Option('--count <count>', 'how many; on Slurm they are one array')
        .argParser(wholeNumber({ min: 1, max: limits.workersStartedMax }))
        .default(1),
    )
    .option('--reach <url>', 'where they find the control room; «ssh»: through the connection to their target')
    .option('--gpus <gpus>', 'GPUs of each, as 1 or a100:1', readGpus)
    .option('--cpus <count>', 'CPUs of each', wholeNumber({ min: 1, max: 10_000 }))
    .option('--memory <size>', 'memory of each, as 4G', readMemoryMb)
    .option('--time <span>', 'time limit of Slurm, as 8h or 1-12:00:00', readTimeMinutes)
    .option('--partition <name>', 'partition of Slurm')
    .option('--account <name>', 'account of Slurm')
    .option('--qos <name>', 'quality of service of Slurm')
    .option('--constraint <features>', 'features that their nodes must have')
    .option('--sbatch <option>', 'a further option of sbatch, as --exclusive; may be repeated', gather)
    .option('--env <assignment>', 'a variable of their environment, as NAME=VALUE; may be repeated', gatherVariable)
    .option('--json', 'print JSON: {"workers"}')
  addServerOptions(start).action((line: string[], options: StartOptions) => startWorkers(line, options, world))
}

async function startWorkers(line: readonly string[], options: StartOptions, world: World): Promise<void> {
  const { target, count, reach, sbatch, env } = options
  const body = {
    target,
    count,
    ...(line.length > 0 && { command: [...line] }),
    ...(reach !== undefined && { url: reach }),
    ...(sbatch && { directives: sbatch }),
    ...(env && { environment: env }),
    resources: readResources(options),
  }
  const { workers } = await connect(options, world).call('workers.start', { body })
  tell(world, options.json, workers)
}

function readResources(options: StartOptions): Partial<LaunchResources> {
  const { gpus, cpus, memory, time, partition, account, qos, constraint } = options
  return {
    ...(gpus && { gpus }),
    ...(cpus && { cpus }),
    ...(memory && { memoryMb: memory }),
    ...(time && { timeLimitMinutes: time }),
    ...(partition !== undefined && { partition }),
    ...(account !== undefined && { account }),
    ...(qos !== undefined && { qos }),
    ...(constraint !== undefined && { constraint }),
  }
}

async function listWorkers({ json, ...server }: Options, world: World): Promise<void> {
  const { workers } = await connect(server, world).call('workers.list')
  tell(world, json, workers)
}

async function stopWorkers(names: readonly string[], { json, ...options }: StopOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const chosen = await chooseWorkers(client, names, options)
  for (const { jobUid: uid, state } of chosen)
    if (state !== null && !isEnded(state)) await client.call('launches.order', { params: { uid, order: 'cancel' } })
  tell(world, json, chosen, 'Stopping:')
}

/** @throws CommandError `usage`, `notFound` */
async function chooseWorkers(
  client: Client,
  names: readonly string[],
  { all, target }: Pick<StopOptions, 'all' | 'target'>,
): Promise<LaunchedWorker[]> {
  const next = 'Name some, as «pilothouse workers list» has them, or say --target NAME or --all.'
  if (names.length === 0 && target === undefined && all !== true)
    throw new CommandError('usage', 'Nobody is named who is to stop.', { next })
  const { workers } = await client.call('workers.list')
  const known = new Set(workers.map(({ name }) => name))
  const stranger = names.find((name) => !known.has(name))
  if (stranger !== undefined)
    throw new CommandError('notFound', `No worker «${stranger}» that was launched from here runs.`, { next })
  return workers.filter((one) => all === true || one.target === target || names.includes(one.name))
}

function tell({ stdout }: World, json: boolean | undefined, workers: readonly LaunchedWorker[], head?: string): void {
  const view = viewWorkers(workers, { paint: stdout.paint, width: stdout.width() })
  const lines = [...(head === undefined || workers.length === 0 ? [] : [head]), ...view]
  stdout.write(`${json ? JSON.stringify({ workers }) : lines.join('\n')}\n`)
}
