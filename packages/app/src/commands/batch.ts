import type { Command } from 'commander'
import type { CommandContext } from '../run-cli.ts'
import { addBatchCompareCommand } from './batch-compare.ts'
import { addBatchListCommands } from './batch-list.ts'
import { addBatchOrderCommands } from './batch-orders.ts'
import { addBatchResultsCommand } from './batch-results.ts'
import { addBatchShowCommands } from './batch-show.ts'
import { addBatchSubmitCommand } from './batch-submit.ts'

const examples = `
A batch is a file of requests, one JSON object a line as OpenAI's Batch API has them; each gets one line in the results or the
errors, whatever happens (docs/batches.md). The requests go to the engines that «pilothouse engines» lists.

Examples:
  pilothouse batch submit requests.jsonl --watch       sends it, and follows it to its end
  pilothouse batch submit requests.jsonl --check       what would come of it
  pilothouse batch list --group active
  pilothouse batch show batch_… --watch
  pilothouse batch results batch_… -o results.jsonl
  pilothouse batch failures batch_…                    which failed for good, and why
  pilothouse batch retry batch_…                       sends those again, as a batch of their own
  pilothouse batch compare batch_… batch_…             answers of two models beside each other`

/** Adds the commands about batches of requests. */
export function addBatchCommand(program: Command, context: CommandContext): void {
  const batch = program
    .command('batch')
    .description('Send files of requests to models, follow them, and fetch what came of them.')
    .addHelpText('after', examples)
  addBatchSubmitCommand(batch, context)
  addBatchListCommands(batch, context)
  addBatchShowCommands(batch, context)
  addBatchResultsCommand(batch, context)
  addBatchCompareCommand(batch, context)
  addBatchOrderCommands(batch, context)
}
