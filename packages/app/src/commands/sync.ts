import { join, resolve } from 'node:path'
import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { PilothouseError } from '@pilothouse/contract'
import {
  type CollectorEvent,
  countReports,
  describeFailure,
  MailboxCollector,
  type MailboxRun,
  makeLocalPlace,
} from '@pilothouse/fleet'
import { type SyncedRun, viewFailure, viewSync, viewSyncProgress } from '@pilothouse/terminal'
import { findDataFolder } from '../data-folder.ts'
import { CommandError, exitCodes } from '../exit-code.ts'
import { findServer, type ServerOptions } from '../find-server.ts'
import { makeMailboxServer } from '../mailbox-delivery.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions } from '../server-options.ts'
import type { World } from '../world.ts'

type SyncOptions = ServerOptions & { json?: boolean }

/** How often long work says where it stands: on a terminal, and in a log. */
const progressMs = { terminal: 250, log: 10_000 }

const examples = `
Sends, in order and once, what scripts have kept while they could not reach the control room. Each report goes away when
the control room has stored it; what it refuses for good is kept as .refused. Broken off, it goes on the next time.

Examples:
  pilothouse sync                           the spool of this machine
  pilothouse sync /scratch/me/runs          all spools and mailboxes below a folder
  pilothouse sync --url http://control:4080 --token "$TOKEN" spool-from-the-cluster`

export function addSyncCommand(program: Command, { world, endWith }: CommandContext): void {
  const command = program
    .command('sync')
    .argument('[folder...]', 'spools, mailboxes, or folders above them (default: the spool of the data folder)')
    .description('Send the reports of runs that were offline or lost their control room.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(command).action(async (folders: string[], options: SyncOptions) => {
    endWith(await sync(folders, options, world))
  })
}

async function sync(named: readonly string[], { json, ...options }: SyncOptions, world: World): Promise<number> {
  const folders = chooseFolders(named, options, world)
  const server = makeMailboxServer(findServer(options, world, 'report.token'))
  const progress = makeProgress(world)
  const collector = new MailboxCollector({
    server,
    tell: (event) => {
      progress.note(event)
      if (event.kind === 'refused') progress.say(describeRefusal(event), world)
    },
  })
  const stop = new AbortController()
  const undo = world.onStop(() => stop.abort())
  try {
    await collector.drain(makeLocalPlace(folders), stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    undo()
    progress.end()
  }
  const runs = await Promise.all(collector.runs.map(describeRun))
  world.stdout.write(json ? `${JSON.stringify({ runs })}\n` : `${viewSync(runs, world.stdout.paint).join('\n')}\n`)
  if (stop.signal.aborted) world.stderr.write('Broken off; call it again to go on.\n')
  return chooseExit(collector.runs, runs, stop.signal.aborted)
}

/** @throws CommandError `usage` when a folder that was named is none. */
function chooseFolders(named: readonly string[], { data }: ServerOptions, world: World): string[] {
  if (named.length === 0) return [join(data ?? findDataFolder(world), 'spool')]
  const folders = named.map((folder) => resolve(world.workingFolder, folder))
  const missing = folders.filter((folder) => !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
  if (missing.length === 0) return folders
  throw new CommandError('usage', `There is no such folder: ${missing.join(', ')}.`, {
    next: 'Name the folder of a run, or one above it; without a name it is the spool of this machine.',
  })
}

async function describeRun(run: MailboxRun): Promise<SyncedRun> {
  const left = await countReports(run.folder)
  const failure = run.trouble === null ? null : describeFailure(run.trouble.error)
  return {
    folder: run.folder,
    uid: run.job?.uid ?? null,
    page: run.job?.page ?? null,
    sent: run.storedCount,
    refused: run.refusedCount,
    left,
    trouble: failure === null ? null : { message: failure.message, next: failure.hint ?? null },
  }
}

function describeRefusal({ run, stem, error }: CollectorEvent & { kind: 'refused' }): string {
  return `${join(run.folder, stem)}.report is set aside. ${describeFailure(error).message}`
}

function chooseExit(remembered: readonly MailboxRun[], runs: readonly SyncedRun[], isBrokenOff: boolean): number {
  const errors = remembered.flatMap(({ trouble }) => (trouble === null ? [] : [trouble.error]))
  if (errors.some((error) => error instanceof PilothouseError && error.status === 503)) return exitCodes.noServer.code
  if (errors.some((error) => error instanceof PilothouseError && [401, 403].includes(error.status)))
    return exitCodes.refused.code
  const isWhole = runs.every(({ left, refused, trouble }) => left === 0 && refused === 0 && trouble === null)
  return isWhole && !isBrokenOff ? exitCodes.ok.code : exitCodes.failed.code
}

/** Says now and then where long work stands: over itself on a terminal, as a line otherwise. */
function makeProgress({ stderr, now }: World) {
  const jobs = new Set<string>()
  let sent = 0
  let saidAt = now()
  let isShown = false
  const clear = (): void => {
    if (isShown) stderr.write('\r\u001B[K')
    isShown = false
  }
  return {
    note(event: CollectorEvent): void {
      if (event.kind !== 'stored') return
      jobs.add(event.run.folder)
      sent += event.count
      if (now() - saidAt < (stderr.isTerminal ? progressMs.terminal : progressMs.log)) return
      saidAt = now()
      const text = viewSyncProgress(sent, jobs.size)
      stderr.write(stderr.isTerminal ? `\r\u001B[K${text}` : `${text}\n`)
      isShown = stderr.isTerminal
    },
    say(what: string, { stderr: { paint } }: World): void {
      clear()
      stderr.write(`${viewFailure({ what }, paint)}\n`)
    },
    end: clear,
  }
}
