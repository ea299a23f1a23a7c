import type { Command } from 'commander'
import type { LogLine } from '@pilothouse/contract'
import { limits } from '@pilothouse/contract'
import { viewLogLine } from '@pilothouse/terminal'
import type { ServerOptions } from '../find-server.ts'
import { followLog } from '../follow-log.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type LogsOptions = ServerOptions & { follow?: boolean; lines: number; json?: boolean }

const examples = `
Examples:
  pilothouse logs t7k2m9xq              the end of its output
  pilothouse logs -f t7k2m9xq           and what comes, until the job ends
  pilothouse logs -n 5000 --json t7k2m9xq | jq -r 'select(.level == "error").text'`

export function addLogsCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('logs')
    .argument('<uid>', 'job')
    .description('Print what a job printed.')
    .option('-f, --follow', 'go on until the job ends')
    .option('-n, --lines <count>', 'lines from the end', wholeNumber({ min: 1, max: limits.logPageLinesMax }), 100)
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
  addServerOptions(command).action((uid: string, options: LogsOptions) => printLog(uid, options, world))
}

async function printLog(uid: string, { follow, lines, json, ...server }: LogsOptions, world: World): Promise<void> {
  const client = connect(server, world)
  const print = (printed: readonly LogLine[]): void =>
    world.stdout.write(printed.map((line) => viewLine(line, json, world)).join(''))
  const page = await client.call('logs.page', { params: { uid }, query: { count: lines } })
  print(page.lines)
  if (!follow) return
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  const next = (page.lines.at(-1)?.n ?? page.total - 1) + 1
  await followLog(client, { uid, attempt: page.attempt, next, print, signal: stop.signal }).finally(undo)
}

function viewLine(line: LogLine, json: boolean | undefined, { stdout }: World): string {
  return `${json ? JSON.stringify(line) : viewLogLine(line, { paint: stdout.paint, colours: stdout.paint('dim', '') !== '' })}\n`
}
