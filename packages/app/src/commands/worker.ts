import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createClient } from '@pilothouse/client'
import { limits, PilothouseError } from '@pilothouse/contract'
import type { WorkSource } from '@pilothouse/dispatch'
import { viewWorkerStart } from '@pilothouse/terminal'
import { findServer, type ServerOptions } from '../find-server.ts'
import { makeHttpWorkSource } from '../http-work-source.ts'
import { readSpan, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions } from '../server-options.ts'
import type { World } from '../world.ts'

type WorkerOptions = ServerOptions & { name?: string; limit?: number; grace: number; json?: boolean }

const examples = `
Takes requests of batches from a control room, sends them to the engines that it names, and brings the results back. The control
room has a worker of its own; more of them help where engines answer faster than one process asks, or where only another machine
reaches them. A token with the role worker is enough, and its worker learns the keys of engines (docs/workers.md).

It goes on trying while the control room or engines are away. SIGTERM and SIGINT let what is under way come to its end and give
the rest back; a second one ends it at once, which loses nothing either: its requests are sent again by others.

Examples:
  pilothouse worker
  pilothouse token create --role worker --name gpu7 > worker.token
  PILOTHOUSE_URL=http://control:4080 PILOTHOUSE_TOKEN_FILE=worker.token pilothouse worker --name gpu7`

export function addWorkerCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('worker')
    .description('Send requests of batches to engines, as a process of its own.')
    .option(
      '--name <name>',
      'what it is called, unlike all others (default: made of the name of this machine)',
      readName,
    )
    .option(
      '--limit <count>',
      'requests that it sends to an engine at once at most',
      wholeNumber({ min: 1, max: limits.engineConcurrencyMax }),
    )
    .addOption(
      new Option('--grace <span>', 'what is under way at its end may take so long')
        .argParser(readSpan)
        .default(10_000, '10s'),
    )
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
  addServerOptions(command).action((options: WorkerOptions) => work(options, world))
}

function readName(text: string): string {
  const name = text.trim()
  // The server gives back what its own worker had once it starts anew, and knows it by this.
  if (name.startsWith('server'))
    throw new InvalidArgumentError('Names that begin with «server» are those of the server.')
  if (name.length > 0 && name.length <= limits.nameLengthMax) return name
  throw new InvalidArgumentError(`A name has 1 to ${limits.nameLengthMax} characters.`)
}

async function work({ name: asked, limit, grace, json, ...options }: WorkerOptions, world: World): Promise<void> {
  const { url, token } = findServer(options, world)
  const host = hostname()
  const name = asked ?? `worker-${host}-${randomBytes(3).toString('hex')}`
  const source = makeHttpWorkSource(createClient({ baseUrl: url, token }), { limit: limit ?? null })
  await refuseToken(source, { name, host })
  world.outliveReaders()
  if (!json) world.stderr.write(`${viewWorkerStart(name, url, world.stderr.paint)}\n`)
  // Engines need their HTTP client, which no other command does. By a file of ours, not by the package itself: a bundle of that
  // would drag along what threads of the server share with it, and the threads.
  const { runWorker } = await import('../run-worker.ts')
  await runWorker({ name, host, source, graceMs: grace, isJson: json ?? false }, world)
}

/** A token that may not work is told at once; while nobody answers, the worker waits. */
async function refuseToken(source: WorkSource, { name, host }: { name: string; host: string }): Promise<void> {
  try {
    await source.beat({ worker: name, host, leases: [], seats: [] })
  } catch (error) {
    if (!(error instanceof PilothouseError) || error.status < 500) throw error
  }
}
