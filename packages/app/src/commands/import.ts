import type { Command } from 'commander'
import { viewFailure, viewImport } from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { importFile } from '../import-file.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'

type ImportOptions = ServerOptions & { dryRun?: boolean; json?: boolean }

const examples = `
Takes in jobs from current-jobs.json, past-jobs.json and files like them. What a file does not tell, such as curves, is
said and not made up. A file may be imported again: what is known stays as it is, what has gone on is brought up to date.

Examples:
  pilothouse import past-jobs.json --dry-run         what would come, and what is wrong in it
  pilothouse import current-jobs.json past-jobs.json
  pilothouse jobs --search imported                  what came; they have the tag «imported»

Ends with 1 when a file could not be read or a job was refused; what could be taken was taken.`

export function addImportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('import')
    .argument('<files...>', 'JSON files with jobs')
    .description('Take in jobs from the files of another control room.')
    .option('--dry-run', 'tell what would happen, and change nothing')
    .option('--json', 'print JSON, one object a file and line')
    .addHelpText('after', examples)
  addServerOptions(command).action((files: string[], options: ImportOptions) => importFiles(files, options, context))
}

async function importFiles(
  files: readonly string[],
  { dryRun = false, json, ...server }: ImportOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const client = connect(server, world)
  const { stdout, stderr } = world
  for (const path of files) {
    try {
      const answer = await importFile({ client, path, dryRun })
      if (answer.counts.refused > 0) endWith(exitCodes.failed.code)
      stdout.write(json ? `${JSON.stringify(answer)}\n` : `${viewImport(answer, stdout.paint).join('\n')}\n`)
    } catch (error) {
      if (!(error instanceof CommandError) || files.length === 1) throw error
      endWith(exitCodes.failed.code)
      stderr.write(`${viewFailure({ what: error.message, why: error.why, next: error.next }, stderr.paint)}\n`)
    }
  }
}
