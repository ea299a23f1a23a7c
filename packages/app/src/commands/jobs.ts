import { type Command, Option } from 'commander'
import type { JobQuery, JobState } from '@pilothouse/contract'
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
  target?: string[]
  search?: string
  sort: string
  order: 'asc' | 'desc'
  limit: number
  json?: boolean
}

const examples = `
Examples:
  pilothouse jobs                             the newest jobs
  pilothouse jobs --state running paused      what runs now
  pilothouse jobs 'loss<2 tag:llama -tag:old' the language of the search field: docs/search.md
  pilothouse jobs 'status:failed' --sort metric:loss --order asc
  pilothouse jobs --project vision --json     for scripts: {"jobs": […], "total": …}`

export function addJobsCommand(program: Command, context: CommandContext): void {
  const { world } = context
  const command = program
    .command('jobs')
    .description('List jobs, newest first.')
    .addOption(new Option('--state <states...>', 'in one of these states').choices(jobStates))
    .option('--project <name>', 'of this project; may be repeated', gather)
    .option('--target <name>', 'that run, or ran, on this target; may be repeated', gather)
    .argument('[search...]', 'conditions and words, as in the search field of the page')
    .option('--search <words>', 'the same, for scripts')
    .option('--sort <column>', 'by name, state, duration, heard …, or a value as metric:loss or config:lr', 'created')
    .addOption(new Option('--order <order>', 'ascending or descending').choices(['asc', 'desc']).default('desc'))
    .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: limits.jobPageMax }), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((words: string[], options: JobsOptions) => listJobs(words, options, world))
  addDeleteCommands(command, context)
}

async function listJobs(words: readonly string[], options: JobsOptions, world: World): Promise<void> {
  const { state, project, target, search: more, sort, order, limit, json, ...server } = options
  const search = [...words, ...(more === undefined ? [] : [more])].join(' ')
  const query = {
    limit,
    order,
    sort: sort as NonNullable<JobQuery['sort']>, // the server says what is none
    ...(state && { state }),
    ...(project && { project }),
    ...(target && { target }),
    ...(search === '' ? {} : { search }),
  }
  const page = await connect(server, world).call('jobs.list', { query })
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(page)}\n`)
  const lines = viewJobs(page, { paint: stdout.paint, width: stdout.width(), now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}
