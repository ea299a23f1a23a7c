/** Options of what launches, and what they say of a specification. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  type JobKind,
  jobKinds,
  type LaunchResources,
  type LaunchSpec,
  type LaunchSpecInput,
  limits,
  listScriptJobs,
  type ScriptOverride,
  type ScriptShape,
} from '@pilothouse/contract'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, readSpan, wholeNumber } from '../read-number.ts'
import { gatherVariable, readGpus, readMemoryMb, readTimeMinutes } from '../read-wish.ts'
import { addServerOptions } from '../server-options.ts'

export type LaunchOptions = ServerOptions & {
  target?: string
  /** false: no code is taken along. */
  project?: string | false
  commit?: string
  asItIs?: true
  inPlace?: true
  within?: string
  name?: string
  tag?: string[]
  kind?: JobKind
  gpus?: { type: string | null; count: number }
  nodes?: number
  tasks?: number
  cpus?: number
  memory?: number
  time?: number
  partition?: string
  account?: string
  qos?: string
  reservation?: string
  constraint?: string
  sbatch?: string[]
  env?: Record<string, string>
  torchrun?: boolean
  requeue?: boolean
  /** ms; false: not at all. */
  warn?: number | false
  /** A file; false: the one that the template makes. */
  script?: string | false
  sweep?: string[]
  /** Jobs at a time; true: as many as there is room for. */
  array?: number | true
  /** Its script looks at the words before anything is sent. */
  check?: boolean
  dryRun?: boolean
  showScript?: boolean
  /** Name or id of a preset that it begins with. */
  preset?: string
  /** Name under which the wish is kept. */
  savePreset?: string
  share?: boolean
  follow?: boolean
  yes?: boolean
  json?: boolean
}

const count = wholeNumber({ min: 1, max: 10_000 })

/** Options that say nothing change nothing: `resubmit` has the same. */
export function addLaunchOptions(command: Command): Command {
  command
    .option('--target <name>', 'where it runs, as «pilothouse targets» lists them (default: local)')
    .option('--project <name>', 'the project whose code it runs, by name or id; by default the one of this folder')
    .option('--no-project', 'take no code along')
    .addOption(new Option('--commit <id>', 'the code of this commit, or of HEAD').conflicts(['asItIs', 'inPlace']))
    .addOption(new Option('--as-it-is', 'the code as it lies in the folder now (default)').conflicts('inPlace'))
    .option('--in-place', 'take no copy of the code: it runs in the folder itself')
    .option('--within <folder>', 'folder of the project in which it starts; by default this one')
    .option('--name <name>', 'name of the job (default: what its script is called)')
    .option('--tag <tag>', 'tag; may be repeated', gather)
    .addOption(new Option('--kind <kind>', 'what it does').choices(jobKinds))
    .option('--gpus <gpus>', 'GPUs on each node, as 4 or a100:4', readGpus)
    .option('--nodes <count>', 'nodes', count)
    .option('--tasks <count>', 'tasks on each node; with --torchrun processes', count)
    .option('--cpus <count>', 'CPUs of each task', count)
    .option('--memory <size>', 'memory of each node, as 64G', readMemoryMb)
    .option('--time <span>', 'time limit, as 8h or 1-12:00:00', readTimeMinutes)
    .option('--partition <name>', 'partition of Slurm')
    .option('--account <name>', 'account of Slurm')
    .option('--qos <name>', 'quality of service of Slurm')
    .option('--reservation <name>', 'reservation of Slurm')
    .option('--constraint <features>', 'features that its nodes must have')
    .option('--sbatch <option>', 'a further option of sbatch, as --exclusive; may be repeated', gather)
    .option('--env <assignment>', 'a variable of its environment, as NAME=VALUE; may be repeated', gatherVariable)
    .option('--torchrun', 'several processes a node that torchrun starts: the command is what runs in each')
    .option('--no-torchrun', 'a single process (default)')
    .option('--requeue', 'Slurm may start it again when it had to make room (default)')
    .option('--no-requeue', 'it may not')
    .option('--warn <span>', 'so long before its time is over it gets SIGUSR1 (default: not at all)', readWarning)
    .option('--no-warn', 'it does not')
    .option('--script <file>', 'run this script in place of the one that the template makes')
    .option('--no-script', 'the one that the template makes (default)')
    .option('--sweep <values>', "a job for each value, as 'lr=1e-3,1e-4'; repeated: for each combination", gather)
    .option('--array [number]', 'with --sweep: Slurm gets the jobs as one job array, so many at a time', readAtOnce)
    .option(
      '--check',
      'first its Python script looks at the words of every job: its beginning runs for that, see below',
    )
    .addOption(new Option('-f, --follow', 'tell the steps, then print its log until it ends').conflicts('json'))
    .option('--dry-run', 'launch nothing: say what would run, what it asks for, and when it would start')
    .addOption(new Option('--show-script', 'launch nothing: print the script alone').conflicts('dryRun'))
    .option('--yes', `do not ask before more than ${unaskedMax} jobs`)
    .option('--json', 'print JSON')
  return addServerOptions(command)
}

/** Of a sweep; before more of them it is asked. */
export const unaskedMax = 50

function readAtOnce(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= limits.launchVariantsMax) return count
  throw new InvalidArgumentError(`From 1 to ${limits.launchVariantsMax} is wanted.`)
}

function readWarning(text: string): number {
  const ms = readSpan(text)
  if (ms >= 1_000 && ms <= 86_400_000) return ms
  throw new InvalidArgumentError('From 1s to 1d is wanted.')
}

/** What options say, where they say something; the rest is as `before`. Which code it runs is said elsewhere. */
export function readChanges(options: LaunchOptions, before: Partial<LaunchSpec>): Omit<LaunchSpecInput, 'command'> {
  const { target, name, tag, kind, sbatch, env, torchrun, requeue, warn, within } = options
  return {
    ...before,
    target: target ?? before.target ?? 'local',
    ...(name !== undefined && { name }),
    ...(tag && { tags: tag }),
    ...(kind && { kind }),
    ...(within !== undefined && { within }),
    ...(sbatch && { directives: sbatch }),
    ...(env && { environment: { ...before.environment, ...env } }),
    ...(torchrun !== undefined && { torchrun }),
    ...(requeue !== undefined && { requeue }),
    ...(warn !== undefined && { warnSeconds: warn === false ? null : Math.round(warn / 1000) }),
    resources: { nodes: 1, ...before.resources, ...readResources(options) },
  }
}

function readResources(options: LaunchOptions): Partial<LaunchResources> {
  const { gpus, nodes, tasks, cpus, memory, time, partition, account, qos, reservation, constraint } = options
  return {
    ...(gpus && { gpus }),
    ...(nodes && { nodes }),
    ...(tasks && { tasks }),
    ...(cpus && { cpus }),
    ...(memory && { memoryMb: memory }),
    ...(time && { timeLimitMinutes: time }),
    ...(partition !== undefined && { partition }),
    ...(account !== undefined && { account }),
    ...(qos !== undefined && { qos }),
    ...(reservation !== undefined && { reservation }),
    ...(constraint !== undefined && { constraint }),
  }
}

/**
 * Words of each job of a sweep; undefined: there is none.
 * @throws CommandError `usage`
 */
export function readSweeps(sweeps: readonly string[] | undefined): string[][] | undefined {
  if (sweeps === undefined) return undefined
  const overrides = sweeps.map((text): ScriptOverride => {
    const at = text.indexOf('=')
    if (at < 1) throw new CommandError('usage', `«${text}» is no sweep.`, { next: "Write 'lr=1e-3,1e-4'." })
    return { key: text.slice(0, at), value: text.slice(at + 1), sweep: true }
  })
  // What nobody has declared is written as it is here: «lr=1», «--lr=1».
  const shape: ScriptShape = { kind: 'hydra', fields: [], groups: [] }
  const { jobs, faults } = listScriptJobs(shape, { command: null, overrides, free: [] })
  const [fault] = faults
  if (fault)
    throw new CommandError('usage', fault.key === null ? fault.message : `${fault.key}: ${fault.message}`, {
      next: "Values are written with commas between them, as 'lr=1e-3,1e-4' or 'seed=range(1,5)'.",
    })
  if (jobs.length > limits.launchVariantsMax)
    throw new CommandError('usage', `These are ${jobs.length} jobs; a sweep has ${limits.launchVariantsMax} at most.`, {
      next: 'Launch it in parts.',
    })
  return jobs.map(({ words }) => words)
}
