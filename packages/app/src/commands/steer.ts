import type { Command as CliCommand } from 'commander'
import type { Client } from '@pilothouse/client'
import type { Command, ParameterValue, Proposed } from '@pilothouse/contract'
import { isOpenCommand } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewOutcome, viewParameters, viewProposed } from '@pilothouse/terminal'
import { CommandError, type ExitName, exitCodes } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, waitOption } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { addCheckpointsCommand } from './checkpoints.ts'
import { checkFiles, copyCheckpoint, findCheckpoint } from './copy-checkpoint.ts'

export type WaitOptions = ServerOptions & { wait: boolean; timeout: number; note?: string; json?: boolean }
type CheckpointOptions = WaitOptions & {
  copy?: string
  check?: string
  name?: string
  description?: string
  tag?: string[]
}
type StopOptions = WaitOptions & { checkpoint: boolean }
type RollbackOptions = StopOptions & { keepParameters?: boolean }

/** Between two questions for what came of a command. */
const askMs = 150

const setExamples = `
A value is taken between two steps; the command waits until the job says so. Without a value it lists what can be set.
Where an admin has to approve changes, it proposes them and ends with exit code 6.

Examples:
  pilothouse set t7k2m9xq                              parameters of the job
  pilothouse set t7k2m9xq lr=1e-4 --note "it diverges"
  pilothouse set t7k2m9xq lr=1e-4 clip=0.5 shuffle=true`

const rollbackExamples = `
The job writes a checkpoint of where it is first (--no-checkpoint: it does not), and what follows is a new branch.

Examples:
  pilothouse rollback t7k2m9xq step-00004000.pt
  pilothouse rollback t7k2m9xq 17 --keep-parameters    by the number of the checkpoint`

/** Adds the commands that steer a running job. */
export function addSteerCommands(program: CliCommand, { world, endWith }: CommandContext): void {
  const set = program
    .command('set')
    .argument('<uid>', 'the job')
    .argument('[changes...]', 'parameters with their new values, as lr=1e-4')
    .description('Change parameters of a running job, or list them.')
    .addHelpText('after', setExamples)
  addWaitOptions(set).action(async (uid: string, changes: string[], options: WaitOptions) =>
    endWith(await setParameters(uid, changes, options, world)),
  )
  const checkpoint = program
    .command('checkpoint')
    .argument('<uid>', 'the job')
    .description('Have a running job write a checkpoint now; or copy one to the control room, or look at its files.')
    .option('--name <name>', 'what it is called; after its step by default')
    .option('--description <text>', 'what there is to say about it')
    .option('--tag <tag>', 'a tag of it; may be repeated', gather)
    .option('--copy <checkpoint>', 'copy this one to the control room instead, by its name or number')
    .option('--check <checkpoint>', 'look at the files of this one instead, and compare their bytes')
  addWaitOptions(checkpoint).action((uid: string, options: CheckpointOptions) => {
    const { copy, check, name, description, tag } = options
    if (copy !== undefined) return copyCheckpoint({ uid, asked: copy, ...options }, world)
    if (check !== undefined) return checkFiles({ uid, asked: check, ...options }, world)
    const body = { ...(name && { name }), ...(description && { description }), ...(tag && { tags: tag }) }
    return tellJob(world, options, uid, (client) => client.call('checkpoints.create', { params: { uid }, body }))
  })
  addCheckpointsCommand(program, world)
  const rollback = program
    .command('rollback')
    .argument('<uid>', 'the job')
    .argument('<checkpoint>', 'name or number, as «pilothouse checkpoints» prints them')
    .description('Have a running job go back to a checkpoint.')
    .option('--no-checkpoint', 'where it is now is not written down first')
    .option('--keep-parameters', 'parameters stay as they are now')
    .addHelpText('after', rollbackExamples)
  addWaitOptions(rollback).action((uid: string, name: string, options: RollbackOptions) =>
    rollBack(uid, name, options, world),
  )
  addPlainCommands(program, world)
}

function addPlainCommands(program: CliCommand, world: World): void {
  const plain = [
    { name: 'pause', route: 'jobs.pause', what: 'Pause a running job: it keeps what it holds.' },
    { name: 'resume', route: 'jobs.resume', what: 'Let a paused job go on.' },
    { name: 'evaluate', route: 'jobs.evaluate', what: 'Have a running job evaluate now.' },
  ] as const
  for (const { name, route, what } of plain) {
    const command = program.command(name).argument('<uid>', 'the job').description(what)
    addWaitOptions(command).action((uid: string, options: WaitOptions) =>
      tellJob(world, options, uid, (client) => client.call(route, { params: { uid }, body: withNote(options) })),
    )
  }
  const stop = program
    .command('stop')
    .argument('<uid>', 'the job')
    .description('Have a running job end by itself, after a checkpoint where it can write one.')
    .option('--no-checkpoint', 'without one')
  addWaitOptions(stop).action((uid: string, options: StopOptions) =>
    tellJob(world, options, uid, (client) =>
      client.call('jobs.stop', {
        params: { uid },
        body: { ...withNote(options), checkpointFirst: options.checkpoint },
      }),
    ),
  )
}

/** Options of what is told to a job. `note`: whoever tells it may say why. */
export function addWaitOptions(command: CliCommand, { note } = { note: true }): CliCommand {
  if (note) command.option('--note <text>', 'why, for those who read it later')
  command.option('--no-wait', 'do not wait for what comes of it').addOption(waitOption()).option('--json', 'print JSON')
  return addServerOptions(command)
}

/** Resolves to the exit code. */
async function setParameters(uid: string, changes: string[], options: WaitOptions, world: World): Promise<number> {
  const client = connect(options, world)
  if (changes.length === 0) {
    const list = await client.call('parameters.list', { params: { uid } })
    const { stdout } = world
    const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
    stdout.write(options.json ? `${JSON.stringify(list)}\n` : `${viewParameters(list, view).join('\n')}\n`)
    return exitCodes.ok.code
  }
  const pairs = changes.map(readChange)
  let end: ExitName = 'ok'
  for (const { key, value } of pairs) {
    const body = { value, ...withNote(options) }
    const answer = await client.call('parameters.set', { params: { uid, key }, body })
    if ('proposals' in answer) {
      end = 'proposed'
      tellProposed(answer, options, world)
    } else await tellJob(world, options, uid, () => Promise.resolve(answer))
  }
  return exitCodes[end].code
}

function tellProposed(answer: Proposed, { json }: WaitOptions, { stdout }: World): void {
  if (json) return stdout.write(`${JSON.stringify(answer)}\n`)
  for (const proposal of answer.proposals) stdout.write(`${viewProposed(proposal)}\n`)
}

function readChange(text: string): { key: string; value: ParameterValue } {
  const at = text.indexOf('=')
  if (at < 1) throw new CommandError('usage', `«${text}» is no change.`, { next: 'Write NAME=VALUE, as lr=1e-4.' })
  return { key: text.slice(0, at), value: readValue(text.slice(at + 1)) }
}

/** A number, true or false, else the text as it stands; in double quotes it is always a text. */
function readValue(text: string): ParameterValue {
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

async function rollBack(uid: string, asked: string, options: RollbackOptions, world: World): Promise<void> {
  await tellJob(world, options, uid, async (client) => {
    const found = await findCheckpoint(client, uid, asked)
    const how = { checkpointFirst: options.checkpoint, keepParameters: options.keepParameters ?? false }
    const params = { uid, id: String(found.id) }
    return client.call('checkpoints.rollback', { params, body: { ...how, ...withNote(options) } })
  })
}

function withNote({ note }: WaitOptions): { note?: string } {
  return note === undefined ? {} : { note }
}

/** Tells a job something and waits for what comes of it. */
export async function tellJob(
  world: World,
  options: WaitOptions,
  uid: string,
  tell: (client: Client) => Promise<Command>,
): Promise<void> {
  const client = connect(options, world)
  const given = await tell(client)
  const command = options.wait
    ? await waitForEnd(client, { uid, given, until: world.now() + options.timeout }, world)
    : given
  if (options.json) world.stdout.write(`${JSON.stringify(command)}\n`)
  const what = sanitizeForTerminal(viewOutcome(command))
  if (command.state === 'applied' || isOpenCommand(command.state)) {
    if (!options.json) world.stdout.write(`${what}\n`)
    if (isOpenCommand(command.state) && options.wait) {
      throw new CommandError('failed', 'The job has not answered yet.', {
        next: `It still may, until ${new Date(command.expiresAt).toLocaleTimeString()}. «--timeout 10m» waits longer.`,
      })
    }
    return
  }
  throw new CommandError('failed', what, command.reason === null ? {} : { why: sanitizeForTerminal(command.reason) })
}

type Wait = { uid: string; given: Command; until: number }

async function waitForEnd(client: Client, { uid, given, until }: Wait, world: World): Promise<Command> {
  let command = given
  while (isOpenCommand(command.state) && world.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, askMs))
    // Behind the one that was given nothing can be older: it is the last of this page.
    const query = { limit: '20', cursor: String(given.id + 1) }
    const page = await client.call('commands.list', { params: { uid }, query })
    command = page.commands.find(({ id }) => id === given.id) ?? command
  }
  return command
}
