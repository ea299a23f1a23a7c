import type { Command } from 'commander'
import { viewTargets } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }

const examples = `
«local» is the machine of the control room; the others stand in clusters.yaml, as hosts and clusters (docs/launching.md).

Examples:
  pilothouse targets
  pilothouse targets --json     for scripts: {"targets": [{"name", "kind", "host"}]}`

export function addTargetsCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('targets')
    .description('List where jobs can be launched.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: Options) => listTargets(options, world))
}

async function listTargets({ json, ...server }: Options, world: World): Promise<void> {
  const list = await connect(server, world).call('targets.list')
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(list)}\n`)
  stdout.write(`${viewTargets(list.targets, { paint: stdout.paint, width: stdout.width() }).join('\n')}\n`)
}
