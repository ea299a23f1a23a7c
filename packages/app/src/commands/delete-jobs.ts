import { type Command, Option } from 'commander'
import type { JobState, JobsDelete, JobsDeleted } from '@pilothouse/contract'
import { endStates } from '@pilothouse/contract'
import { viewDeletion } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, readSpan } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type DeleteOptions = ServerOptions & {
  state?: JobState[]
  project?: string[]
  tag?: string[]
  search?: string
  olderThan?: number
  now?: boolean
  dryRun?: boolean
  yes?: boolean
  json?: boolean
}

const examples = `
Only jobs that have ended are deleted, and they can be restored for a while (--now: they cannot).

Examples:
  pilothouse jobs delete t7k2m9xq                                these, by their uids
  pilothouse jobs delete --project scratch --older-than 30d      asks before it does
  pilothouse jobs delete --state failed --dry-run                only counts
  pilothouse jobs restore t7k2m9xq                               brings one back`

/** Adds `delete` and `restore` below `jobs`. */
export function addDeleteCommands(jobs: Command, { world }: CommandContext): void {
  const command = jobs
    .command('delete')
    .argument('[uids...]', 'these jobs; with filters, those of them that match')
    .description('Delete jobs that have ended.')
    .addOption(new Option('--state <states...>', 'that ended like this').choices(endStates))
    .option('--project <name>', 'of this project; may be repeated', gather)
    .option('--tag <tag>', 'with this tag; may be repeated', gather)
    .option('--search <words>', 'that match, as in the search field of the page')
    .option('--older-than <span>', 'that ended longer ago than this, as 30d', readSpan)
    .option('--now', 'for good: they cannot be restored')
    .option('--dry-run', 'only count them')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  // Options that `jobs` has as well are taken by it when they stand before the word `delete`, and by both after it.
  addServerOptions(command).action((uids: string[], _own: DeleteOptions, whole: Command) =>
    deleteJobs(uids, whole.optsWithGlobals<DeleteOptions>(), world),
  )
  const restore = jobs.command('restore').argument('<uid>', 'as it was').description('Bring a deleted job back.')
  addServerOptions(restore).action((uid: string, _own: ServerOptions, whole: Command) =>
    restoreJob(uid, whole.optsWithGlobals<ServerOptions>(), world),
  )
}

async function deleteJobs(uids: string[], options: DeleteOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const filter = toFilter(uids, options, world.now())
  const counted = await client.call('jobs.delete-many', { body: { ...filter, dryRun: true } })
  if (options.dryRun || counted.jobs === 0) return tell(counted, options, world)
  if (!options.yes) await confirm(counted, options, world)
  // What ends between counting and deleting was not counted, so it stays.
  const before = Math.min(filter.endedBefore ?? Infinity, counted.at)
  const deleted = await client.call('jobs.delete-many', { body: { ...filter, endedBefore: before } })
  tell({ ...deleted, notEnded: counted.notEnded }, options, world)
}

function toFilter(uids: string[], options: DeleteOptions, now: number): JobsDelete {
  const { state, project, tag, search, olderThan, now: atOnce } = options
  return {
    ...(uids.length > 0 && { uids }),
    ...(state && { state }),
    ...(project && { project }),
    ...(tag && { tag }),
    ...(search !== undefined && { search }),
    ...(olderThan !== undefined && { endedBefore: now - olderThan }),
    ...(atOnce && { now: true }),
  }
}

/** @throws CommandError when the answer is no, or nobody is there to give one. */
async function confirm(counted: JobsDeleted, options: DeleteOptions, world: World): Promise<void> {
  for (const line of viewDeletion(counted, world.stderr.paint)) world.stderr.write(`${line}\n`)
  const answer = await world.ask(options.now ? 'Delete them for good? [y/N] ' : 'Delete them? [y/N] ')
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  if (answer !== null) throw new CommandError('failed', 'Nothing was deleted.', { why: 'The answer was not yes.' })
  throw new CommandError('usage', 'Nothing was deleted.', {
    why: 'Without a terminal nobody can confirm it.',
    next: 'Say --yes if they shall be deleted without a question.',
  })
}

function tell(deleted: JobsDeleted, { json }: DeleteOptions, { stdout }: World): void {
  stdout.write(json ? `${JSON.stringify(deleted)}\n` : `${viewDeletion(deleted, stdout.paint).join('\n')}\n`)
}

async function restoreJob(uid: string, options: ServerOptions, world: World): Promise<void> {
  const job = await connect(options, world).call('jobs.restore', { params: { uid } })
  world.stdout.write(`${job.uid} is back: ${job.state}, project ${job.project}\n`)
}
