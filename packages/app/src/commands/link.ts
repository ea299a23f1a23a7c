import { type Command, Option } from 'commander'
import { formatDuration } from '@pilothouse/signals'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

const roles = ['viewer', 'member', 'admin'] as const
type LinkOptions = ServerOptions & { json?: boolean; role?: (typeof roles)[number] }

const examples = `
Examples:
  pilothouse link                         a link for this machine's control room
  pilothouse link --role viewer           for somebody who only looks
  xdg-open "$(pilothouse link)"           sign in at once`

export function addLinkCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('link')
    .description('Print a one-time link to sign in with.')
    .addOption(new Option('--role <role>', 'what who signs in may do (default: as much as you)').choices(roles))
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: LinkOptions) => printLink(options, world))
}

async function printLink({ json, role, ...server }: LinkOptions, world: World): Promise<void> {
  const link = await connect(server, world).call('access.link', { query: role === undefined ? {} : { role } })
  world.stdout.write(`${json ? JSON.stringify(link) : link.url}\n`)
  if (!json && world.stderr.isTerminal) {
    world.stderr.write(world.stderr.paint('dim', `good once, for ${formatDuration(link.expiresAt - world.now())}\n`))
  }
}
