/** `pilothouse checkpoints`: the list, the rules by which some stay, and when one is worth while. */
import { InvalidArgumentError, type Command as CliCommand, Option } from 'commander'
import { type CheckpointKind, type CheckpointPolicy, checkpointKinds } from '@pilothouse/contract'
import { viewAdvice, viewCheckpoints, viewRules } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Best = NonNullable<CheckpointPolicy['best']>
type Options = ServerOptions & {
  rules?: boolean
  advice?: boolean
  keepLast?: number
  keepBest?: Best
  keepEvery?: number
  keepAll?: boolean
  kind?: CheckpointKind[]
  dryRun?: boolean
  json?: boolean
}

const examples = `
Rules that are set take the place of those before, and are followed at once and with each new checkpoint. What no rule keeps is
deleted; it can be restored for ten minutes. Pinned ones stay.

Examples:
  pilothouse checkpoints t7k2m9xq
  pilothouse checkpoints t7k2m9xq --advice
  pilothouse checkpoints t7k2m9xq --rules
  pilothouse checkpoints t7k2m9xq --keep-last 3 --keep-best val/loss:minimize:2 --dry-run
  pilothouse checkpoints t7k2m9xq --keep-all               no rules`

const count = wholeNumber({ min: 1, max: 1_000_000 })

export function addCheckpointsCommand(program: CliCommand, world: World): void {
  const kinds = new Option('--kind <kind>', 'only those of this kind are ever deleted; may be repeated')
    .choices(checkpointKinds)
    .argParser((kind: string, before: CheckpointKind[] | undefined) => [...(before ?? []), readKind(kind)])
  const command = program
    .command('checkpoints')
    .argument('<uid>', 'the job')
    .description('List the checkpoints of a job, newest first, or say which of them stay by themselves.')
    .option('--advice', 'whether it is worth while to write or to pin one now, and why')
    .option('--rules', 'the rules by which they stay, and what they make of each')
    .option('--keep-last <count>', 'set rules: so many of the youngest stay', count)
    .option(
      '--keep-best <rule>',
      'set rules: the best by a metric stay, as val/loss:minimize or acc:maximize:3',
      readBest,
    )
    .option('--keep-every <steps>', 'set rules: one in so many steps stays', count)
    .addOption(kinds)
    .option('--keep-all', 'remove the rules: all stay')
    .option('--dry-run', 'only say what the rules would do')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((uid: string, options: Options) => runCheckpoints(uid, options, world))
}

async function runCheckpoints(uid: string, options: Options, world: World): Promise<void> {
  const client = connect(options, world)
  const params = { uid }
  const { stdout } = world
  const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
  const tell = (answer: object, lines: () => string[]): void =>
    stdout.write(options.json ? `${JSON.stringify(answer)}\n` : `${lines().join('\n')}\n`)
  const policy = readPolicy(options)
  if (policy !== undefined) {
    const isTried = options.dryRun ?? false
    const query = { dryRun: String(isTried) }
    const answer = await client.call('checkpoints.set-policy', { params, query, body: { policy } })
    return tell(answer, () => viewRules(answer, { ...view, isTried }))
  }
  if (options.rules) {
    const answer = await client.call('checkpoints.policy', { params })
    return tell(answer, () => viewRules(answer, { ...view, isTried: false }))
  }
  if (options.advice) {
    const answer = await client.call('checkpoints.advice', { params })
    return tell(answer, () => viewAdvice(answer))
  }
  const list = await client.call('checkpoints.list', { params })
  return tell(list, () => viewCheckpoints(list, view))
}

/** The rules that are to be set, null for none; undefined when none are to be set. */
function readPolicy({
  keepLast,
  keepBest,
  keepEvery,
  keepAll,
  kind,
  dryRun,
}: Options): CheckpointPolicy | null | undefined {
  const rules = {
    ...(keepLast === undefined ? {} : { last: keepLast }),
    ...(keepBest === undefined ? {} : { best: keepBest }),
    ...(keepEvery === undefined ? {} : { everySteps: keepEvery }),
  }
  const hasRules = Object.keys(rules).length > 0
  if (hasRules && keepAll)
    throw new CommandError('usage', 'Either all stay, or some by rules: --keep-all stands alone.')
  if (hasRules) return { ...rules, ...(kind === undefined ? {} : { kinds: kind }) }
  if (keepAll) return null
  if (dryRun || kind)
    throw new CommandError('usage', 'No rule is named.', {
      next: 'Name one of --keep-last, --keep-best, --keep-every.',
    })
  return undefined
}

function readKind(text: string): CheckpointKind {
  const found = checkpointKinds.find((kind) => kind === text)
  if (found) return found
  throw new InvalidArgumentError(`Allowed choices are ${checkpointKinds.join(', ')}.`)
}

/** `val/loss:minimize:3`; without a number the best one. */
function readBest(text: string): Best {
  const [, metric, goal, number = '1'] = /^(.+):(minimize|maximize)(?::(\d+))?$/.exec(text) ?? []
  if (metric === undefined || (goal !== 'minimize' && goal !== 'maximize'))
    throw new InvalidArgumentError('A metric with its goal is wanted, as val/loss:minimize or acc:maximize:3.')
  return { metric, goal, count: count(number) }
}
