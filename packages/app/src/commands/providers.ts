import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import type { ProviderAccount, RentedProviderKind } from '@pilothouse/contract'
import { rentedProviderKinds } from '@pilothouse/contract/wire'
import { viewProviders } from '@pilothouse/terminal'
import { CommandError, exitCodes } from '../exit-code.ts'
import { findAccount } from '../find-account.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type Options = ServerOptions & { json?: boolean }
type AddOptions = Options & {
  keyFile?: string
  askKey?: boolean
  keyOfServer?: boolean
  api?: string
  trustNewHosts?: boolean
}
type GivenKey = { keyFrom: 'given'; apiKey: string } | { keyFrom: 'client' }

const examples = `
Without --key-file, --ask-key and --key-of-server the key is the one that the provider's own client keeps on this machine:
VAST_API_KEY, ~/.config/vastai/vast_api_key, ~/.vast_api_key; RUNPOD_API_KEY, ~/.runpod/config.toml. It is never an argument,
and never shown again.

Examples:
  pilothouse providers                              which accounts there are, and whether their providers answer
  pilothouse providers add vast lab                 with the key of this machine
  pilothouse providers add runpod night --key-file ~/runpod.key
  pass show vast | pilothouse providers add vast lab --key-file -
  pilothouse providers check lab                    lists its machines now; ends with 1 when that fails
  pilothouse providers remove lab                   forgets it; its machines go on, and are billed`

/** Adds the commands about accounts at providers of rented machines. */
export function addProvidersCommand(program: Command, context: CommandContext): void {
  const providers = program
    .command('providers')
    .description('List the accounts at providers of rented machines, or change which there are.')
    .option('--json', 'print JSON: {"accounts"}')
    .addHelpText('after', examples)
  addServerOptions(providers).action((options: Options) => listAccounts(options, context.world))
  const add = providers
    .command('add')
    .description('Make an account known. Its machines are listed at once; ends with 1 when that fails.')
    .addArgument(new Argument('<provider>', 'whose it is').choices(rentedProviderKinds))
    .argument('<name>', 'what it is called here')
    .option('--key-file <file>', 'the file that its key stands in; - for standard input')
    .option('--ask-key', 'ask for its key')
    .option('--key-of-server', "the key that the provider's client keeps where the control room runs")
    .option('--api <address>', "another address that speaks the provider's API")
    .option('--trust-new-hosts', 'believe the key of a new machine at the first connection')
    .option('--json', 'print JSON')
  addServerOptions(add).action((provider: RentedProviderKind, name: string, _own: AddOptions, whole: Command) =>
    addAccount({ provider, name }, whole.optsWithGlobals<AddOptions>(), context),
  )
  const addOne = (name: string, what: string, run: (account: string, options: Options) => Promise<void>): void => {
    const command = providers
      .command(name)
      .description(what)
      .argument('<account>', 'its name')
      .option('--json', 'print JSON')
    addServerOptions(command).action((account: string, _own: Options, whole: Command) =>
      run(account, whole.optsWithGlobals<Options>()),
    )
  }
  addOne('check', 'List the machines of an account now.', (name, options) => checkAccount(name, options, context))
  addOne(
    'remove',
    'Forget an account, its machines and what they cost. The machines go on, and are billed.',
    (name, options) => removeAccount(name, options, context.world),
  )
}

async function listAccounts({ json, ...server }: Options, world: World): Promise<void> {
  const { accounts } = await connect(server, world).call('providers.list')
  tell(world, json ? { accounts } : undefined, accounts)
}

async function addAccount(
  { provider, name }: { provider: RentedProviderKind; name: string },
  options: AddOptions,
  { world, endWith }: CommandContext,
): Promise<void> {
  const key = await readKey(provider, options, world)
  const body = { name, provider, url: options.api ?? null, trustsNewHosts: options.trustNewHosts === true, ...key }
  const account = await connect(options, world).call('providers.create', { body })
  tell(world, options.json ? account : undefined, [account])
  if (account.trouble !== null) endWith(exitCodes.failed.code)
}

/** A key never stands among arguments, where other users of the machine and the history of a shell have it. */
async function readKey(provider: RentedProviderKind, options: AddOptions, world: World): Promise<GivenKey> {
  const { keyFile, askKey, keyOfServer, api } = options
  if ([keyFile !== undefined, askKey, keyOfServer].filter(Boolean).length > 1)
    throw new CommandError('usage', 'A key has one origin.', {
      next: 'Give one of --key-file, --ask-key and --key-of-server.',
    })
  if (keyOfServer) return { keyFrom: 'client' }
  if (keyFile !== undefined) return take(await readFileOrInput(keyFile, world), `${keyFile} has none.`)
  if (askKey)
    return take(await world.ask('Key (not shown): ', { isSecret: true }), 'Nobody is at a terminal to enter it.')
  if (api !== undefined)
    throw new CommandError('usage', 'The key of this machine goes to no other address than the provider’s own.', {
      next: 'Give a key with --key-file or --ask-key.',
    })
  // Loaded by this command only: the others start without it.
  const { findProviderKey } = await import('@pilothouse/fleet')
  const found = await findProviderKey(provider, { environment: { ...world.environment }, home: world.home })
  if (found.key === null) return take(null, `${found.looked.join(', ')} have none.`)
  world.stderr.write(`The key is that of ${found.source}.\n`)
  return { keyFrom: 'given', apiKey: found.key }
}

function take(text: string | null, why: string): GivenKey {
  const apiKey = text?.trim()
  if (apiKey) return { keyFrom: 'given', apiKey }
  throw new CommandError('usage', 'There is no key.', {
    why,
    next: 'Sign in with the provider’s own client, or give a key with --key-file or --ask-key.',
  })
}

async function readFileOrInput(path: string, world: World): Promise<string | null> {
  if (path === '-') return world.readInput()
  return readFile(resolve(world.workingFolder, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const exit = cause.code === 'ENOENT' ? 'notFound' : 'failed'
    throw new CommandError(exit, `${path} cannot be read.`, { why: cause.message, cause })
  })
}

async function checkAccount(
  name: string,
  { json, ...server }: Options,
  { world, endWith }: CommandContext,
): Promise<void> {
  const client = connect(server, world)
  const { id } = await findAccount(client, name)
  const account = await client.call('providers.check', { params: { id } })
  tell(world, json ? account : undefined, [account])
  if (account.trouble !== null) endWith(exitCodes.failed.code)
}

async function removeAccount(name: string, { json, ...server }: Options, world: World): Promise<void> {
  const client = connect(server, world)
  const account = await findAccount(client, name)
  await client.call('providers.delete', { params: { id: account.id } })
  const words = `${account.name} is forgotten. Its machines go on, and are billed.`
  world.stdout.write(`${json ? JSON.stringify(account) : words}\n`)
}

/** @param answer as JSON; undefined: the accounts in lines */
function tell({ stdout, now }: World, answer: unknown, accounts: readonly ProviderAccount[]): void {
  const view = { paint: stdout.paint, width: stdout.width(), now: now() }
  stdout.write(`${answer === undefined ? viewProviders(accounts, view).join('\n') : JSON.stringify(answer)}\n`)
}
