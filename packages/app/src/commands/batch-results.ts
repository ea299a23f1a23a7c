import { open, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { readChunks } from '../read-chunks.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type ResultsOptions = ServerOptions & { output?: string; errors?: boolean; force?: boolean }

const examples = `
One line of JSON for each request, as OpenAI's Batch API has them; while the batch goes on, those that there are so far. Their
order is that of the input only where the batch was submitted with --ordered.

Examples:
  pilothouse batch results batch_… -o results.jsonl
  pilothouse batch results batch_… --errors | jq -r '[.custom_id, .error.code] | @tsv'
  pilothouse batch results batch_… | jq -r '.response.body.choices[0].message.content'`

export function addBatchResultsCommand(batch: Command, { world }: CommandContext): void {
  const command = batch
    .command('results')
    .argument('<id>', 'batch')
    .description('Print the answers of a batch, or its errors.')
    .option('-o, --output <file>', 'where to; without: standard output')
    .option('--errors', 'the requests without an answer instead')
    .option('-f, --force', 'replace a file that is there')
    .addHelpText('after', examples)
  addServerOptions(command).action((id: string, options: ResultsOptions) => fetchResults(id, options, world))
}

async function fetchResults(
  id: string,
  { output, errors, force = false, ...server }: ResultsOptions,
  world: World,
): Promise<void> {
  const path = output === undefined || output === '-' ? null : resolve(world.workingFolder, output)
  if (path !== null && !force && existsSync(path)) throw isThere(path)
  const client = connect(server, world)
  const response = await client.open(errors ? 'openai-batches.errors' : 'openai-batches.results', { params: { id } })
  const chunks = Readable.from(readChunks(response))
  if (path === null) return pipeline(chunks, world.stdout.stream, { end: false })
  await writeWhole(path, chunks)
  world.stdout.write(`${sanitizeForTerminal(path)}\n`)
}

/** The file has all of it, or stays as it was. */
async function writeWhole(path: string, chunks: Readable): Promise<void> {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    await pipeline(chunks, file.createWriteStream())
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    throw new CommandError('failed', `${path} could not be written whole.`, {
      cause,
      next: 'Call it again.',
      why: cause instanceof Error ? cause.message : String(cause),
    })
  }
}

function isThere(path: string): CommandError {
  return new CommandError('failed', `${path} is there already.`, {
    next: 'Say --force to replace it, or name another file with -o.',
  })
}
