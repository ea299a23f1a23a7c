import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { viewCluster, viewClusterFaults, viewConnectionTest, viewFileFaults } from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { addHostKeyCommands } from './host-keys.ts'

type Options = ServerOptions & { json?: boolean }

const examples = `
They stand in clusters.yaml, in the data folder of the control room (docs/clusters.md). What is wrong there is told with its
line, with exit code 1.

Examples:
  pilothouse clusters              which there are, whether they answer, what is free
  pilothouse clusters test dgx     goes the way to one step by step, and says how far it leads
  pilothouse clusters trust dgx    shows the key of a host that is not known yet, and accepts it
  pilothouse clusters check clusters.yaml    what is wrong in a file, before it is put in its place; asks no control room
  pilothouse clusters --json       for scripts: {"clusters": […], "file": {…}}`

export function addClustersCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('clusters')
    .description('List the clusters, whether they answer, and what is free there.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: Options) => listClusters(options, context))
  const test = command
    .command('test')
    .description('Go the way to a cluster or host step by step: name, route, host key, log in, shell, Slurm.')
    .argument('<cluster>', 'its name')
    .option('--json', 'print JSON')
  addServerOptions(test).action((name: string, options: Options) => testCluster(name, options, context))
  command
    .command('check')
    .description(
      'Say what is wrong in a file that is to become clusters.yaml, and where. Ends with 1 when something is.',
    )
    .argument('<file>', 'its path')
    .option('--json', 'print JSON: {"faults", "names"}')
    .action((path: string, options: { json?: boolean }) => checkFile(path, options, context))
  addHostKeyCommands(command, context)
}

async function listClusters(options: Options, { world, endWith }: CommandContext): Promise<void> {
  const client = connect(options, world)
  const { clusters, file } = await client.call('clusters.list')
  const asked = await Promise.all(
    clusters.map(async ({ name }) => {
      const { status, availability } = await client.call('clusters.gpus', {
        params: { name },
        query: { fresh: 'true' },
      })
      return { ...status, types: availability?.types ?? null }
    }),
  )
  const { stdout, stderr } = world
  if (file.state === 'broken') {
    stderr.write(`${viewClusterFaults(file.faults, stderr.paint).join('\n')}\n`)
    endWith(exitCodes.failed.code)
  }
  if (options.json) return stdout.write(`${JSON.stringify({ clusters: asked, file })}\n`)
  const view = { paint: stdout.paint, now: world.now() }
  const lines = asked.flatMap(({ types, ...status }) => viewCluster(status, types, view))
  if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
  else stdout.write(`No clusters yet. They are named in ${file.path ?? 'clusters.yaml'}; docs/clusters.md says how.\n`)
}

async function testCluster(
  name: string,
  { json, ...server }: Options,
  { world, endWith }: CommandContext,
): Promise<void> {
  const test = await connect(server, world).call('clusters.test', { params: { name } })
  const { stdout } = world
  stdout.write(json ? `${JSON.stringify(test)}\n` : `${viewConnectionTest(test, stdout.paint).join('\n')}\n`)
  if (!test.ok) endWith(exitCodes.failed.code)
}

async function checkFile(
  path: string,
  { json = false }: { json?: boolean },
  { world, endWith }: CommandContext,
): Promise<void> {
  const text = await readFile(resolve(world.workingFolder, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const exit = cause.code === 'ENOENT' ? 'notFound' : 'failed'
    throw new CommandError(exit, `${path} cannot be read.`, { why: cause.message, cause })
  })
  // The server is loaded by this command only: the others start without it.
  const { checkClustersText } = await import('@pilothouse/server')
  const { faults, names } = checkClustersText(text)
  if (faults.length > 0) endWith(exitCodes.failed.code)
  const { stdout, stderr } = world
  if (json) stdout.write(`${JSON.stringify({ faults, names })}\n`)
  else if (faults.length > 0) stderr.write(`${viewFileFaults(path, faults).join('\n')}\n`)
  else stdout.write(`${path} is in order: ${names.length === 0 ? 'it names nothing' : names.join(', ')}.\n`)
}
