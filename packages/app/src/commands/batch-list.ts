import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import { type BatchGroup, batchGroups, type BatchList, limits } from '@pilothouse/contract'
import { viewBatches, viewBatchUsage } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { readSpan, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Filter = { group?: BatchGroup; model?: string; text?: string }
type ListOptions = ServerOptions & Filter & { limit: number; json?: boolean }
type UsageOptions = ServerOptions & { since?: number; json?: boolean }

const listedMax = 10_000

const examples = `
Examples:
  pilothouse batch list                             the newest batches
  pilothouse batch list --group failed              failed, expired and cancelled ones
  pilothouse batch list --text prompts --json       for scripts: {"batches": […], "hasMore", "groupCounts"}`

export function addBatchListCommands(batch: Command, { world }: CommandContext): void {
  const list = batch
    .command('list')
    .description('List batches, newest first.')
    .addOption(new Option('--group <group>', 'only these').choices(batchGroups))
    .option('--model <model>', 'for this model')
    .option('--text <text>', 'with this in the name of the input, the model or the id')
    .option('--limit <count>', 'at most so many', wholeNumber({ min: 1, max: listedMax }), 20)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(list).action((options: ListOptions) => listBatches(options, world))
  const usage = batch
    .command('usage')
    .description('Show requests, tokens and cost of batches by member and model.')
    .option('--since <span>', 'of batches of the last time, as 24h or 30d', readSpan)
    .option('--json', 'print JSON: {"rows"}')
  addServerOptions(usage).action((options: UsageOptions) => showUsage(options, world))
}

async function listBatches(
  { group, model, text, limit, json, ...server }: ListOptions,
  { stdout, ...world }: World,
): Promise<void> {
  const client = connect(server, { ...world, stdout })
  const filter = { ...(group && { group }), ...(model && { model }), ...(text && { text }) }
  const page = await readPages(client, filter, limit)
  const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
  stdout.write(`${json ? JSON.stringify(page) : viewBatches(page, view).join('\n')}\n`)
}

/** As many pages as it takes for `limit` batches. */
async function readPages(client: Client, filter: Filter, limit: number): Promise<BatchList> {
  let list = await client.call('batches.list', { query: { ...filter, limit: Math.min(limit, limits.batchPageMax) } })
  for (;;) {
    const after = list.batches.at(-1)?.id
    const left = limit - list.batches.length
    if (!list.hasMore || left <= 0 || after === undefined) return list
    const query = { ...filter, limit: Math.min(left, limits.batchPageMax), after }
    const page = await client.call('batches.list', { query })
    list = { ...page, batches: [...list.batches, ...page.batches] }
  }
}

async function showUsage({ since, json, ...server }: UsageOptions, world: World): Promise<void> {
  const query = since === undefined ? {} : { from: world.now() - since }
  const usage = await connect(server, world).call('batches.usage', { query })
  const { stdout } = world
  const lines = json ? [JSON.stringify(usage)] : viewBatchUsage(usage, { paint: stdout.paint, width: stdout.width() })
  stdout.write(`${lines.join('\n')}\n`)
}
