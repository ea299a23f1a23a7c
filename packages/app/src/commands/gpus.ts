import { type Command, Option } from 'commander'
import type { Client } from '@pilothouse/client'
import type { ClusterAvailability, ClusterStart, StartQuery } from '@pilothouse/contract'
import {
  type GpuGrouping,
  gpuGroupings,
  viewClusterFaults,
  viewClusterStatus,
  viewGpus,
  viewStart,
} from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { readSpan, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'

type Options = ServerOptions & {
  by: GpuGrouping
  type?: string
  count?: number
  nodes?: number
  time?: number
  partition?: string
  json?: boolean
}
type Asked = ClusterAvailability & { start: ClusterStart['start'] }

const examples = `
With --count it answers where a job could start: exit code 0 when it could now, 7 when it would wait or cannot.

Examples:
  pilothouse gpus                                        free GPUs of all clusters, by type
  pilothouse gpus dgx --by node                          who has them, and what is broken and why
  pilothouse gpus dgx --type a100 --count 4 --time 8h    where can I start this now, and if not, why not
  until pilothouse gpus dgx --count 8 > /dev/null; do sleep 60; done
  pilothouse gpus --json                                 for scripts: {"clusters": [{"status", "availability", "start"}]}`

const count = wholeNumber({ min: 1, max: 100_000 })

export function addGpusCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('gpus')
    .description('Show which GPUs of the clusters are free, and where a job could start.')
    .argument('[clusters...]', 'these clusters; all by default')
    .addOption(new Option('--by <what>', 'one line for each of these').choices(gpuGroupings).default('type'))
    .option('--count <gpus>', 'where could a job with so many GPUs start?', count)
    .option('--type <type>', 'GPUs of this type', String)
    .option('--nodes <count>', 'on so many nodes, evenly; as few as it takes by default', count)
    .option('--time <span>', 'that runs for so long, as 30m, 8h or 2d', readSpan)
    .option('--partition <name>', 'in this partition only')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((names: string[], options: Options) => runGpus(names, options, context))
}

async function runGpus(names: string[], options: Options, { world, endWith }: CommandContext): Promise<void> {
  const client = connect(options, world)
  const wish = readWish(options)
  const list = await client.call('clusters.list')
  const known = list.clusters.map(({ name }) => name)
  const wanted = names.length > 0 ? names : known
  const asked = await Promise.all(wanted.map((name) => ask(client, name, wish)))
  const { stdout, stderr } = world
  const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
  if (list.file.faults.length > 0) stderr.write(`${viewClusterFaults(list.file.faults, stderr.paint).join('\n')}\n`)
  if (options.json) stdout.write(`${JSON.stringify({ clusters: asked })}\n`)
  else if (wanted.length === 0) stdout.write('No clusters yet: clusters.yaml names none (docs/clusters.md).\n')
  for (const { status, availability, start } of options.json ? [] : asked) {
    const lines = [
      ...viewClusterStatus(status, view),
      ...(availability === null ? [] : viewGpus(availability, options.by, view)),
      ...(start === null || wish === null ? [] : viewStart(start, wish, view)),
    ]
    stdout.write(`${lines.join('\n')}\n`)
  }
  if (asked.length > 0 && asked.every(({ status }) => status.state !== 'known')) endWith(exitCodes.failed.code)
  else if (wish !== null && asked.every(({ start }) => (start?.now.length ?? 0) === 0)) endWith(exitCodes.notNow.code)
}

async function ask(client: Client, name: string, wish: StartQuery | null): Promise<Asked> {
  const params = { name }
  const query = { fresh: 'true' }
  const { status, availability } = await client.call('clusters.gpus', { params, query })
  if (wish === null) return { status, availability, start: null }
  const { start } = await client.call('clusters.start', { params, query: wish })
  return { status, availability, start }
}

function readWish({ count: gpus, type, nodes, time, partition }: Options): StartQuery | null {
  if (gpus === undefined) {
    if ([type, nodes, time, partition].every((part) => part === undefined)) return null
    throw new CommandError('usage', 'How many GPUs is the question about?', { next: 'Say it with --count.' })
  }
  return {
    gpus,
    ...(type === undefined ? {} : { type }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(time === undefined ? {} : { seconds: Math.ceil(time / 1000) }),
    ...(partition === undefined ? {} : { partition }),
  }
}
