import { type Command, Option } from 'commander'
import type { CostGrouping } from '@pilothouse/contract'
import { costGroupings } from '@pilothouse/contract/wire'
import { viewCosts } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { readSpan } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { by: CostGrouping; since: number; json?: boolean }

const dayMs = 24 * 3_600_000

const examples = `
What is spent now, and what was by project, member, target or kind: docs/costs.md.

Examples:
  pilothouse costs                             the last 30 days, by project
  pilothouse costs --by member --since 7d
  pilothouse costs --json                      for scripts: {"now": {…}, "history": {…}}`

export function addCostsCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('costs')
    .description('Tell what jobs cost: now, in all, and by project, member or target.')
    .addOption(new Option('--by <what>', 'what costs are added up by').choices(costGroupings).default('project'))
    .addOption(new Option('--since <span>', 'how far back, as 30d').argParser(readSpan).default(30 * dayMs, '30d'))
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: Options) => tellCosts(options, world))
}

async function tellCosts({ by, since, json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const until = Math.ceil(world.now())
  const offsetMinutes = -new Date(until).getTimezoneOffset()
  const now = await client.call('costs.now', { query: { offsetMinutes } })
  const query = { by, from: Math.max(0, Math.floor(until - since)), until, offsetMinutes }
  const history = await client.call('costs.history', { query })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify({ now, history })}\n`)
  stdout.write(`${viewCosts(now, history, { paint: stdout.paint, width: stdout.width() }).join('\n')}\n`)
}
