import type { Command as CliCommand } from 'commander'
import { PilothouseError, type Proposal } from '@pilothouse/contract'
import { viewProposals, viewProposed } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'
import { addWaitOptions, tellJob, type WaitOptions } from './steer.ts'

type ListOptions = ServerOptions & { all?: boolean; json?: boolean }
type ApproveOptions = WaitOptions & { anyway?: boolean }
type DeclineOptions = ServerOptions & { reason?: string; json?: boolean }

const examples = `
In projects that ask for it, what a member changes waits until an admin approves it.

Examples:
  pilothouse proposals t7k2m9xq                 what waits
  pilothouse approve t7k2m9xq 3                 give it to the job, and wait for what comes of it
  pilothouse decline t7k2m9xq 3 --reason "not before the evaluation"
  pilothouse withdraw t7k2m9xq 3                take back one's own`

const readId = wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER })

/** Adds the commands about changes that wait for an admin. */
export function addProposalCommands(program: CliCommand, { world }: CommandContext): void {
  const list = program
    .command('proposals')
    .argument('<uid>', 'the job')
    .description('List changes of a job that wait for an admin.')
    .option('--all', 'those that are decided, too')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(list).action((uid: string, options: ListOptions) => listProposals(uid, options, world))
  const approve = addDecision(program, 'approve', 'Give a proposed change to the job, as an admin.').option(
    '--anyway',
    'also when its parameter has changed since it was proposed',
  )
  addWaitOptions(approve, { note: false }).action((uid: string, id: number, options: ApproveOptions) =>
    approveProposal(uid, id, options, world),
  )
  const decline = addDecision(program, 'decline', 'Decline a proposed change, as an admin.')
    .option('--reason <text>', 'why, for who proposed it')
    .option('--json', 'print JSON')
  addServerOptions(decline).action(async (uid: string, id: number, { reason, json, ...server }: DeclineOptions) => {
    const body = reason === undefined ? {} : { reason }
    const params = { uid, id: String(id) }
    tell(await connect(server, world).call('proposals.decline', { params, body }), json, world)
  })
  const withdraw = addDecision(program, 'withdraw', 'Take back a change that you proposed.').option(
    '--json',
    'print JSON',
  )
  addServerOptions(withdraw).action(async (uid: string, id: number, { json, ...server }: ListOptions) => {
    const params = { uid, id: String(id) }
    tell(await connect(server, world).call('proposals.withdraw', { params }), json, world)
  })
}

function addDecision(program: CliCommand, name: string, what: string): CliCommand {
  return program
    .command(name)
    .argument('<uid>', 'the job')
    .argument('<proposal>', 'its number, as «pilothouse proposals» prints it', readId)
    .description(what)
}

async function listProposals(uid: string, { all, json, ...server }: ListOptions, world: World): Promise<void> {
  const answer = await connect(server, world).call('proposals.list', { params: { uid } })
  const proposals = all ? answer.proposals : answer.proposals.filter(({ state }) => state === 'open')
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify({ proposals })}\n`)
  const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
  stdout.write(`${viewProposals(proposals, view).join('\n')}\n`)
}

async function approveProposal(uid: string, id: number, options: ApproveOptions, world: World): Promise<void> {
  const params = { uid, id: String(id) }
  await tellJob(world, options, uid, async (client) => {
    if (!options.anyway) return client.call('proposals.approve', { params, body: {} }).catch(explainMoved)
    const [{ proposals }, { parameters }] = await Promise.all([
      client.call('proposals.list', { params: { uid } }),
      client.call('parameters.list', { params: { uid } }),
    ])
    const key = proposals.find((one) => one.id === id)?.key
    if (key === undefined) {
      throw new CommandError('notFound', `This job has no proposal ${id}.`, {
        next: `«pilothouse proposals ${uid}» lists them.`,
      })
    }
    const revision = parameters.find((one) => one.key === key)?.revision
    return client.call('proposals.approve', { params, body: revision === undefined ? {} : { revision } })
  })
}

/** That the parameter has changed since is no end: whoever has read it may go on. */
function explainMoved(error: unknown): never {
  if (!(error instanceof PilothouseError) || error.field !== 'revision') throw error
  throw new CommandError('failed', error.message, { next: '«--anyway» approves it all the same.', cause: error })
}

function tell(proposal: Proposal, json: boolean | undefined, world: World): void {
  world.stdout.write(json ? `${JSON.stringify(proposal)}\n` : `${viewProposed(proposal)}\n`)
}
