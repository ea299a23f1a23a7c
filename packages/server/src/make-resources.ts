/** Wires together what the routes work with. */
import { randomInt } from 'node:crypto'
import { homedir, userInfo } from 'node:os'
import { performance } from 'node:perf_hooks'
import { join } from 'node:path'
import { Access } from './access/access.ts'
import { Batches } from './batches/batches.ts'
import { ensureTokenFiles } from './access/token-files.ts'
import { Courier } from './channels/courier.ts'
import { makePostJson } from './channels/post-json.ts'
import { openSeal } from './channels/seal.ts'
import { makeSendMail } from './channels/send-mail.ts'
import { FileWatch, type Pace } from './checkpoints/file-watch.ts'
import { Clusters } from './clusters/clusters.ts'
import { Connections } from './clusters/connections.ts'
import { Ways } from './clusters/open-way.ts'
import { CommandBell } from './commands/command-bell.ts'
import { BudgetKeeper } from './costs/budget-keeper.ts'
import { CopyFiles } from './copies/copy-files.ts'
import { CopyKeeper } from './copies/copy-keeper.ts'
import type { ServerConfig } from './config.ts'
import { Engines } from './engines/engines.ts'
import { Files } from './files/files.ts'
import type { InstanceTimes } from './instances/account-watch.ts'
import { Instances } from './instances/instances.ts'
import type { LogTimes } from './instances/log-follower.ts'
import { LaunchKeeper } from './launches/launch-keeper.ts'
import type { DeskTimes } from './launches/desk-times.ts'
import { TargetBook } from './launches/target-book.ts'
import { Hub } from './live/hub.ts'
import { listRoots } from './projects/allowed-places.ts'
import { ProjectKeeper } from './projects/project-keeper.ts'
import type { Resources } from './resources.ts'
import { ScriptKeeper } from './scripts/script-keeper.ts'
import { readSecrets, Servings, type ServingTimes } from './servings/servings.ts'
import { IntakeMeter } from './system/intake-meter.ts'
import type { Troubles } from './system/troubles.ts'
import { Utilisation } from './system/utilisation.ts'
import { makeAskWandb } from './wandb/ask-wandb.ts'
import { ServerKeys } from './wandb/server-keys.ts'
import { type FollowerTimes, WandbFollower } from './wandb/wandb-follower.ts'
import { ServerWorkers } from './work/server-workers.ts'
import { Work } from './work/work.ts'
import { LaunchedWorkers, readWorkerSecrets } from './workers/launched-workers.ts'
import type { Rooms } from './workers/plan-workers.ts'

/** How often what is looked at; at a calm pace unless it is given. */
export type Paces = {
  /** Files of checkpoints. */
  lookPace?: Partial<Pace>
  /** Launched jobs. */
  deskTimes?: Partial<DeskTimes>
  /** Engines that are started from here. */
  servingTimes?: Partial<ServingTimes>
  /** Workers that are launched from here, ms. */
  workerLookMs?: number
  /** Budgets, ms. */
  budgetLookMs?: number
  /** Accounts with rented machines. */
  instanceTimes?: Partial<InstanceTimes>
  /** Logs on rented machines. */
  instanceLogTimes?: Partial<LogTimes>
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

export type MakeParts = Pick<Resources, 'storage' | 'logger' | 'now'> & { troubles: Troubles; paces: Paces }

export type Made = {
  resources: Resources
  /** Where the server is found; written once it listens. */
  rooms: Rooms
  /** The first admin. */
  memberId: number
}

/** Makes what the routes work with. Nothing of it goes on by itself yet. */
export async function makeResources(config: ServerConfig, { troubles, paces, ...base }: MakeParts): Promise<Made> {
  const { storage, now } = base
  const { dataFolder } = config
  const { access, memberId } = await openAccess(dataFolder, base)
  const { hub, bell } = spreadUpdates(storage)
  const seal = await openSeal(dataFolder)
  // Known once it listens; nothing is sent before.
  const rooms: Rooms = { own: '', public: config.publicUrl }
  const courier = keepCourier(config, { ...base, seal, paces, publicUrl: () => rooms.public ?? rooms.own })
  const files = keepFiles(config, { ...base, paces })
  const projects = keepProjects(config, base)
  const { clusters, ways } = keepClusters(config, now)
  const engines = new Engines({ ...base, seal })
  const instances = new Instances({
    ...base,
    seal,
    dataFolder,
    logPatterns: config.rentedLogs,
    times: paces.instanceTimes,
    logTimes: paces.instanceLogTimes,
  })
  const wayside = { ...base, bell, projects, clusters, ways, seal, instances }
  const launching = keepLaunches(config, { ...wayside, times: paces.deskTimes })
  const servings = await keepServings({ ...base, seal, engines, ...launching }, paces)
  const batching = keepBatches(config, { ...base, files, engines, courier, servings })
  const resources: Resources = {
    ...base,
    config,
    startedAt: now(),
    hub,
    access,
    courier,
    budgets: keepBudgets({ ...base, courier, ...launching }, paces),
    clusters,
    engines,
    instances,
    ...batching,
    bell,
    copies: keepCopies(config, { ...base, lookMs: paces.copyLookMs }),
    fileWatch: new FileWatch({ ...base, pace: paces.lookPace ?? {} }),
    files,
    projects,
    ...launching,
    servings,
    workers: keepWorkers({ ...base, access, rooms, ...batching, ...launching }, paces),
    scripts: keepScripts(config, { storage, projects }),
    wandb: keepWandb(config, { ...base, seal, adminId: memberId, times: paces.wandbTimes }),
    seal,
    meters: makeMeters(now, troubles),
  }
  return { resources, rooms, memberId }
}

async function openAccess(
  folder: string,
  { storage, now }: Pick<Resources, 'storage' | 'now'>,
): Promise<Pick<Resources, 'access'> & { memberId: number }> {
  const access = new Access({ storage, now })
  const { id: memberId } = await storage.call('access.ensure-admin', { name: readUserName() })
  await ensureTokenFiles({ folder, storage, access, memberId })
  await storage.call('access.sweep-tokens', null)
  return { access, memberId }
}

/** Tells who listens what the storage has written. */
function spreadUpdates(storage: Resources['storage']): Pick<Resources, 'hub' | 'bell'> {
  const hub = new Hub({ watch: (topics) => storage.watch(topics) })
  const bell = new CommandBell()
  storage.subscribe((updates) => {
    hub.publish(updates)
    bell.note(updates)
  })
  return { hub, bell }
}

function keepBudgets(
  parts: Pick<Resources, 'storage' | 'courier' | 'now' | 'logger' | 'launches'>,
  { budgetLookMs: lookMs }: Paces,
): BudgetKeeper {
  return new BudgetKeeper({ ...parts, steady: () => performance.now(), lookMs })
}

function makeMeters(now: () => number, troubles: Troubles): Resources['meters'] {
  return { intake: new IntakeMeter(now), thread: new Utilisation(() => performance.eventLoopUtilization()), troubles }
}

function keepCourier(
  { version, allowPrivateChannels: allowPrivate, smtpUrl, mailFrom: from }: ServerConfig,
  { publicUrl, paces, ...parts }: Omit<MakeParts, 'troubles'> & Pick<Resources, 'seal'> & { publicUrl: () => string },
): Courier {
  const senders = {
    post: makePostJson({ allowPrivate, userAgent: `pilothouse/${version}` }),
    mail: makeSendMail({ smtpUrl, from }),
    linkTo: (place: string, id: string) => `${publicUrl()}/${place}${id === '' ? '' : `/${encodeURIComponent(id)}`}`,
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
  parts: Pick<MakeParts, 'storage' | 'now' | 'logger'> & { lookMs: number | undefined },
): Resources['copies'] {
  const files = new CopyFiles(dataFolder, copiesFolder)
  return { files, keeper: new CopyKeeper({ ...parts, files }) }
}

function keepFiles({ dataFolder }: ServerConfig, { paces, ...parts }: Omit<MakeParts, 'troubles'>): Files {
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

function keepProjects(config: ServerConfig, parts: Pick<MakeParts, 'storage' | 'now' | 'logger'>): ProjectKeeper {
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

type Launching = Pick<MakeParts, 'storage' | 'now' | 'logger'> &
  Pick<Resources, 'bell' | 'projects' | 'clusters' | 'seal' | 'instances'> & { ways: Ways; times: Paces['deskTimes'] }

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
  { clusters, ways, seal, instances, ...parts }: Launching,
): Pick<Resources, 'targets' | 'launches'> {
  const targets = new TargetBook({
    clusters,
    ways,
    dataFolder,
    environment,
    rented: (names) => instances.listHosts(names),
  })
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

/** Name of the first member. */
function readUserName(): string {
  try {
    return userInfo().username || 'admin'
  } catch {
    return 'admin' // a user id without an entry, as in containers
  }
}
