import { type Command, Option } from 'commander'
import { type ServerConfig, readUrl } from '@pilothouse/server'
import { findDataFolder } from '../data-folder.ts'
import { gather, readSpan, wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { describePort, findPage, startServer } from '../start-server.ts'
import type { World } from '../world.ts'

type LogLevel = ServerConfig['logLevel']
type ServeOptions = {
  host?: string
  port?: number
  data?: string
  database?: string
  allowHost?: string[]
  lostAfter?: number
  insecureNetwork?: boolean
  publicUrl?: string
  mailFrom?: string
  allowPrivateChannels?: boolean
  logLevel?: LogLevel
}

const logLevels: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug']

const examples = `
Prints «pilothouse ready URL» once it accepts requests; on its very first start a link to sign in on the next line.

Examples:
  pilothouse serve                                     on http://127.0.0.1:4080, or the next free port
  pilothouse serve --port 0 --data ./data              any free port, data in ./data
  PGPASSWORD=… pilothouse serve --database postgres://pilothouse@db.example.org/pilothouse
  pilothouse serve --allow-host lab.example.org        behind a proxy with TLS

Environment: PILOTHOUSE_HOST, _PORT, _DATA, _DATABASE, _COPIES (folder for copies of checkpoints), _PROJECT_ROOTS (folders
that projects may lie in, as /srv/code:/home, or none), _ALLOW_HOSTS, _LOST_AFTER, _RENTED_LOGS (training logs on rented machines,
as ~/run/*.log:/logs/train.txt; /workspace/output/*/training.log unless it is set), _HEALTH (what counts as healthy: default, seed, or JSON as
{"base": "seed", "hotFrom": 83}),
_INSECURE_NETWORK, _PUBLIC_URL, _SMTP_URL (smtp://USER:PASSWORD@HOST:PORT or smtps://…), _MAIL_FROM, _ALLOW_PRIVATE_CHANNELS, _LOG_LEVEL.`

export function addServeCommand(program: Command, { world, version }: CommandContext): void {
  program
    .command('serve')
    .description('Run the control room until Ctrl-C.')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--port <port>',
      'this port and no other; 0 takes a free one (default: 4080 or the next free one)',
      wholeNumber({ min: 0, max: 65_535 }),
    )
    .option('--data <folder>', 'where everything is kept (PILOTHOUSE_DATA)')
    .option('--database <address>', 'keep all that is stored in PostgreSQL, as postgres://USER@HOST:PORT/DATABASE')
    .option(
      '--allow-host <name>',
      'another name that requests may come by, as name or name:port; may be repeated',
      gather,
    )
    .option('--lost-after <span>', 'a silent job is lost after so long, as 15m', readSpan)
    .option('--insecure-network', 'listen beyond this machine although nothing encrypts the way there')
    .option('--public-url <url>', 'where people reach the page, for links in messages')
    .option('--mail-from <address>', 'sender of e-mail; the mail server is named by PILOTHOUSE_SMTP_URL')
    .option('--allow-private-channels', 'alerts may be sent to this machine and to private networks')
    .addOption(new Option('--log-level <level>', 'what goes to standard error (default: warn)').choices(logLevels))
    .addHelpText('after', examples)
    .action((options: ServeOptions) => serve(options, world, version))
}

async function serve(options: ServeOptions, world: World, version: string): Promise<void> {
  const { stdout, stderr } = world
  const stopped = waitForStop(world)
  const started = await startServer(
    {
      dataFolder: options.data ?? findDataFolder(world),
      databaseUrl: options.database,
      version,
      settings: toSettings(options),
    },
    world,
  )
  const { server, isFirstStart } = started
  const port = describePort(started)
  if (port !== undefined) stderr.write(`${port}\n`)
  if (findPage() === null) stderr.write('The page is not built, so there is only the API: `npm run build` builds it.\n')
  stdout.write(`pilothouse ready ${server.url}\n`)
  if (isFirstStart) stdout.write(`${server.link()}\n`)
  else if (stderr.isTerminal) stderr.write(stderr.paint('dim', '`pilothouse link` prints a link to sign in with.\n'))
  await stopped
  await server.close()
}

function toSettings({
  host,
  port,
  allowHost,
  lostAfter,
  insecureNetwork,
  publicUrl,
  mailFrom,
  allowPrivateChannels,
  logLevel,
}: ServeOptions): Partial<ServerConfig> {
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port, portTries: 0 }),
    ...(allowHost === undefined ? {} : { allowHosts: allowHost }),
    ...(lostAfter === undefined ? {} : { lostAfterMs: lostAfter }),
    ...(insecureNetwork === undefined ? {} : { insecureNetwork }),
    ...(publicUrl === undefined
      ? {}
      : { publicUrl: readUrl(publicUrl, { name: '--public-url', schemes: ['http', 'https'] }) }),
    ...(mailFrom === undefined ? {} : { mailFrom }),
    ...(allowPrivateChannels === undefined ? {} : { allowPrivateChannels }),
    ...(logLevel === undefined ? {} : { logLevel }),
  }
}

/** Resolves at the first signal to stop; later ones change nothing, because the end is bounded and must not be cut short. */
export function waitForStop(world: World): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    world.onStop(resolve)
  })
}
