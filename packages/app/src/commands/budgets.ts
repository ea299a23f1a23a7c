import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Budget, BudgetAction, BudgetPeriod, BudgetScope } from '@pilothouse/contract'
import { budgetActions, budgetPeriods } from '@pilothouse/contract/wire'
import { viewBudgets } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }
type SetOptions = Options & {
  project?: string
  member?: string
  target?: string
  job?: string
  period: BudgetPeriod
  at?: number[]
  action: BudgetAction
  channel?: string[]
}

const subjects = ['project', 'member', 'target', 'job'] as const

const examples = `
A budget says how much may be spent; at parts of it somebody is told, at 100 % it can stop jobs: docs/costs.md.

Examples:
  pilothouse budgets                                            which there are, and what is spent of each
  pilothouse budgets set lab 2000 USD                           each month, on all jobs; told at 50, 80 and 100 %
  pilothouse budgets set vision 300 USD --project vision --period week --at 90 --at 100 --channel ops
  pilothouse budgets set try 20 USD --job t7k2m9xq --period total --action stop
  pilothouse budgets remove lab`

/** Adds the commands about budgets. */
export function addBudgetsCommand(program: Command, { world }: CommandContext): void {
  const budgets = program
    .command('budgets')
    .description('List budgets, or set and remove them.')
    .option('--json', 'print JSON: {"budgets"}')
    .addHelpText('after', examples)
  addServerOptions(budgets).action((options: Options) => listBudgets(options, world))
  const list = budgets.command('list').description('The same as «budgets» alone.').option('--json', 'print JSON')
  addServerOptions(list).action((options: Options) => listBudgets(options, world))
  addSet(budgets, world)
  const remove = budgets.command('remove').description('Delete a budget.').argument('<budget>', 'its name')
  addServerOptions(remove.option('--json', 'print JSON')).action((name: string, options: Options) =>
    removeBudget(name, options, world),
  )
}

function addSet(budgets: Command, world: World): void {
  const set = budgets
    .command('set')
    .description('Set a budget, or change the one of this name as a whole.')
    .argument('<name>', 'what it is called')
    .argument('<amount>', 'how much may be spent', readAmount)
    .argument('<currency>', 'as USD or EUR')
    .option('--project <name>', 'on jobs of this project')
    .option('--member <name>', 'on jobs of this member')
    .option('--target <name>', 'on jobs that run there')
    .option('--job <uid>', 'on this job')
    .addOption(new Option('--period <period>', 'within which time').choices(budgetPeriods).default('month'))
    .option('--at <percent>', 'tell at so much of it; again for more (default: 50, 80, 100)', gatherPercent)
    .addOption(new Option('--action <action>', 'what happens at 100 %').choices(budgetActions).default('tell'))
    .option('--channel <name>', 'a channel that is told; again for more', gather)
    .option('--json', 'print JSON')
  addServerOptions(set).action((name: string, amount: number, currency: string, options: SetOptions) =>
    setBudget({ name, amount, currency }, options, world),
  )
}

function readAmount(text: string): number {
  const amount = Number(text)
  if (amount > 0 && Number.isFinite(amount)) return amount
  throw new InvalidArgumentError('A number above 0 is wanted.')
}

function gatherPercent(text: string, before: number[] = []): number[] {
  return [...before, wholeNumber({ min: 1, max: 1_000 })(text)]
}

async function listBudgets({ json, ...server }: Options, world: World): Promise<void> {
  const { budgets } = await connect(server, world).call('budgets.list')
  tell(world, json ? { budgets } : undefined, budgets)
}

type Sum = Pick<Budget, 'name' | 'amount' | 'currency'>

async function setBudget(sum: Sum, options: SetOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { period, at, action, channel = [] } = options
  const channels = await findChannels(channel, options, world)
  const offsetMinutes = -new Date(world.now()).getTimezoneOffset()
  const given = { period, action, channels, offsetMinutes, ...(at && { thresholds: at }) }
  const body = { ...sum, ...readScope(options), ...given }
  const { budgets } = await client.call('budgets.list')
  const before = budgets.find(({ name }) => name === sum.name)
  const budget = before
    ? await client.call('budgets.replace', { params: { id: before.id }, body })
    : await client.call('budgets.create', { body })
  tell(world, options.json ? budget : undefined, [budget])
}

function readScope(options: SetOptions): { scope: BudgetScope; subject: string | null } {
  const given = subjects.filter((scope) => options[scope] !== undefined)
  const [scope] = given
  if (given.length > 1)
    throw new CommandError('usage', 'A budget is of one thing.', {
      next: `Name one of ${given.map((one) => `--${one}`).join(', ')}, and set another budget for the other.`,
    })
  return scope === undefined ? { scope: 'all', subject: null } : { scope, subject: options[scope] ?? null }
}

async function findChannels(names: readonly string[], server: ServerOptions, world: World): Promise<number[]> {
  if (names.length === 0) return []
  const { channels } = await connect(server, world).call('channels.list')
  return names.map((name) => {
    const found = channels.find((channel) => channel.name === name)
    if (found) return found.id
    throw new CommandError('notFound', `There is no channel «${name}».`, {
      next:
        channels.length === 0
          ? 'Add one on the page Alerts.'
          : `There are: ${channels.map((one) => one.name).join(', ')}.`,
    })
  })
}

async function removeBudget(name: string, { json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const { budgets } = await client.call('budgets.list')
  const budget = budgets.find((one) => one.name === name)
  if (!budget)
    throw new CommandError('notFound', `There is no budget «${name}».`, {
      next: budgets.length === 0 ? 'There is none.' : `There are: ${budgets.map((one) => one.name).join(', ')}.`,
    })
  await client.call('budgets.delete', { params: { id: budget.id } })
  world.stdout.write(json ? `${JSON.stringify(budget)}\n` : `The budget ${budget.name} is deleted.\n`)
}

/** @param answer as JSON; undefined: the budgets in lines */
function tell({ stdout }: World, answer: unknown, budgets: readonly Budget[]): void {
  const view = { paint: stdout.paint, width: stdout.width() }
  stdout.write(`${answer === undefined ? viewBudgets(budgets, view).join('\n') : JSON.stringify(answer)}\n`)
}
