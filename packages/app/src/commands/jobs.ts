import { type Command, Option } from 'commander'
import type { JobState } from '@pilothouse/contract'
import { jobStates, limits } from '@pilothouse/contract'
import { viewJobs } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { addDeleteCommands } from './delete-jobs.ts'
import type { World } from '../world.ts'

type JobsOptions = ServerOptions & {
  state?: JobState[]
  project?: string[]
  search?: string
  limit: number
  json?: boolean
}

const examples = `
Examples:
  pilothouse jobs                             the newest jobs
  pilothouse jobs --state running paused      what runs now
  pilothouse jobs --project vision --json     for scripts: {"jobs": […], "total": …}`

export function addJobsCommand(program: Command, context: CommandContext): void {
  const { world } = context
  const command = program
    .command('jobs')
    .description('List jobs, newest first.')
    .addOption(new Option('--state <states...>', 'in one of these states').choices(jobStates))
    .option('--project <name>', 'of this project; may be repeated', gather)
    .option('--search <words>', 'with these words in name, model, dataset, project, tags or uid')
    .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: limits.jobPageMax }), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: JobsOptions) => listJobs(options, world))
  addDeleteCommands(command, context)
}

async function listJobs({ state, project, search, limit, json, ...server }: JobsOptions, world: World): Promise<void> {
  const query = {
    limit,
    ...(state && { state }),
    ...(project && { project }),
    ...(search === undefined ? {} : { search }),
  }
  const page = await connect(server, world).call('jobs.list', { query })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(page)}\n`)
  const lines = viewJobs(page, { paint: stdout.paint, width: stdout.width(), now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}
