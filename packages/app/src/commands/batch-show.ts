import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import { type DeadLetterPage, limits, type RequestFailureCode, requestFailureCodes } from '@pilothouse/contract'
import { viewBatch, viewBatchLog, viewDeadLetters } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { watchBatch } from '../watch-batch.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }
type ShowOptions = Options & { watch?: boolean }
type FailureOptions = Options & { code?: RequestFailureCode; limit: number }

const shownMax = 100_000

const failureExamples = `
Examples:
  pilothouse batch failures batch_…                     with their lines in the input, and why
  pilothouse batch failures batch_… --code timeout
  pilothouse batch failures batch_… --json | jq -r '.letters[].customId'`

export function addBatchShowCommands(batch: Command, context: CommandContext): void {
  const { world } = context
  const show = batch
    .command('show')
    .argument('<id>', 'batch')
    .description('Show how a batch stands: progress, speed, time left, tokens, cost, failures.')
    .option('-w, --watch', 'follow it to its end first; ends with 1 when it does not complete')
    .option('--json', 'print JSON')
  addServerOptions(show).action((id: string, options: ShowOptions) => showBatch(id, options, context))
  const log = batch
    .command('log')
    .argument('<id>', 'batch')
    .description('Print what happened to a batch.')
    .option('--json', 'print JSON: {"lines"}')
  addServerOptions(log).action((id: string, options: Options) => showLog(id, options, world))
  const failures = batch
    .command('failures')
    .argument('<id>', 'batch')
    .description('List the requests of a batch that have failed for good.')
    .addOption(new Option('--code <code>', 'that failed so').choices(requestFailureCodes))
    .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: shownMax }), 50)
    .option('--json', 'print JSON, with what was asked: {"letters", "hasMore"}')
    .addHelpText('after', failureExamples)
  addServerOptions(failures).action((id: string, options: FailureOptions) => showFailures(id, options, world))
}

async function showBatch(
  id: string,
  { watch, json, ...server }: ShowOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const client = connect(server, world)
  const watched = watch ? await watchBatch(client, id, world) : null
  if (watched !== null) endWith(watched.code)
  const batch = watched?.batch ?? (await client.call('batches.get', { params: { id } }))
  const { stdout } = world
  const lines = json ? [JSON.stringify(batch)] : viewBatch(batch, { paint: stdout.paint, now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}

async function showLog(id: string, { json, ...server }: Options, world: World): Promise<void> {
  const log = await connect(server, world).call('batches.log', { params: { id }, query: {} })
  const { stdout } = world
  const lines = json ? [JSON.stringify(log)] : viewBatchLog(log, stdout.paint)
  stdout.write(lines.map((line) => `${line}\n`).join(''))
}

async function showFailures(
  id: string,
  { code, limit, json, ...server }: FailureOptions,
  { stdout, stderr, ...world }: World,
): Promise<void> {
  const client = connect(server, { ...world, stdout, stderr })
  const page = await readLetters(client, { id, code, limit })
  if (json) return stdout.write(`${JSON.stringify(page)}\n`)
  stdout.write(
    viewDeadLetters(page.letters, stdout.paint)
      .map((line) => `${line}\n`)
      .join(''),
  )
  if (page.letters.length === 0) stderr.write('No request has failed for good.\n')
  else if (page.hasMore) stderr.write('There are more: --limit shows them.\n')
  else stderr.write(`«pilothouse batch retry ${id}» sends them again.\n`)
}

type Asked = { id: string; code: RequestFailureCode | undefined; limit: number }

async function readLetters(client: Client, { id, code, limit }: Asked): Promise<DeadLetterPage> {
  const letters: DeadLetterPage['letters'] = []
  for (;;) {
    const count = Math.min(limit - letters.length, limits.deadLetterPageMax)
    const query = { limit: count, after: letters.at(-1)?.line ?? 0, ...(code && { code }) }
    const page = await client.call('batches.dead-letters', { params: { id }, query })
    letters.push(...page.letters)
    if (!page.hasMore || page.letters.length === 0 || letters.length >= limit) return { letters, hasMore: page.hasMore }
  }
}
