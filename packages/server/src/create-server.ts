/** The one place where everything is wired together. */
import { access as checkAccess, chmod, constants, mkdir, readdir, stat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { resolve } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { formatLink } from './access/link-url.ts'
import { removeServerFile, writeServerFile } from './access/token-files.ts'
import type { ServerConfig } from './config.ts'
import { createApp } from './http/create-app.ts'
import { checkNetwork, formatUrl, listen, trackSockets } from './http/listen.ts'
import { type MakeParts, makeResources, type Paces } from './make-resources.ts'
import type { Resources } from './resources.ts'
import { startStorage } from './storage/start-storage.ts'
import { Troubles } from './system/troubles.ts'

export type RunningServer = {
  /** Where it listens, as `http://127.0.0.1:4080`. */
  url: string
  port: number
  dataFolder: string
  /** A new one-time link to sign in with as the first admin, good for 15 minutes. */
  link(): string
  /** Ends streams, finishes requests for at most a few seconds, flushes the storage. Calling it again changes nothing. */
  close(): Promise<void>
}

export type Clock = Paces & {
  /** Milliseconds since 1970, as the server sees it when it decides what has expired. */
  now?: () => number
}

/** Requests under way get so long when the server stops; then they are cut off. */
const closeMsMax = 3_000

/**
 * Starts a server.
 * @throws PilothouseError when the data folder is in use or cannot be written, no port is free, or the address is open
 * to the network without an explicit word.
 */
export async function createServer(
  config: ServerConfig,
  { now = Date.now, ...paces }: Clock = {},
): Promise<RunningServer> {
  checkNetwork(config)
  const dataFolder = resolve(config.dataFolder)
  await prepareFolder(dataFolder)
  const logger = createLogger(config)
  const troubles = new Troubles(now)
  // Before the storage, which may die while it starts.
  let running: RunningServer | undefined
  const storage = await startStorage({
    dataFolder,
    databaseUrl: config.databaseUrl ?? undefined,
    lostAfterMs: config.lostAfterMs,
    onTrouble: (task, error) => {
      troubles.note(task, error)
      logger.error({ err: error, task }, 'background work of the storage failed')
    },
    onDeath: (error) => {
      logger.fatal({ err: error }, 'the storage has died: the server stops')
      process.exitCode = 1
      void running?.close()
    },
  })
  try {
    running = await start({ ...config, dataFolder }, { storage, logger, now, troubles, paces })
    return running
  } catch (error) {
    await storage.close()
    throw error
  }
}

async function start(config: ServerConfig, parts: MakeParts): Promise<RunningServer> {
  const { dataFolder, version } = config
  const { resources, rooms, memberId } = await makeResources(config, parts)
  const app = await createApp(resources)
  const sockets = trackSockets(app)
  const port = await listen(app, config)
  const url = formatUrl(config.host, port)
  rooms.own = url
  startAll(resources)
  await writeServerFile(dataFolder, { url, pid: process.pid, version })
  let closing: Promise<void> | undefined
  return {
    url,
    port,
    dataFolder,
    link: () => formatLink(url, resources.access.issueCode({ memberId, role: 'admin' }).code),
    close: () => (closing ??= stop({ app, sockets, resources })),
  }
}

/** What goes on by itself. */
function startAll({ copies, wandb, engines, servings, workers, work, batches, instances, ...others }: Resources): void {
  const { courier, budgets, fileWatch, files, projects, launches } = others
  const first = [courier, budgets, copies.keeper, fileWatch, files, projects, launches, wandb.follower]
  for (const one of [...first, engines, servings, workers, work, batches]) one.start()
  instances.start((target) => launches.collect(target))
}

type Running = { app: FastifyInstance; sockets: ReadonlySet<Socket>; resources: Resources }

async function stop({ app, sockets, resources }: Running): Promise<void> {
  const cutOff = setTimeout(() => sockets.forEach((socket) => socket.destroy()), closeMsMax)
  resources.bell.close()
  // Requests may wait for a target or a cluster.
  const launchesClosed = resources.launches.close()
  const clustersClosed = resources.clusters.close()
  const scriptsClosed = resources.scripts.close()
  // Workers wait for requests of batches.
  const workClosed = resources.work.close()
  await app.close()
  clearTimeout(cutOff)
  await resources.budgets.close()
  await resources.courier.close()
  await resources.wandb.follower.close()
  await resources.copies.keeper.close()
  await resources.fileWatch.close()
  await workClosed
  await resources.batches.close()
  await resources.files.close()
  await resources.projects.close()
  await resources.workers.close()
  await resources.servings.close()
  await resources.engines.close()
  await resources.instances.close()
  await launchesClosed
  await scriptsClosed
  await clustersClosed
  await removeServerFile(resources.config.dataFolder)
  await resources.storage.close()
}

/** Makes the data folder, or takes an existing one, for this user alone. */
async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await closeFolder(folder)
    await checkAccess(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    if (cause instanceof PilothouseError) throw cause
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new PilothouseError('unavailable', `The data folder ${folder} cannot be written (${code}).`, {
      cause,
      hint: 'Give it to this user, or name another one with --data.',
    })
  }
}

/**
 * Others lose their access to an existing folder only when nothing but our own data is in it. A script that ran before any
 * control room did has left its spool there.
 */
async function closeFolder(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if ((mode & 0o077) === 0) return
  const names = await readdir(folder)
  if (names.some((name) => name !== 'spool') && !names.includes('pilothouse.lock')) {
    throw new PilothouseError('unavailable', `The folder ${folder} holds other things and is open to others.`, {
      hint: 'Name a folder of its own with --data; it is made if it is missing.',
    })
  }
  await chmod(folder, 0o700)
}

function createLogger({ logLevel }: ServerConfig): Logger {
  const names = ['authorization', 'cookie', '["set-cookie"]']
  const paths = names.flatMap((name) => [`headers${dot(name)}`, `*.headers${dot(name)}`])
  return pino({ level: logLevel, redact: { paths, censor: '(secret)' } }, pino.destination({ fd: 2, sync: true }))
}

function dot(name: string): string {
  return name.startsWith('[') ? name : `.${name}`
}
