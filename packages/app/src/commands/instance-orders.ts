import type { Command } from 'commander'
import type { Client } from '@pilothouse/client'
import type { InstanceAction, InstanceDetail, RentedInstance } from '@pilothouse/contract'
import { instanceActions, PilothouseError } from '@pilothouse/contract/wire'
import { nameInstance, viewFailure, viewOrder } from '@pilothouse/terminal'
import { describeError } from '../describe-error.ts'
import { CommandError, exitCodes } from '../exit-code.ts'
import { chooseInstance } from '../find-instance.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type OrderOptions = ServerOptions & { yes?: boolean; force?: boolean; json?: boolean }

const descriptions: Readonly<Record<InstanceAction, string>> = {
  start: 'Start machines again. They are billed for their GPUs from then on.',
  stop: 'Stop machines. Their disks stay, and are billed.',
  destroy: 'Destroy machines, with all that is on their disks.',
}
const past: Readonly<Record<InstanceAction, string>> = {
  start: 'was told to start',
  stop: 'was told to stop',
  destroy: 'is destroyed',
}

/** Adds `start`, `stop` and `destroy` below `instances`. */
export function addInstanceOrders(instances: Command, context: CommandContext): void {
  for (const action of instanceActions) {
    const command = instances
      .command(action)
      .description(descriptions[action])
      .argument('<machines...>', 'their ids, labels or targets')
      .option('--yes', 'do not ask')
      .option('--json', 'print JSON: {"instances", "failures"}')
    if (action !== 'start') command.option('--force', 'also where reports of jobs have not come, which are lost then')
    addServerOptions(command).action((words: string[], _own: OrderOptions, whole: Command) =>
      order({ action, words }, whole.optsWithGlobals<OrderOptions>(), context),
    )
  }
}

async function order(
  { action, words }: { action: InstanceAction; words: string[] },
  options: OrderOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const client = connect(options, world)
  const { instances } = await client.call('instances.list')
  // Nothing is done where one of them cannot be meant.
  const chosen = [...new Set(words.map((word) => chooseInstance(instances, word)))]
  if (!options.yes) await confirm({ action, chosen }, world)
  const done: InstanceDetail[] = []
  const failures: { id: string; message: string; hint: string | null }[] = []
  for (const one of chosen) {
    try {
      const instance = await give(client, { action, id: one.id, force: options.force === true })
      done.push(instance)
      if (!options.json) world.stdout.write(`${nameInstance(instance)} ${past[action]}.\n`)
    } catch (error) {
      const failure = describeError(error)
      const { what, next } = failure
      failures.push({ id: one.facts.id, message: what, hint: next ?? null })
      const told = { ...failure, what: `${nameInstance(one)}: ${what}` }
      world.stderr.write(`${viewFailure(told, world.stderr.paint)}\n`)
      endWith(exitCodes[failure.exit].code)
    }
  }
  if (options.json) world.stdout.write(`${JSON.stringify({ instances: done, failures })}\n`)
}

async function give(
  client: Client,
  { id, ...body }: { action: InstanceAction; id: number; force: boolean },
): Promise<InstanceDetail> {
  try {
    return await client.call('instances.order', { params: { id }, body })
  } catch (error) {
    if (!(error instanceof PilothouseError) || error.field !== 'force') throw error
    throw new CommandError('failed', error.message, {
      why: error.hint,
      next: 'Try again once it can be reached, or say --force: what its jobs have not sent is lost then.',
      cause: error,
    })
  }
}

/** @throws CommandError when the answer is no, or nobody is there to give one. */
async function confirm(
  { action, chosen }: { action: InstanceAction; chosen: readonly RentedInstance[] },
  world: World,
): Promise<void> {
  for (const one of chosen) world.stderr.write(`${viewOrder(action, one).join('\n')}\n`)
  const answer = await world.ask(`Shall ${chosen.length === 1 ? 'it' : 'they'} be told to ${action}? [y/N] `)
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  const nothing = 'Nothing was done.'
  if (answer !== null) throw new CommandError('failed', nothing, { why: 'The answer was not yes.' })
  throw new CommandError('usage', nothing, {
    why: 'Without a terminal nobody can confirm it.',
    next: 'Say --yes if it shall be done without a question.',
  })
}
