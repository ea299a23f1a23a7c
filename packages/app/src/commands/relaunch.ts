import { hostname } from 'node:os'
import type { Command as CliCommand } from 'commander'
import type { Client } from '@pilothouse/client'
import type { Checkpoint } from '@pilothouse/contract'
import { runLocal } from '@pilothouse/fleet'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { CommandError } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import { pickCheckpoint } from './copy-checkpoint.ts'
import type { World } from '../world.ts'

type RelaunchOptions = ServerOptions & { print?: boolean; yes?: boolean }

const examples = `
The command is the one that the job was started with, in the same folder. It becomes a further attempt of the job, goes on
from the checkpoint at its first control point, and what follows is a new branch.

Examples:
  pilothouse relaunch t7k2m9xq                      from its newest checkpoint
  pilothouse relaunch t7k2m9xq step-00004000.pt     from that one
  pilothouse relaunch t7k2m9xq --print              only the line for a shell, for another machine`

export function addRelaunchCommand(program: CliCommand, { world, endWith }: CommandContext): void {
  const command = program
    .command('relaunch')
    .argument('<uid>', 'a job that has ended')
    .argument('[checkpoint]', 'name or number, as «pilothouse checkpoints» prints them; the newest by default')
    .description('Start a job again from one of its checkpoints.')
    .option('--print', 'print the line for a shell, and start nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', examples)
  addServerOptions(command).action(async (uid: string, checkpoint: string | undefined, options: RelaunchOptions) =>
    endWith(await relaunch(uid, checkpoint, options, world)),
  )
}

async function relaunch(
  uid: string,
  asked: string | undefined,
  options: RelaunchOptions,
  world: World,
): Promise<number> {
  const client = connect(options, world)
  const { id } = await chooseCheckpoint(client, uid, asked)
  const { command, folder, uri, host, line, isHidden, remarks } = await client.call('checkpoints.relaunch', {
    params: { uid, id: String(id) },
  })
  if (options.print) {
    world.stdout.write(`${sanitizeForTerminal(line)}\n`)
    for (const remark of remarks) world.stderr.write(`${remark}\n`)
    return 0
  }
  if (isHidden) {
    throw new CommandError('failed', 'The job was started with an option whose value it has kept to itself.', {
      next: '«--print» prints the line; put the value in and run it.',
    })
  }
  if (host !== hostname()) {
    throw new CommandError(
      'failed',
      `The checkpoint lies on ${sanitizeForTerminal(host)}, and this is ${hostname()}.`,
      {
        next: 'Run there what «--print» prints.',
      },
    )
  }
  if (!options.yes) await confirm(line, world)
  const { url, token, tokenPath } = findServer(options, world, 'report.token')
  // A file where there is one: others see the environment of a process.
  const shown = tokenPath === null ? { PILOTHOUSE_TOKEN: token } : { PILOTHOUSE_TOKEN_FILE: tokenPath }
  const own = { PILOTHOUSE_URL: url, ...shown, PILOTHOUSE_JOB: uid, PILOTHOUSE_RESTORE: uri }
  const [program = '', ...args] = command
  const env = { ...world.environment, ...own }
  const { exitCode } = await runLocal({
    command: program,
    args,
    cwd: folder,
    env,
    stdout: world.stdout.stream,
    stderr: world.stderr.stream,
  })
  return exitCode ?? 1
}

async function chooseCheckpoint(client: Client, uid: string, asked: string | undefined): Promise<Checkpoint> {
  const { checkpoints } = await client.call('checkpoints.list', { params: { uid } })
  const present = checkpoints.filter(isThere)
  const found = asked === undefined ? present[0] : pickCheckpoint(present, asked)
  if (found) return found
  const what =
    asked === undefined ? 'This job has no checkpoints.' : `This job has no checkpoint «${asked}» that is there.`
  throw new CommandError('notFound', what, { next: `«pilothouse checkpoints ${uid}» lists them.` })
}

/** Its files, or a copy that the job fetches. */
function isThere({ state, copy }: Checkpoint): boolean {
  return state === 'present' || (copy?.state === 'copied' && (state === 'missing' || state === 'corrupt'))
}

/** What reporters have told is run only when somebody has seen it. */
async function confirm(line: string, world: World): Promise<void> {
  world.stderr.write(`${sanitizeForTerminal(line)}\n`)
  const answer = await world.ask('Start this? [y/N] ')
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  if (answer !== null) throw new CommandError('failed', 'Nothing was started.', { why: 'The answer was not yes.' })
  throw new CommandError('usage', 'Nothing was started.', {
    why: 'Without a terminal nobody can confirm it.',
    next: 'Say --yes if it shall be started without a question.',
  })
}
