import { type Command, Option } from 'commander'
import { type CollectorEvent, describeFailure, MailboxCollector, type MailboxRun, SshError } from '@pilothouse/fleet'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { type BridgeReady, listBridgeSettings, viewBridge, viewFailure } from '@pilothouse/terminal'
import { Bridge, type BridgeEvent } from '../bridge.ts'
import { CommandError } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import { makeMailboxServer } from '../mailbox-delivery.ts'
import { gather, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions } from '../server-options.ts'
import type { World } from '../world.ts'

type BridgeOptions = ServerOptions & {
  mailbox?: string[]
  port: number
  installToken?: boolean
  sshConfig?: string
  batch?: boolean
  json?: boolean
}

const defaultMailbox = '~/.pilothouse/mailbox'

const examples = `
Keeps a way open between this control room and a machine that you reach by ssh, and says what to set there: a port that leads
here, and a mailbox that is collected. Where the machine forwards no ports, the mailbox alone. It uses your ssh configuration,
agent and known_hosts; a broken connection is made again.

Examples:
  pilothouse bridge gpu7                          and once, with --install-token
  pilothouse bridge me@login.cluster --mailbox /scratch/me/mailbox
  pilothouse bridge gpu7 --mailbox '~/.local/share/pilothouse/spool'   also what scripts left behind there`

export function addBridgeCommand(program: Command, { world }: CommandContext): void {
  const command = program
    .command('bridge')
    .argument('<host>', 'as behind ssh: a name of your configuration, or user@host')
    .description('Let jobs on a machine reached by ssh report here.')
    .option('--mailbox <folder>', `folder there that is collected; may be repeated (${defaultMailbox})`, gather)
    .option('--port <number>', 'port there; 0 takes any that is free', wholeNumber({ min: 0, max: 65_535 }), 0)
    .option('--install-token', 'write a token for reporting into a file there that only you can read')
    .addOption(new Option('-F, --ssh-config <file>', 'another ssh configuration file'))
    .option('--batch', 'never ask for a password or a host key')
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', examples)
  addServerOptions(command).action((host: string, options: BridgeOptions) => keepBridge(host, options, world))
}

async function keepBridge(host: string, options: BridgeOptions, world: World): Promise<void> {
  const server = findServer(options, world, 'report.token')
  const say = makeSpeaker(host, options.json ?? false, world)
  const bridge = new Bridge({
    host,
    configPath: options.sshConfig,
    mayAsk: world.stderr.isTerminal && !options.batch,
    mailboxes: options.mailbox ?? [defaultMailbox],
    remotePort: options.port,
    target: chooseTarget(server.url),
    token: options.installToken ? server.token : null,
    collector: new MailboxCollector({ server: makeMailboxServer(server), tell: say }),
    tell: say,
  })
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  world.outliveReaders()
  try {
    await bridge.keep(stop.signal)
  } catch (error) {
    if (!(error instanceof SshError)) throw error
    throw new CommandError('failed', error.message, { next: error.hint, cause: error })
  } finally {
    undo()
  }
}

/** A certificate names one host; through a forwarded port another one would be asked. */
function chooseTarget(url: string): { host: string; port: number } | Error {
  const { protocol, hostname, port } = new URL(url)
  if (protocol === 'http:') return { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || 80) }
  return new Error(`The control room is at ${url}, and its certificate would not fit a forwarded port.`)
}

type Told = BridgeEvent | CollectorEvent

/** Says what happens: facts on standard output, what goes wrong on standard error; as JSON all of it on standard output. */
function makeSpeaker(host: string, json: boolean, world: World): (event: Told) => void {
  const { stdout, stderr } = world
  if (json) return (event) => stdout.write(`${JSON.stringify({ at: world.now(), host, ...toJson(host, event) })}\n`)
  return (event) => {
    const { lines, failure } = describe(host, event, world)
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
    if (failure) stderr.write(`${viewFailure(failure, stderr.paint)}\n`)
  }
}

type Spoken = { lines: string[]; failure?: { what: string; why?: string; next?: string | undefined } }

function describe(host: string, event: Told, { stdout: { paint } }: World): Spoken {
  switch (event.kind) {
    case 'ready':
      return { lines: viewBridge(toReady(host, event), paint) }
    case 'broken':
      return { lines: [], failure: { what: `${event.error.message} It is tried again.`, next: event.error.hint } }
    case 'healed':
      return { lines: [`${paint('green', '●')} ${host}: connected again`] }
    case 'portOpen':
      return { lines: [`${paint('green', '●')} ${host}: port ${event.port} leads here again`] }
    case 'portTaken': {
      const what = `The port ${event.port} of ${host} is still held by the broken connection; reports come by the mailbox.`
      return { lines: [], failure: { what, next: 'It is tried again every two seconds.' } }
    }
    case 'unreadable':
      return { lines: [], failure: toFailure(`The mailboxes of ${host} cannot be collected now.`, event.error) }
    case 'job':
      return { lines: [`${paint('blue', '●')} ${nameRun(event.run)}  ${event.run.job?.page ?? ''}`.trimEnd()] }
    case 'over':
      return {
        lines: [`${paint('green', '✓')} ${nameRun(event.run)}  all ${event.run.storedCount} reports of it arrived`],
      }
    case 'refused': {
      const what = `${nameFolder(event.run)}/${event.stem}.report is set aside on ${host}.`
      return { lines: [], failure: toFailure(what, event.error) }
    }
    case 'trouble':
      return { lines: [], failure: toFailure(`The reports in ${nameFolder(event.run)} on ${host} wait.`, event.error) }
    case 'away':
      return { lines: [], failure: toFailure('Reports wait where they are.', event.error) }
    case 'back':
      return { lines: ['The control room is back; what waited is sent.'] }
    case 'stored':
      return { lines: [] }
    default:
      return event satisfies never
  }
}

function toJson(host: string, event: Told): Record<string, unknown> {
  switch (event.kind) {
    case 'ready': {
      const ready = toReady(host, event)
      return { event: 'ready', ...ready, set: listBridgeSettings(ready) }
    }
    case 'portOpen':
      return { event: event.kind, port: event.port }
    case 'broken':
    case 'portTaken':
    case 'unreadable':
    case 'away':
      return { event: event.kind, ...describeFailure(event.error) }
    case 'healed':
    case 'back':
      return { event: event.kind }
    case 'job':
    case 'over':
      return { event: event.kind, ...toRunJson(event.run) }
    case 'stored':
      return { event: event.kind, ...toRunJson(event.run), count: event.count }
    case 'refused':
      return { event: event.kind, ...toRunJson(event.run), report: event.stem, ...describeFailure(event.error) }
    case 'trouble':
      return { event: event.kind, ...toRunJson(event.run), ...describeFailure(event.error) }
    default:
      return event satisfies never
  }
}

function toReady(host: string, { far, port, refusal }: BridgeEvent & { kind: 'ready' }): BridgeReady {
  return { host, port, refusal: refusal?.message ?? null, mailboxes: far.mailboxes, tokenPath: far.tokenPath }
}

function toRunJson({ folder, job, storedCount }: MailboxRun): Record<string, unknown> {
  return { folder, uid: job?.uid ?? null, page: job?.page ?? null, sent: storedCount }
}

function nameRun(run: MailboxRun): string {
  return run.job?.uid ?? nameFolder(run)
}

/** Whoever made it there chose its name. */
function nameFolder({ folder }: MailboxRun): string {
  return sanitizeForTerminal(folder)
}

function toFailure(what: string, error: unknown): NonNullable<Spoken['failure']> {
  const { message, hint } = describeFailure(error)
  return { what, why: message, next: hint }
}
