import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { limits } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type DocumentOptions = ServerOptions & { output?: string; force?: boolean }

const examples = `
One file that needs no network and no scripts: to read, to print, to send, to keep. Of one job it holds everything about it,
of several a comparison.

Examples:
  pilothouse document t7k2m9xq                        writes t7k2m9xq.html
  pilothouse document t7k2m9xq 4hd81kqe -o two.html   compares two
  pilothouse document t7k2m9xq -o - | less            to standard output`

export function addDocumentCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('document')
    .argument('<uids...>', `a job, or up to ${limits.compareJobsMax} to compare`)
    .description('Write a job, or a comparison of jobs, into one HTML file.')
    .option('-o, --output <file>', 'where to; «-» for standard output')
    .option('-f, --force', 'replace a file that is there')
    .addHelpText('after', examples)
  addServerOptions(command).action((uids: string[], options: DocumentOptions) => writeDocument(uids, options, world))
}

async function writeDocument(
  asked: readonly string[],
  { output, force = false, ...server }: DocumentOptions,
  world: World,
): Promise<void> {
  const uids = [...new Set(asked)]
  const [first = ''] = uids
  if (uids.length > limits.compareJobsMax)
    throw new CommandError('usage', `These are ${uids.length} jobs; a comparison has at most ${limits.compareJobsMax}.`)
  const client = connect(server, world)
  const response =
    uids.length === 1
      ? await client.open('jobs.document', { params: { uid: first } })
      : await client.open('compare.document', { query: { job: uids } })
  const text = await response.text()
  if (output === '-') return world.stdout.write(text)
  const path = resolve(world.workingFolder, output ?? (uids.length === 1 ? `${first}.html` : 'comparison.html'))
  await writeNew(path, text, force)
  world.stdout.write(`${sanitizeForTerminal(path)}\n`)
}

async function writeNew(path: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: force ? 'w' : 'wx' })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    if (code === 'EEXIST')
      throw new CommandError('failed', `${path} is there already.`, {
        cause,
        next: 'Say --force to replace it, or name another file with -o.',
      })
    throw new CommandError('failed', `${path} cannot be written (${code}).`, { cause })
  }
}
