import { type Command, Option } from 'commander'
import type { InstancePatch, InstanceStatus, RentedInstance } from '@pilothouse/contract'
import { instanceStatuses, limits } from '@pilothouse/contract/wire'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { nameInstance, viewInstance, viewInstances } from '@pilothouse/terminal'
import { findInstance } from '../find-instance.ts'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { addInstanceOrders } from './instance-orders.ts'
import { addRentCommands } from './rent.ts'

type Options = ServerOptions & { json?: boolean }
type ListOptions = Options & { status?: InstanceStatus[]; account?: string; gpu?: string; gone?: boolean }

const examples = `
A machine is named by its id at its provider, its label, its target, or account/id where that is not enough. How accounts are
made known: «pilothouse providers add --help». All of it: docs/rented-machines.md.

Examples:
  pilothouse instances                             which there are, what they do and cost
  pilothouse instances --status running --gpu 4090
  pilothouse instances show llama-box              all that is known of one, its cost by day
  pilothouse instances log 30007012 --lines 50     the end of what its container printed
  pilothouse instances stop llama-box 30007267     asks first; --yes does not
  pilothouse instances stop-when-done llama-box    it is stopped once the job on it has ended
  pilothouse instances offers --gpu 4090 --per-hour-max 0.5
  pilothouse instances rent 1234567 --image pytorch/pytorch --disk 40`

/** Adds the commands about rented machines. */
export function addInstancesCommand(program: Command, { world, endWith, version }: CommandContext): void {
  const instances = program
    .command('instances')
    .description('List rented machines, what they do and what they cost; start, stop, destroy and rent them.')
    .addOption(new Option('--status <status...>', 'only those that stand so').choices(instanceStatuses))
    .option('--account <name>', 'only those of this account')
    .option('--gpu <text>', 'only those with this in the name of their GPU')
    .option('--gone', 'those as well that went within the last seven days')
    .option('--json', 'print JSON: {"instances"}')
    .addHelpText('after', examples)
  addServerOptions(instances).action((options: ListOptions) => listInstances(options, world))
  const addOne = (name: string, what: string): Command =>
    addServerOptions(
      instances
        .command(name)
        .description(what)
        .argument('<machine>', 'its id, label or target')
        .option('--json', 'print JSON'),
    )
  // Options that `instances` has as well are taken by it where they stand before the word.
  addOne('show', 'Print all that is known of a machine, and its cost by day.').action(
    (word: string, _own: Options, whole: Command) => showInstance(word, whole.optsWithGlobals<Options>(), world),
  )
  addOne('log', 'Print the end of what its container printed, as its provider has it.')
    .option('-n, --lines <count>', 'so many lines', wholeNumber({ min: 1, max: limits.instanceLogLinesMax }), 200)
    .action((word: string, _own: Options, whole: Command) =>
      printLog(word, whole.optsWithGlobals<Options & { lines: number }>(), world),
    )
  addInstanceOrders(instances, { world, endWith, version })
  addOne('label', 'Give a machine another label at its provider.')
    .argument('<text>', 'the label')
    .action((word: string, label: string, _own: Options, whole: Command) =>
      edit({ word, patch: { label } }, whole.optsWithGlobals<Options>(), world),
    )
  addOne('stop-when-done', 'Have a machine stopped once the job on it has ended.')
    .option('--off', 'let it go on after all')
    .action((word: string, _own: Options, whole: Command) => {
      const options = whole.optsWithGlobals<Options & { off?: boolean }>()
      return edit({ word, patch: { stopWhenDone: options.off !== true } }, options, world)
    })
  addRentCommands(instances, world)
}

async function listInstances(options: ListOptions, world: World): Promise<void> {
  const { instances } = await connect(options, world).call('instances.list')
  const matching = instances.filter((one) => matches(one, options))
  const showsGone = options.gone === true || options.status?.includes('gone') === true
  const shown = matching.filter(({ goneSince }) => goneSince === null || showsGone)
  if (options.json) return world.stdout.write(`${JSON.stringify({ instances: shown })}\n`)
  const { stdout } = world
  const hidden = matching.length - shown.length
  const lines = [
    ...(shown.length === 0 ? [explainNone(instances.length)] : viewInstances(shown, makeView(world))),
    ...(hidden === 0 ? [] : [`${hidden} that went lately ${hidden === 1 ? 'is' : 'are'} not shown: --gone shows all.`]),
  ]
  stdout.write(`${lines.join('\n')}\n`)
}

function matches({ facts, account }: RentedInstance, { status, account: name, gpu }: ListOptions): boolean {
  if (status && !status.includes(facts.status)) return false
  if (name !== undefined && account.name !== name) return false
  return gpu === undefined || (facts.gpuName ?? '').toLowerCase().includes(gpu.toLowerCase())
}

function explainNone(count: number): string {
  if (count > 0) return 'No rented machine matches.'
  return 'No rented machine is known. «pilothouse providers add --help» says how an account is made known.'
}

async function showInstance(word: string, { json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const { id } = await findInstance(client, word)
  const instance = await client.call('instances.get', { params: { id } })
  const text = json ? JSON.stringify(instance) : viewInstance(instance, makeView(world)).join('\n')
  world.stdout.write(`${text}\n`)
}

async function printLog(word: string, { json, lines, ...server }: Options & { lines: number }, world: World) {
  const client = connect(server, world)
  const { id } = await findInstance(client, word)
  const log = await client.call('instances.log', { params: { id }, query: { lines } })
  if (json) return world.stdout.write(`${JSON.stringify(log)}\n`)
  if (log.lines.length === 0) world.stderr.write('Its container has printed nothing.\n')
  world.stdout.write(log.lines.map((line) => `${sanitizeForTerminal(line)}\n`).join(''))
}

async function edit(
  { word, patch }: { word: string; patch: InstancePatch },
  { json, ...server }: Options,
  world: World,
): Promise<void> {
  const client = connect(server, world)
  const { id } = await findInstance(client, word)
  const instance = await client.call('instances.edit', { params: { id }, body: patch })
  if (json) return world.stdout.write(`${JSON.stringify(instance)}\n`)
  const name = nameInstance(instance)
  const stops = instance.stopWhenDone ? 'is stopped once its job ends' : 'goes on when its job ends'
  world.stdout.write(`${name} ${patch.label === undefined ? stops : 'has its label'}.\n`)
}

function makeView({ stdout, now }: World) {
  return { paint: stdout.paint, width: stdout.width(), now: now() }
}
