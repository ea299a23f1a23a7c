import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { limits } from '@pilothouse/contract/wire'
import { viewOffers } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import { findAccount } from '../find-account.ts'
import type { ServerOptions } from '../find-server.ts'
import { gather, wholeNumber } from '../read-number.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type OfferOptions = ServerOptions & {
  account?: string
  gpu?: string
  gpus?: number
  perHourMax?: number
  diskMin?: number
  limit: number
  json?: boolean
}
type RentOptions = ServerOptions & {
  account?: string
  image: string
  disk: number
  label?: string
  onStart?: string
  sshKey?: string[]
  yes?: boolean
  json?: boolean
}

/** Adds `offers` and `rent` below `instances`. */
export function addRentCommands(instances: Command, world: World): void {
  const offers = instances
    .command('offers')
    .description('List machines that could be rented, the cheapest first.')
    .option('--account <name>', 'ask with this account (default: the only one)')
    .option('--gpu <text>', 'part of the name of its GPU')
    .option('--gpus <count>', 'so many GPUs at least', wholeNumber({ min: 1, max: 1_000 }))
    .option('--per-hour-max <amount>', 'so much an hour at most', readAmount)
    .option('--disk-min <GB>', 'so much disk at least', readAmount)
    .option('--limit <count>', 'so many at most', wholeNumber({ min: 1, max: limits.offersMax }), 30)
    .option('--json', 'print JSON: {"offers"}')
  addServerOptions(offers).action((_own: OfferOptions, whole: Command) =>
    listOffers(whole.optsWithGlobals<OfferOptions>(), world),
  )
  const rent = instances
    .command('rent')
    .description('Rent a machine. It is billed from then on.')
    .argument('<offer>', 'its id, as «instances offers» has it')
    .option('--account <name>', 'of this account (default: the only one)')
    .requiredOption('--image <name>', 'what it runs')
    .option('--disk <GB>', 'so much disk', wholeNumber({ min: 1, max: 100_000 }), 40)
    .option('--label <text>', 'what it is called')
    .option('--on-start <file>', 'a script of sh that runs once when it starts')
    .option('--ssh-key <file>', 'a public key that may log in; again for more', gather)
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON: {"instanceId"}')
  addServerOptions(rent).action((offer: string, _own: RentOptions, whole: Command) =>
    rentMachine(offer, whole.optsWithGlobals<RentOptions>(), world),
  )
}

function readAmount(text: string): number {
  const amount = Number(text)
  if (text.trim() !== '' && amount >= 0 && Number.isFinite(amount)) return amount
  throw new InvalidArgumentError('A number from 0 on is wanted.')
}

async function listOffers(options: OfferOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { gpu, gpus, perHourMax, diskMin, limit } = options
  const { id } = await findAccount(client, options.account)
  const query = {
    limit,
    ...(gpu !== undefined && { gpu }),
    ...(gpus !== undefined && { gpuCountMin: gpus }),
    ...(perHourMax !== undefined && { perHourMax }),
    ...(diskMin !== undefined && { diskGbMin: diskMin }),
  }
  const { offers } = await client.call('providers.offers', { params: { id }, query })
  const { stdout } = world
  const view = { paint: stdout.paint, width: stdout.width(), now: world.now() }
  stdout.write(`${options.json ? JSON.stringify({ offers }) : viewOffers(offers, view).join('\n')}\n`)
}

async function rentMachine(offerId: string, options: RentOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const account = await findAccount(client, options.account)
  const body = {
    offerId,
    image: options.image,
    diskGb: options.disk,
    label: options.label ?? null,
    onStart: options.onStart === undefined ? null : await readText(options.onStart, world),
    sshKeys: await Promise.all((options.sshKey ?? []).map((path) => readPublicKey(path, world))),
  }
  if (!options.yes) {
    world.stderr.write(`Rent offer ${offerId} with the account ${account.name}. It is billed from then on.\n`)
    const answer = await world.ask('Rent it? [y/N] ')
    if (answer === null || !/^y(es)?$/i.test(answer.trim()))
      throw new CommandError(answer === null ? 'usage' : 'failed', 'Nothing was rented.', {
        why: answer === null ? 'Without a terminal nobody can confirm it.' : 'The answer was not yes.',
        ...(answer === null && { next: 'Say --yes if it shall be rented without a question.' }),
      })
  }
  const rented = await client.call('providers.rent', { params: { id: account.id }, body })
  const words = `${rented.instanceId} is rented, and billed from now on. «pilothouse instances» lists it.`
  world.stdout.write(`${options.json ? JSON.stringify(rented) : words}\n`)
}

/** A private key never leaves this machine. */
async function readPublicKey(path: string, world: World): Promise<string> {
  const text = (await readText(path, world)).trim()
  if (/^(?:ssh|ecdsa|sk)-[^\n]+$/.test(text)) return text
  throw new CommandError('usage', `${path} is no public key.`, { next: 'Name the file that ends in .pub.' })
}

async function readText(path: string, world: World): Promise<string> {
  return readFile(resolve(world.workingFolder, path), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const exit = cause.code === 'ENOENT' ? 'notFound' : 'failed'
    throw new CommandError(exit, `${path} cannot be read.`, { why: cause.message, cause })
  })
}
