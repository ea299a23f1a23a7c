/** All that can be set from outside. The one file of the server that reads the environment. */
import { delimiter, isAbsolute, resolve } from 'node:path'
import { type HealthProfile, PilothouseError, limits, wandbService } from '@pilothouse/contract'
import { healthProfiles, readHealthProfile } from '@pilothouse/signals'

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const

export type ServerConfig = {
  /** Address to listen on; loopback unless asked otherwise. */
  host: string
  /** 0 takes a free one. */
  port: number
  /** When the port is taken, try the next ones (so many). */
  portTries: number
  /** Listen beyond loopback although nothing encrypts the way there. */
  insecureNetwork: boolean
  /** Holds the database, the token files, the key and `server.json`; made if missing, readable by the user only. */
  dataFolder: string
  /** Address of a PostgreSQL database for all that is stored; null keeps it in a SQLite file in the data folder. */
  databaseUrl: string | null
  /** Holds copies of checkpoints, as a mounted disk; it must exist. null: `copies` in the data folder. */
  copiesFolder: string | null
  /** Bytes of one uploaded file, and files of one member. */
  fileBytesMax: number
  filesMax: number
  /** Folders whose JSONL files can be looked at as results. */
  resultFolders: readonly string[]
  /** Threads of the server that send requests of batches while there are any; 0: other workers do. */
  batchWorkers: number
  /** Requests of one batch, batches of one member that are not over, and requests of all batches that wait. */
  batchRequestsMax: number
  batchesActiveMax: number
  batchRequestsWaitingMax: number
  /** Folders that projects may lie in. null: the home folder of whoever runs the server, where nobody but they can reach it. */
  projectRoots: readonly string[] | null
  /** What git is given of the environment of the server: where programs, the user's own settings and the ssh agent are. */
  gitEnvironment: Readonly<Record<string, string>>
  /** What jobs on this machine are given of the environment of the server: all of the user's own, and nothing of ours. */
  jobEnvironment: Readonly<Record<string, string>>
  /** What scripts of projects are given of the environment of the server when they are asked for their arguments. */
  scriptEnvironment: Readonly<Record<string, string>>
  /** The clusters that jobs can be sent to; null: `clusters.yaml` in the data folder. It may be missing. */
  clustersFile: string | null
  /** Patterns of paths (of a shell) of training logs on rented machines; null: where they usually are. */
  rentedLogs: readonly string[] | null
  /** What counts as healthy, in the page and for screens that ask. */
  health: HealthProfile
  /** The built page; null serves the API alone. */
  webFolder: string | null
  /** The Python SDK: `pyproject.toml` and `src/`; null serves none. */
  sdkFolder: string | null
  /** Names beside loopback that the Host header may have, as `name` or `name:port`. */
  allowHosts: readonly string[]
  /** Where people reach the page, for links in messages; null: the address that it listens on. */
  publicUrl: string | null
  /** Mail server as smtp://USER:PASSWORD@HOST:PORT or smtps://…; null: none. */
  smtpUrl: string | null
  /** Sender of e-mail. */
  mailFrom: string
  /** Channels may lead to this machine and to private networks. */
  allowPrivateChannels: boolean
  /** Where W&B's own tools find the key and the server of the user that this server runs as. */
  wandb: {
    apiKey: string | null
    /** Of the API, or of the page. */
    baseUrl: string
    netrcFile: string | null
  }
  /** A running job without any report for so long becomes lost, unless its target still knows it. */
  lostAfterMs: number
  /** Version of the published package. */
  version: string
  logLevel: (typeof logLevels)[number]
}

/** Threads; one keeps engines busy with thousands of requests a second. */
const batchWorkersMax = 64

/** What holds when nothing is said. */
const defaultConfig: Omit<ServerConfig, 'dataFolder' | 'version'> = {
  host: '127.0.0.1',
  port: 4080,
  portTries: 20,
  insecureNetwork: false,
  databaseUrl: null,
  copiesFolder: null,
  fileBytesMax: limits.fileBytesMax,
  filesMax: limits.filesMax,
  resultFolders: [],
  batchWorkers: 1,
  batchRequestsMax: limits.batchRequestsMax,
  batchesActiveMax: limits.batchesActiveMax,
  batchRequestsWaitingMax: limits.batchRequestsWaitingMax,
  projectRoots: null,
  gitEnvironment: {},
  jobEnvironment: {},
  scriptEnvironment: {},
  clustersFile: null,
  rentedLogs: null,
  health: healthProfiles.default,
  webFolder: null,
  sdkFolder: null,
  allowHosts: [],
  publicUrl: null,
  smtpUrl: null,
  mailFrom: 'pilothouse <pilothouse@localhost>',
  allowPrivateChannels: false,
  wandb: { apiKey: null, baseUrl: wandbService, netrcFile: null },
  lostAfterMs: 15 * 60_000,
  logLevel: 'warn',
}

type Environment = Record<string, string | undefined>

/**
 * The settings as `PILOTHOUSE_…` of the environment gives them, the defaults for the rest.
 * @throws PilothouseError `invalid`, with the name of the variable.
 */
export function readConfig(environment: Environment, version: string): ServerConfig {
  const read = (name: string): string | undefined => environment[`PILOTHOUSE_${name}`]?.trim() || undefined
  return {
    host: read('HOST') ?? defaultConfig.host,
    port: readInteger(environment, { name: 'PILOTHOUSE_PORT', fallback: defaultConfig.port, max: 65_535 }),
    portTries: defaultConfig.portTries,
    insecureNetwork: read('INSECURE_NETWORK') === '1',
    dataFolder: readDataFolder(read('DATA')),
    databaseUrl: readDatabaseUrl(read('DATABASE')),
    copiesFolder: readPath(read('COPIES')),
    fileBytesMax: readInteger(environment, {
      name: 'PILOTHOUSE_FILE_BYTES_MAX',
      fallback: defaultConfig.fileBytesMax,
      max: Number.MAX_SAFE_INTEGER,
    }),
    filesMax: readInteger(environment, {
      name: 'PILOTHOUSE_FILES_MAX',
      fallback: defaultConfig.filesMax,
      max: Number.MAX_SAFE_INTEGER,
    }),
    batchWorkers: readInteger(environment, {
      name: 'PILOTHOUSE_BATCH_WORKERS',
      fallback: defaultConfig.batchWorkers,
      max: batchWorkersMax,
    }),
    ...readBatchBounds(environment),
    clustersFile: readPath(read('CLUSTERS')),
    health: readHealth(read('HEALTH')),
    rentedLogs: read('RENTED_LOGS')?.split(':').filter(Boolean) ?? defaultConfig.rentedLogs,
    resultFolders: readFolders(read('RESULT_FOLDERS'), 'PILOTHOUSE_RESULT_FOLDERS') ?? defaultConfig.resultFolders,
    projectRoots: readFolders(read('PROJECT_ROOTS'), 'PILOTHOUSE_PROJECT_ROOTS'),
    gitEnvironment: pick(environment, givenToGit),
    jobEnvironment: pickForJobs(environment),
    scriptEnvironment: pick(environment, givenToScripts),
    webFolder: read('WEB') ?? null,
    sdkFolder: read('SDK') ?? null,
    allowHosts: (read('ALLOW_HOSTS') ?? '').split(',').filter(Boolean),
    publicUrl: readUrl(read('PUBLIC_URL'), { name: 'PILOTHOUSE_PUBLIC_URL', schemes: ['http', 'https'] }),
    smtpUrl: readUrl(read('SMTP_URL'), { name: 'PILOTHOUSE_SMTP_URL', schemes: ['smtp', 'smtps'] }),
    mailFrom: read('MAIL_FROM') ?? defaultConfig.mailFrom,
    allowPrivateChannels: read('ALLOW_PRIVATE_CHANNELS') === '1',
    wandb: readWandb(environment),
    lostAfterMs:
      1000 *
      readInteger(environment, {
        name: 'PILOTHOUSE_LOST_AFTER',
        fallback: defaultConfig.lostAfterMs / 1000,
        max: 10_000_000,
      }),
    version,
    logLevel: readLogLevel(read('LOG_LEVEL')),
  }
}

/** The name of a profile, or JSON of the fields that differ. */
function readHealth(text: string | undefined): HealthProfile {
  if (text === undefined) return defaultConfig.health
  try {
    return readHealthProfile(text.startsWith('{') ? JSON.parse(text) : text)
  } catch (error) {
    throw new PilothouseError(
      'invalid',
      `PILOTHOUSE_HEALTH: ${error instanceof Error ? error.message : String(error)}`,
      {
        field: 'PILOTHOUSE_HEALTH',
        hint: 'Name a profile (default or seed), or give JSON as {"base": "seed", "hotFrom": 83}.',
      },
    )
  }
}

type BatchBounds = Pick<ServerConfig, 'batchRequestsMax' | 'batchesActiveMax' | 'batchRequestsWaitingMax'>

function readBatchBounds(environment: Environment): BatchBounds {
  const { batchRequestsMax, batchesActiveMax, batchRequestsWaitingMax } = defaultConfig
  const read = (name: string, fallback: number, max: number = Number.MAX_SAFE_INTEGER): number =>
    readInteger(environment, { name: `PILOTHOUSE_${name}`, fallback, max })
  return {
    batchRequestsMax: read('BATCH_REQUESTS_MAX', batchRequestsMax, 2 ** 32 - 1),
    batchesActiveMax: read('BATCHES_ACTIVE_MAX', batchesActiveMax),
    batchRequestsWaitingMax: read('BATCH_REQUESTS_WAITING_MAX', batchRequestsWaitingMax),
  }
}

/** Under the names that W&B's own tools read. */
function readWandb({ WANDB_API_KEY, WANDB_BASE_URL, NETRC, HOME }: Environment): ServerConfig['wandb'] {
  const named = { name: 'WANDB_BASE_URL', schemes: ['http', 'https'] }
  return {
    apiKey: WANDB_API_KEY?.trim() || null,
    baseUrl: readUrl(WANDB_BASE_URL?.trim() || undefined, named) ?? defaultConfig.wandb.baseUrl,
    netrcFile: NETRC || (HOME ? resolve(HOME, '.netrc') : null),
  }
}

function readPath(path: string | undefined): string | null {
  return path === undefined ? null : resolve(path)
}

/** `none`: no folder at all. */
function readFolders(text: string | undefined, name: string): string[] | null {
  if (text === undefined) return null
  if (text === 'none') return []
  const roots = text.split(delimiter).filter(Boolean)
  const relative = roots.find((root) => !isAbsolute(root))
  if (relative === undefined) return roots.map((root) => resolve(root))
  throw new PilothouseError('invalid', `${name} names «${relative}».`, {
    field: name,
    expected: `whole paths of folders with «${delimiter}» between them, or «none»`,
  })
}

/** By name, so that no token or password of the server gets to git and what it starts. */
const givenToGit = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'XDG_CONFIG_HOME', 'SSH_AUTH_SOCK'].concat([
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'https_proxy',
  'HTTPS_PROXY',
  'no_proxy',
  'NO_PROXY',
])

/** As above: where programs and libraries are, and how text is written. */
const givenToScripts = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH']

function pick(environment: Environment, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Settings and secrets of the server, and of what started it, are not the user's. */
function pickForJobs(environment: Environment): Record<string, string> {
  const isOurs = (name: string): boolean => /^(PILOTHOUSE_|PG|npm_|NODE_|INIT_CWD$)/.test(name)
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || isOurs(name) ? [] : [[name, value]],
    ),
  )
}

function readDataFolder(folder: string | undefined): string {
  if (folder) return resolve(folder)
  throw new PilothouseError('invalid', 'No data folder is named.', {
    field: 'PILOTHOUSE_DATA',
    expected: 'a folder of its own',
  })
}

/** It may hold a password, so an error does not repeat it. */
export function readDatabaseUrl(text: string | undefined): string | null {
  if (text === undefined) return null
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new PilothouseError('invalid', 'The address of the database cannot be read.', {
    field: 'PILOTHOUSE_DATABASE',
    expected: 'postgres://USER@HOST:PORT/DATABASE',
    hint: 'Write it as postgres://USER@HOST:PORT/DATABASE, with the password in PGPASSWORD.',
  })
}

/** It may hold a password, so an error does not repeat it. */
export function readUrl(
  text: string | undefined,
  { name, schemes }: { name: string; schemes: readonly string[] },
): string | null {
  if (text === undefined) return null
  if (schemes.some((scheme) => text.startsWith(`${scheme}://`)) && URL.canParse(text)) return text.replace(/\/+$/, '')
  const expected = schemes.map((scheme) => `${scheme}://HOST`).join(' or ')
  throw new PilothouseError('invalid', `${name} is no such address.`, { field: name, expected })
}

function readInteger(
  environment: Environment,
  { name, fallback, max }: { name: string; fallback: number; max: number },
): number {
  const text = environment[name]
  if (!text) return fallback
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw new PilothouseError('invalid', `${name} is «${text}».`, {
    field: name,
    expected: `a whole number from 0 to ${max}`,
  })
}

function readLogLevel(text: string | undefined): ServerConfig['logLevel'] {
  const level = logLevels.find((one) => one === (text ?? defaultConfig.logLevel))
  if (level) return level
  throw new PilothouseError('invalid', `PILOTHOUSE_LOG_LEVEL is «${text ?? ''}».`, {
    field: 'PILOTHOUSE_LOG_LEVEL',
    expected: `one of ${logLevels.join(', ')}`,
  })
}
