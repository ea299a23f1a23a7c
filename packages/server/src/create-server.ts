/** The one place where everything is wired together. */
import { randomInt } from 'node:crypto'
import { access as checkAccess, chmod, constants, mkdir, readdir, stat } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { homedir, userInfo } from 'node:os'
import { performance } from 'node:perf_hooks'
import { join, resolve } from 'node:path'
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyInstance } from 'fastify'
import { pino, type Logger } from 'pino'
import { Access } from './access/access.ts'
import { Batches } from './batches/batches.ts'
import { formatLink } from './access/link-url.ts'
import { ensureTokenFiles, removeServerFile, writeServerFile } from './access/token-files.ts'
import { Courier } from './channels/courier.ts'
import { makePostJson } from './channels/post-json.ts'
import { openSeal } from './channels/seal.ts'
import { makeSendMail } from './channels/send-mail.ts'
import { FileWatch, type Pace } from './checkpoints/file-watch.ts'
import { Clusters } from './clusters/clusters.ts'
import { Connections } from './clusters/connections.ts'
import { Ways } from './clusters/open-way.ts'
import { CommandBell } from './commands/command-bell.ts'
import { CopyFiles } from './copies/copy-files.ts'
import { CopyKeeper } from './copies/copy-keeper.ts'
import type { ServerConfig } from './config.ts'
import { Engines } from './engines/engines.ts'
import { Files } from './files/files.ts'
import { createApp } from './http/create-app.ts'
import { isLoopback } from './http/host-rules.ts'
import { LaunchKeeper } from './launches/launch-keeper.ts'
import type { DeskTimes } from './launches/target-desk.ts'
import { TargetBook } from './launches/target-book.ts'
import { Hub } from './live/hub.ts'
import { listRoots } from './projects/allowed-places.ts'
import { ProjectKeeper } from './projects/project-keeper.ts'
import type { Resources } from './resources.ts'
import { ScriptKeeper } from './scripts/script-keeper.ts'
import { readSecrets, Servings, type ServingTimes } from './servings/servings.ts'
import { startStorage } from './storage/start-storage.ts'
import { IntakeMeter } from './system/intake-meter.ts'
import { Troubles } from './system/troubles.ts'
import { Utilisation } from './system/utilisation.ts'
import { makeAskWandb } from './wandb/ask-wandb.ts'
import { ServerKeys } from './wandb/server-keys.ts'
import { type FollowerTimes, WandbFollower } from './wandb/wandb-follower.ts'
import { ServerWorkers } from './work/server-workers.ts'
import { Work } from './work/work.ts'
import { LaunchedWorkers, readWorkerSecrets } from './workers/launched-workers.ts'
import type { Rooms } from './workers/plan-workers.ts'

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

/** How often what is looked at; at a calm pace unless it is given. */
type Paces = {
  /** Files of checkpoints. */
  lookPace?: Partial<Pace>
  /** Launched jobs. */
  deskTimes?: Partial<DeskTimes>
  /** Engines that are started from here. */
  servingTimes?: Partial<ServingTimes>
  /** Workers that are launched from here, ms. */
  workerLookMs?: number
  /** Copies of checkpoints that are to be made or removed, ms. */
  copyLookMs?: number
  /** Files whose time is over, and how long an upload may pause, ms. */
  fileSweepMs?: number
  uploadIdleMs?: number
  /** Runs at W&B. */
  wandbTimes?: Partial<FollowerTimes>
  /** Alerts whose channel could not be reached, after each try, ms. */
  deliveryWaitsMs?: readonly number[]
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

type Parts = Pick<Resources, 'storage' | 'logger' | 'now'> & {
  troubles: Troubles
  paces: Paces
}

async function start(config: ServerConfig, { storage, logger, now, troubles, paces }: Parts): Promise<RunningServer> {
  const { dataFolder, version } = config
  const access = new Access({ storage, now })
  const member = await storage.call('access.ensure-admin', { name: readUserName() })
  await ensureTokenFiles({ folder: dataFolder, storage, access, memberId: member.id })
  await storage.call('access.sweep-tokens', null)
  const hub = new Hub({ watch: (topics) => storage.watch(topics) })
  const bell = new CommandBell()
  storage.subscribe((updates) => {
    hub.publish(updates)
    bell.note(updates)
  })
  const meters = makeMeters(now, troubles)
  const seal = await openSeal(dataFolder)
  // Known once it listens; nothing is sent before.
  const rooms: Rooms = { own: '', public: config.publicUrl }
  const courier = keepCourier(config, { storage, seal, now, logger, paces, publicUrl: () => rooms.public ?? rooms.own })
  const wandb = keepWandb(config, { storage, seal, now, logger, adminId: member.id, times: paces.wandbTimes })
  const copies = keepCopies(config, { storage, now, logger, lookMs: paces.copyLookMs })
  const fileWatch = new FileWatch({ storage, now, logger, pace: paces.lookPace ?? {} })
  const files = keepFiles(config, { storage, now, logger, paces })
  const projects = keepProjects(config, { storage, now, logger })
  const scripts = keepScripts(config, { storage, projects })
  const { clusters, ways } = keepClusters(config, now)
  const engines = new Engines({ storage, seal, now, logger })
  const times = paces.deskTimes
  const launching = keepLaunches(config, { storage, now, logger, bell, projects, clusters, ways, seal, times })
  const servings = await keepServings({ storage, seal, engines, now, logger, ...launching }, paces)
  const batching = keepBatches(config, { storage, now, logger, files, engines, courier, servings })
  const workers = keepWorkers({ storage, access, logger, rooms, ...batching, ...launching }, paces)
  const resources: Resources = {
    config,
    now,
    startedAt: now(),
    logger,
    storage,
    hub,
    access,
    courier,
    clusters,
    engines,
    ...batching,
    bell,
    copies,
    fileWatch,
    files,
    projects,
    ...launching,
    servings,
    workers,
    scripts,
    wandb,
    seal,
    meters,
  }
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
    link: () => formatLink(url, access.issueCode({ memberId: member.id, role: 'admin' }).code),
    close: () => (closing ??= stop({ app, sockets, resources })),
  }
}

function makeMeters(now: () => number, troubles: Troubles): Resources['meters'] {
  return { intake: new IntakeMeter(now), thread: new Utilisation(() => performance.eventLoopUtilization()), troubles }
}

/** What goes on by itself. */
function startAll({ copies, wandb, engines, servings, workers, work, batches, ...others }: Resources): void {
  const { courier, fileWatch, files, projects, launches } = others
  const first = [courier, copies.keeper, fileWatch, files, projects, launches, wandb.follower]
  for (const one of [...first, engines, servings, workers, work, batches]) one.start()
}

function keepCourier(
  { version, allowPrivateChannels: allowPrivate, smtpUrl, mailFrom: from }: ServerConfig,
  { publicUrl, paces, ...parts }: Omit<Parts, 'troubles'> & Pick<Resources, 'seal'> & { publicUrl: () => string },
): Courier {
  const senders = {
    post: makePostJson({ allowPrivate, userAgent: `pilothouse/${version}` }),
    mail: makeSendMail({ smtpUrl, from }),
    linkTo: (place: string, id: string) => `${publicUrl()}/${place}/${encodeURIComponent(id)}`,
    now: parts.now,
  }
  return new Courier({ ...parts, senders, waitsMs: paces.deliveryWaitsMs })
}

/** Of an answer of W&B, and how long it may take to come. */
const wandbAnswerMax = 32 * 1024 * 1024
const wandbTimeoutMs = 30_000

type WandbParts = Pick<Resources, 'storage' | 'seal' | 'now' | 'logger'> & {
  adminId: number
  times: Paces['wandbTimes']
}

/** The server that WANDB_BASE_URL names is a word of whoever runs this one, so it may be in a private network. */
function keepWandb({ version, wandb, allowPrivateChannels }: ServerConfig, parts: WandbParts): Resources['wandb'] {
  const keys = new ServerKeys(wandb)
  const rules = { userAgent: `pilothouse/${version}`, timeoutMs: wandbTimeoutMs, answerMax: wandbAnswerMax }
  const post = makePostJson({ ...rules, allowPrivate: allowPrivateChannels })
  const postToOwn = makePostJson({ ...rules, allowPrivate: true })
  const ask = makeAskWandb((baseUrl) => (baseUrl === keys.baseUrl ? postToOwn : post))
  return { keys, adminId: parts.adminId, follower: new WandbFollower({ ...parts, keys, ask }) }
}

function keepCopies(
  { dataFolder, copiesFolder }: ServerConfig,
  parts: Pick<Parts, 'storage' | 'now' | 'logger'> & { lookMs: number | undefined },
): Resources['copies'] {
  const files = new CopyFiles(dataFolder, copiesFolder)
  return { files, keeper: new CopyKeeper({ ...parts, files }) }
}

function keepFiles({ dataFolder }: ServerConfig, { paces, ...parts }: Omit<Parts, 'troubles'>): Files {
  return new Files({ ...parts, dataFolder, sweepMs: paces.fileSweepMs, idleMs: paces.uploadIdleMs })
}

type Batching = Pick<Resources, 'storage' | 'now' | 'logger' | 'files' | 'engines' | 'courier' | 'servings'>

function keepBatches(
  config: ServerConfig,
  { courier, servings, ...rest }: Batching,
): Pick<Resources, 'batches' | 'work'> {
  const { dataFolder, batchRequestsMax: requestsMax, batchWorkers: count } = config
  const bounds = { activeMax: config.batchesActiveMax, waitingMax: config.batchRequestsWaitingMax }
  const parts = { ...rest, dataFolder, onEnded: () => courier.wake() }
  const makeWorkers = (work: Work) => new ServerWorkers({ work, count, logger: parts.logger })
  const noteUse = (engineId: number): void => servings.noteUse(engineId)
  const work = new Work({ ...parts, noteUse, makeWorkers })
  return { work, batches: new Batches({ ...parts, work, requestsMax, bounds }) }
}

type Serving = Pick<Resources, 'storage' | 'seal' | 'engines' | 'now' | 'logger' | 'targets' | 'launches'>

/** Before engines are looked at: addresses of ways that ended with the process lead elsewhere now. */
async function keepServings(parts: Serving, { servingTimes: times }: Paces): Promise<Servings> {
  await parts.storage.call('servings.close-ways', null)
  return new Servings({ ...parts, random: randomInt, times })
}

type Working = Pick<Resources, 'storage' | 'access' | 'logger' | 'work' | 'targets'> & { rooms: Rooms }

function keepWorkers(
  { storage, access, logger, work, targets, rooms }: Working,
  { workerLookMs: lookMs }: Paces,
): LaunchedWorkers {
  return new LaunchedWorkers({ storage, access, logger, work, targets, rooms: () => rooms, random: randomInt, lookMs })
}

function keepProjects(config: ServerConfig, parts: Pick<Parts, 'storage' | 'now' | 'logger'>): ProjectKeeper {
  const { dataFolder, gitEnvironment: environment } = config
  const home = homedir()
  const places = { roots: listRoots(config, home), home, dataFolder }
  return new ProjectKeeper({ ...parts, folder: join(dataFolder, 'projects'), places, environment })
}

function keepScripts(
  { sdkFolder, scriptEnvironment: environment }: ServerConfig,
  parts: Pick<Resources, 'storage' | 'projects'>,
): ScriptKeeper {
  return new ScriptKeeper({ ...parts, sdkFolder, environment, user: readUserName() })
}

type Launching = Pick<Parts, 'storage' | 'now' | 'logger'> &
  Pick<Resources, 'bell' | 'projects' | 'clusters' | 'seal'> & { ways: Ways; times: Paces['deskTimes'] }

function keepClusters(
  { dataFolder, clustersFile }: ServerConfig,
  now: () => number,
): Pick<Resources, 'clusters'> & { ways: Ways } {
  const connections = new Connections({ folder: join(dataFolder, 'askpass'), now })
  const ways = new Ways({ knownHostsPath: join(dataFolder, 'known_hosts'), connections })
  const path = clustersFile ?? join(dataFolder, 'clusters.yaml')
  const beforePath = join(dataFolder, 'clusters.yaml.before')
  return { ways, clusters: new Clusters({ path, beforePath, ways, now }) }
}

function keepLaunches(
  { dataFolder, sdkFolder, jobEnvironment: environment }: ServerConfig,
  { clusters, ways, seal, ...parts }: Launching,
): Pick<Resources, 'targets' | 'launches'> {
  const targets = new TargetBook({ clusters, ways, dataFolder, environment })
  const folder = join(dataFolder, 'launches')
  const sealed = { storage: parts.storage, seal }
  const secrets = async (uid: string) => ({
    ...(await readSecrets(sealed, uid)),
    ...(await readWorkerSecrets(sealed, uid)),
  })
  return {
    targets,
    launches: new LaunchKeeper({ ...parts, targets, folder, sdkFolder, environment, readSecrets: secrets }),
  }
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
  await launchesClosed
  await scriptsClosed
  await clustersClosed
  await removeServerFile(resources.config.dataFolder)
  await resources.storage.close()
}

/** Open connections, upgraded ones included, which Node's own `closeAllConnections` leaves out. */
function trackSockets({ server }: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/** Listens on the port asked for, or the next free one of `portTries`. */
async function listen(app: FastifyInstance, { host, port, portTries }: ServerConfig): Promise<number> {
  const last = port === 0 ? 0 : Math.min(port + portTries, 65_535)
  for (let candidate = port; candidate <= last; candidate += 1) {
    const taken = await tryToListen(app, host, candidate)
    if (taken !== undefined) return taken
  }
  throw new PilothouseError('unavailable', `The ports ${port} to ${last} of ${host} are all taken.`, {
    hint: 'Name a free one with --port, or take any with --port 0.',
  })
}

/** undefined when the port is taken. */
async function tryToListen(app: FastifyInstance, host: string, port: number): Promise<number | undefined> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const cause = error as NodeJS.ErrnoException // listening fails with an error of the operating system
    if (cause.code === 'EADDRINUSE') return undefined
    throw explainListenError(cause, host, port)
  }
  const address = app.server.address()
  return typeof address === 'object' && address ? address.port : port
}

function explainListenError(cause: NodeJS.ErrnoException, host: string, port: number): PilothouseError {
  if (cause.code === 'EACCES') {
    return new PilothouseError('unavailable', `The port ${port} may not be used by this user.`, {
      cause,
      hint: 'Name one above 1023 with --port.',
    })
  }
  return new PilothouseError(
    'unavailable',
    `The address ${host}:${port} cannot be listened on (${cause.code ?? cause.message}).`,
    {
      cause,
      hint: 'Name an address of this machine with --host.',
    },
  )
}

/** Nothing here encrypts, so beyond this machine it takes an explicit word. */
function checkNetwork({ host, insecureNetwork }: ServerConfig): void {
  if (isLoopback(host) || insecureNetwork) return
  throw new PilothouseError('forbidden', `Listening on ${host} would send tokens through the network unencrypted.`, {
    field: 'host',
    expected: '127.0.0.1, ::1 or localhost',
    hint: 'Keep it on this machine and reach it by «ssh -L» or a proxy with TLS (and --allow-host NAME); or say --insecure-network if the network is trusted.',
  })
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

/** Name of the first member. */
function readUserName(): string {
  try {
    return userInfo().username || 'admin'
  } catch {
    return 'admin' // a user id without an entry, as in containers
  }
}

function formatUrl(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
