import type { Command } from 'commander'
import { formatCount } from '@pilothouse/signals'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }
type RetryOptions = Options & { line?: number[]; model?: string }

const retryExamples = `
Examples:
  pilothouse batch retry batch_…                        all that failed for good
  pilothouse batch retry batch_… --line 12 --line 40    those of these lines of its input
  pilothouse batch retry batch_… --model small-llama    at another model`

export function addBatchOrderCommands(batch: Command, { world }: CommandContext): void {
  const cancel = batch
    .command('cancel')
    .argument('<id>', 'batch')
    .description('Cancel a batch. What is done is kept.')
    .option('--json', 'print JSON')
  addServerOptions(cancel).action((id: string, options: Options) => cancelBatch(id, options, world))
  const retry = batch
    .command('retry')
    .argument('<id>', 'batch')
    .description('Send the requests of a batch that failed for good again, as a batch of their own.')
    .option('--line <number>', 'only that of this line of the input; again for more', gatherLine)
    .option('--model <model>', 'ask for this one instead')
    .option('--json', 'print JSON')
    .addHelpText('after', retryExamples)
  addServerOptions(retry).action((id: string, options: RetryOptions) => retryBatch(id, options, world))
}

const readLine = wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER })

function gatherLine(text: string, before: number[] = []): number[] {
  return [...before, readLine(text)]
}

async function cancelBatch(id: string, { json, ...server }: Options, world: World): Promise<void> {
  const batch = await connect(server, world).call('openai-batches.cancel', { params: { id } })
  const { total, completed, failed } = batch.request_counts
  const words = `${id} is ${batch.status}: ${formatCount(completed + failed)} of ${formatCount(total)} requests were done.`
  world.stdout.write(`${json ? JSON.stringify(batch) : words}\n`)
}

async function retryBatch(id: string, { line, model, json, ...server }: RetryOptions, world: World): Promise<void> {
  const body = { ...(line && { lines: line }), ...(model === undefined ? {} : { model }) }
  const batch = await connect(server, world).call('batches.retry', { params: { id }, body })
  world.stdout.write(`${json ? JSON.stringify(batch) : batch.id}\n`)
  world.stderr.write(`«pilothouse batch show ${batch.id} --watch» follows it.\n`)
}
