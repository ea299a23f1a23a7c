import type { Command } from 'commander'
import { viewUsage } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { project?: string; target?: string; days?: number; json?: boolean }

const dayMs = 24 * 3_600_000
/** Longer ago than there are computers of this kind. */
const daysMax = 36_500
/** One for each day, up to so many. */
const partsMax = 90

const examples = `
How jobs ended, how long they waited and ran, what they took and what of it they used, and why some failed: docs/costs.md.

Examples:
  pilothouse history                            all jobs of the last 30 days
  pilothouse history --project vision --days 90
  pilothouse history --target dgx --json        for scripts: {"parts": […], "total": {…}, "members": […], …}`

export function addHistoryCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('history')
    .description('Tell what became of jobs: outcomes, waiting, hours, costs, use, failures.')
    .option('--project <name>', 'jobs of this project')
    .option('--target <name>', 'jobs that ran there')
    .option('--days <count>', 'that ended within so many days (default: 30)', wholeNumber({ min: 1, max: daysMax }))
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: Options) => tellHistory(options, world))
}

async function tellHistory({ project, target, days = 30, json, ...server }: Options, world: World): Promise<void> {
  const until = Math.ceil(world.now())
  const query = {
    ...(project !== undefined && { project }),
    ...(target !== undefined && { target }),
    from: Math.max(0, until - days * dayMs),
    until,
    parts: Math.min(days, partsMax),
  }
  const history = await connect(server, world).call('usage.history', { query })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(history)}\n`)
  stdout.write(`${viewUsage(history, { paint: stdout.paint, width: stdout.width() }).join('\n')}\n`)
}
