import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import type { LaunchResources, Serving, ServingKind, ServingStart } from '@pilothouse/contract'
import { limits, servingKinds } from '@pilothouse/contract/wire'
import { viewServing, viewServings } from '@pilothouse/terminal'
import { chooseProject, readCode } from '../choose-code.ts'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { followLaunch } from '../follow-launch.ts'
import { gather, readSpan, wholeNumber } from '../read-number.ts'
import { gatherVariable, readGpus, readMemoryMb, readTimeMinutes } from '../read-wish.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { findCheckpoint } from './copy-checkpoint.ts'

type Options = ServerOptions & { json?: boolean }
type StartOptions = Options & {
  model?: string
  checkpoint?: string
  as?: string
  kind?: ServingKind
  idle?: number
  target: string
  project?: string
  commit?: string
  asItIs?: true
  inPlace?: true
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
  follow?: boolean
}

const examples = `
It is launched as a job, with a key and a port of its own, and is an engine as soon as it answers. A command of one's own stands
behind --, with {model}, {name}, {host}, {port} where these belong; its key is in the variable PILOTHOUSE_ENGINE_KEY, or {key}.

Examples:
  pilothouse engines start small --model /models/small                       vLLM, on the machine of the control room
  pilothouse engines start tuned --checkpoint t7k2m9xq/step-4000 --target dgx --gpus 1 --time 8h --idle 30m
  pilothouse engines start tiny --kind llama.cpp --model ~/models/tiny.gguf --target box
  pilothouse engines start charlm --model model.pt -- python3 serve.py {model} --host {host} --port {port} --name {name}
  pilothouse engines stop tuned`

/** Adds the commands about engines that are started from here. */
export function addServingCommands(engines: Command, context: CommandContext): void {
  addStart(engines, context)
  const stop = engines
    .command('stop')
    .description('Stop an engine that was started from here.')
    .argument('<engine>', 'its name')
    .option('--json', 'print JSON')
  addServerOptions(stop).action((name: string, options: Options) => stopServing(name, options, context.world))
  const list = engines
    .command('started')
    .description('List the engines that were started from here, and how they stand.')
    .option('--json', 'print JSON: {"servings"}')
  addServerOptions(list).action((options: Options) => listServings(options, context.world))
}

function addStart(engines: Command, { world, endWith }: CommandContext): void {
  const start = engines
    .command('start')
    .description('Start an engine for a checkpoint or a model. It needs the permission launches:create.')
    .argument('<name>', 'what it is called here')
    .argument('[command...]', 'its command, after --')
    .addHelpText('after', examples)
    .addOption(new Option('--model <path>', 'the model, where its target has it').conflicts('checkpoint'))
    .option('--checkpoint <job/checkpoint>', 'a checkpoint, as «pilothouse checkpoints JOB» lists it')
    .option('--as <model>', 'what requests call the model (default: the name of the engine)')
    .addOption(
      new Option('--kind <kind>', 'what it is (default: vllm, or custom with a command)').choices(servingKinds),
    )
    .option('--idle <span>', 'stopped when nobody has used it for so long, as 30m (default: never)', readSpan)
    .option('--target <name>', 'where it runs, as «pilothouse targets» lists them', 'local')
    .option('--project <name>', 'take code of this project along, by name or id (default: none)')
    .addOption(new Option('--commit <id>', 'the code of this commit, or of HEAD').conflicts(['asItIs', 'inPlace']))
    .addOption(new Option('--as-it-is', 'the code as it lies in the folder now (default)').conflicts('inPlace'))
    .option('--in-place', 'take no copy of the code: it runs in the folder itself')
    .option('--gpus <gpus>', 'GPUs, as 4 or a100:4', readGpus)
    .option('--cpus <count>', 'CPUs', wholeNumber({ min: 1, max: 10_000 }))
    .option('--memory <size>', 'memory, as 64G', readMemoryMb)
    .option('--time <span>', 'time limit, as 8h or 1-12:00:00', readTimeMinutes)
    .option('--partition <name>', 'partition of Slurm')
    .option('--account <name>', 'account of Slurm')
    .option('--qos <name>', 'quality of service of Slurm')
    .option('--constraint <features>', 'features that its node must have')
    .option('--sbatch <option>', 'a further option of sbatch, as --exclusive; may be repeated', gather)
    .option('--env <assignment>', 'a variable of its environment, as NAME=VALUE; may be repeated', gatherVariable)
    .addOption(new Option('-f, --follow', 'tell the steps, then print its log until it ends').conflicts('json'))
    .option('--json', 'print JSON')
  addServerOptions(start).action(async (name: string, line: string[], options: StartOptions) => {
    endWith(await startServing({ name, line }, options, world))
  })
}

async function startServing(
  { name, line }: { name: string; line: readonly string[] },
  options: StartOptions,
  world: World,
): Promise<number> {
  const { json, follow, target, sbatch, env, as: modelName } = options
  const kind = options.kind ?? (line.length > 0 ? 'custom' : 'vllm')
  const idleMinutes = readIdle(options.idle)
  const client = connect(options, world)
  const model = await readModel(client, options)
  const { project } = await chooseProject(client, options.project ?? false, world)
  const code = readCode(options, project)
  const body: ServingStart = {
    name,
    target,
    kind,
    model,
    idleMinutes,
    project: project?.id ?? null,
    ...(code && { code }),
    ...(modelName !== undefined && { modelName }),
    ...(line.length > 0 && { command: [...line] }),
    ...(sbatch && { directives: sbatch }),
    ...(env && { environment: env }),
    resources: readResources(options),
  }
  const serving = await client.call('servings.start', { body })
  tell(world, json, serving, (view) => viewServing(serving, view))
  return follow ? followLaunch(client, serving.jobUid, world) : exitCodes.ok.code
}

/** @throws CommandError `usage`, `notFound` */
async function readModel(client: Client, { model, checkpoint }: StartOptions): Promise<ServingStart['model']> {
  if (model !== undefined) return { path: model }
  const [, jobUid = '', asked = ''] = /^([^/]+)\/(.+)$/.exec(checkpoint ?? '') ?? []
  if (jobUid !== '') return { jobUid, checkpointId: (await findCheckpoint(client, jobUid, asked)).id }
  const next = 'Name a model with --model PATH, or a checkpoint with --checkpoint JOB/CHECKPOINT.'
  throw new CommandError('usage', 'There is nothing to serve.', { next })
}

/** @throws CommandError `usage` */
function readIdle(ms: number | undefined): number | null {
  if (ms === undefined) return null
  const minutes = Math.round(ms / 60_000)
  if (minutes >= 1 && minutes <= limits.servingIdleMinutesMax) return minutes
  throw new CommandError('usage', 'An engine may be idle for one minute to 30 days.', { next: 'Write --idle 30m.' })
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

async function stopServing(name: string, { json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const { id } = await findServing(client, name)
  const serving = await client.call('servings.stop', { params: { id } })
  tell(world, json, serving, (view) => viewServing(serving, view))
}

async function listServings({ json, ...server }: Options, world: World): Promise<void> {
  const answer = await connect(server, world).call('servings.list')
  tell(world, json, answer, (view) => viewServings(answer.servings, view))
}

/** @throws CommandError `notFound` */
async function findServing(client: Client, name: string): Promise<Serving> {
  const { servings } = await client.call('servings.list')
  const running = servings.filter(({ endedAt }) => endedAt === null)
  const found = running.find((one) => one.name === name)
  if (found) return found
  throw new CommandError('notFound', `No engine «${name}» that was started from here runs.`, {
    next:
      running.length === 0
        ? 'Start one with «pilothouse engines start».'
        : `There are: ${running.map((one) => one.name).join(', ')}.`,
  })
}

type View = Parameters<typeof viewServing>[1]

function tell({ stdout, now }: World, json: boolean | undefined, answer: unknown, view: (how: View) => string[]): void {
  const how = { paint: stdout.paint, width: stdout.width(), now: now() }
  stdout.write(`${json ? JSON.stringify(answer) : view(how).join('\n')}\n`)
}
