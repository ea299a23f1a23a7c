import { type Command, Option } from 'commander'
import type { LogLine, LogPage } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract'
import { viewLogLine } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { followLog } from '../follow-log.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type LogsOptions = ServerOptions & { follow?: boolean; lines: number; attempt?: number; json?: boolean }

const examples = `
Examples:
  pilothouse logs t7k2m9xq              the end of its output
  pilothouse logs -f t7k2m9xq           and what comes, until the job ends
  pilothouse logs --attempt 1 t7k2m9xq  what it printed before it was begun anew
  pilothouse logs -n 5000 --json t7k2m9xq | jq -r 'select(.level == "error").text'`

export function addLogsCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('logs')
    .argument('<uid>', 'job')
    .description('Print what a job printed.')
    .option('-f, --follow', 'go on until the job ends')
    .option('-n, --lines <count>', 'lines from the end', wholeNumber({ min: 1, max: limits.logPageLinesMax }), 100)
    .addOption(
      new Option('--attempt <number>', 'of this attempt (default: the last)')
        .argParser(wholeNumber({ min: 1, max: 1_000_000 }))
        .conflicts('follow'),
    )
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
  addServerOptions(command).action((uid: string, options: LogsOptions) => printLog(uid, options, world))
}

async function printLog(
  uid: string,
  { follow, lines, attempt, json, ...server }: LogsOptions,
  world: World,
): Promise<void> {
  const client = connect(server, world)
  const print = (printed: readonly LogLine[]): void =>
    world.stdout.write(printed.map((line) => viewLine(line, json, world)).join(''))
  const page = await client.call('logs.page', { params: { uid }, query: { count: lines, ...(attempt && { attempt }) } })
  print(page.lines)
  if (!follow) return json ? undefined : tellEmpty(page, uid, world)
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  const next = (page.lines.at(-1)?.n ?? page.total - 1) + 1
  await followLog(client, { uid, attempt: page.attempt, next, print, signal: stop.signal }).finally(undo)
}

/** Nothing at all is said to be nothing, and where there is more. */
function tellEmpty({ total, open, attempt }: LogPage, uid: string, { stderr }: World): void {
  if (total > 0 || open !== null) return
  const before = attempt > 1 ? `; «pilothouse logs --attempt ${attempt - 1} ${uid}» has what it printed before` : ''
  stderr.write(`${uid} has printed nothing${attempt > 1 ? ` in attempt ${attempt}` : ''}${before}.\n`)
}

function viewLine(line: LogLine, json: boolean | undefined, { stdout }: World): string {
  return `${json ? JSON.stringify(line) : viewLogLine(line, { paint: stdout.paint, colours: stdout.paint('dim', '') !== '' })}\n`
}
