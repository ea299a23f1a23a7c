import type { Command } from 'commander'
import type { WandbKey } from '@pilothouse/contract'
import { wandbService } from '@pilothouse/contract/wire'
import { viewWandbKeys } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { host?: string; json?: boolean }

const examples = `
Metrics of W&B runs that logs of your jobs name are read from there with an API key of yours (docs/wandb.md).

Examples:
  pilothouse wandb login                                  asks for the key, or takes WANDB_API_KEY
  pilothouse wandb login --host https://wandb.example.org a server of your own
  pilothouse wandb status                                 which keys there are, and whether W&B takes them
  pilothouse wandb logout                                 forget it`

/** Adds the commands about keys for Weights & Biases. */
export function addWandbCommand(program: Command, { world }: CommandContext): void {
  const wandb = program
    .command('wandb')
    .description('Give the control room a key for Weights & Biases, or take it back.')
    .addHelpText('after', examples)
  const add = (name: string, what: string, run: (options: Options, world: World) => Promise<void>): void => {
    const command = wandb.command(name).description(what)
    if (name !== 'status') command.option('--host <url>', 'a W&B server of your own', wandbService)
    addServerOptions(command.option('--json', 'print JSON')).action((options: Options) => run(options, world))
  }
  add('login', 'Give it your API key.', logIn)
  add('status', 'List your keys, and ask W&B about each.', showStatus)
  add('logout', 'Have it forget your API key.', logOut)
}

async function logIn({ host = wandbService, json, ...server }: Options, world: World): Promise<void> {
  const key = world.environment['WANDB_API_KEY'] ?? (await world.ask('API key (not shown): ', { isSecret: true }))
  if (!key?.trim())
    throw new CommandError('usage', 'There is no key.', {
      why: 'Nobody is at a terminal to enter it, and WANDB_API_KEY is not set.',
      next: 'Set WANDB_API_KEY for this command, or run it in a terminal.',
    })
  const body = { baseUrl: host, key: key.trim() }
  tell([await connect(server, world).call('wandb.set-key', { body })], json, world)
}

async function showStatus({ json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const { keys } = await client.call('wandb.keys')
  const tested: WandbKey[] = []
  for (const { baseUrl } of keys) tested.push(await client.call('wandb.test-key', { body: { baseUrl } }))
  tell(tested, json, world)
}

async function logOut({ host = wandbService, json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  await client.call('wandb.delete-key', { query: { baseUrl: host } })
  tell((await client.call('wandb.keys')).keys, json, world)
}

function tell(keys: readonly WandbKey[], json: boolean | undefined, { stdout }: World): void {
  const lines = json ? [JSON.stringify({ keys })] : viewWandbKeys(keys, { paint: stdout.paint, width: stdout.width() })
  stdout.write(`${lines.join('\n')}\n`)
}
