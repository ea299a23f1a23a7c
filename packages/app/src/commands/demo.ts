import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { createClient } from '@pilothouse/client'
import { formatDuration } from '@pilothouse/signals'
import { findDemoFolder } from '../data-folder.ts'
import { CommandError } from '../exit-code.ts'
import { house } from '../find-house.ts'
import { readTokenFile } from '../find-server.ts'
import { makeUid } from '@pilothouse/fleet'
import { wholeNumber } from '../read-number.ts'
import type { CommandContext } from '../run-cli.ts'
import { describePort, findPage, startServer } from '../start-server.ts'
import { stopProcess } from '../stop-process.ts'
import type { World } from '../world.ts'
import { waitForStop } from './serve.ts'

type DemoOptions = { port?: number; data?: string; python: string; verbose?: boolean }
type Training = { child: ChildProcess; errors: () => string }

const script = join(house, 'examples', 'charlm', 'train.py')
const sdk = join(house, 'python', 'src')

/** What the training may take to tell the control room that it was interrupted. */
const patience = { interruptMs: 6_000, terminateMs: 2_000 }
/** Of what it wrote to standard error, so much is kept to be shown when it fails. */
const errorCharactersMax = 4_000

const examples = `
Starts the control room with data of its own and a real training, a character-level language model in plain Python.

Examples:
  pilothouse demo
  pilothouse demo --port 5000 --verbose`

export function addDemoCommand(program: Command, { world, version }: CommandContext): void {
  program
    .command('demo')
    .description('Watch a real training, live, in one step. Ctrl-C ends it.')
    .option(
      '--port <port>',
      'this port and no other (default: 4080 or the next free one)',
      wholeNumber({ min: 0, max: 65_535 }),
    )
    .option('--data <folder>', 'where the demonstration keeps its data')
    .option('--python <command>', 'Python to train with', 'python3')
    .option('--verbose', 'show what the training prints')
    .addHelpText('after', examples)
    .action((options: DemoOptions) => demonstrate(options, world, version))
}

async function demonstrate(options: DemoOptions, world: World, version: string): Promise<void> {
  checkParts(options.python)
  const { stdout } = world
  const stopped = waitForStop(world)
  const dataFolder = options.data ?? findDemoFolder(world)
  const settings = options.port === undefined ? {} : { port: options.port, portTries: 0 }
  const started = await startServer({ dataFolder, version, settings }, world)
  const { server } = started
  const uid = makeUid()
  try {
    const attempt = await makeJob({ url: server.url, dataFolder, uid })
    const training = startTraining({
      options,
      world,
      dataFolder: resolve(world.workingFolder, dataFolder),
      environment: describeJob({ url: server.url, dataFolder, uid, attempt }),
    })
    stdout.write(
      viewStart(
        { url: server.url, port: describePort(started), link: linkToJob(server.link(), uid), dataFolder },
        world,
      ),
    )
    void reportEnd(training, world)
    await stopped
    stdout.write('\nEnding the training and the control room …\n')
    await stopProcess(training.child, patience)
  } finally {
    await server.close()
  }
  stdout.write(`Ended. Start again with: ${describeCommand(world, 'demo')}\n`)
}

/** Says what is missing before anything is started. */
function checkParts(python: string): void {
  if (findPage() === null) {
    throw new CommandError('failed', 'The page is not built.', {
      next: 'Run `npm run demo`: it builds the page first. Or run `npm run build` once.',
    })
  }
  if (!existsSync(script))
    throw new CommandError('failed', 'The example training is missing.', { why: `There is no ${script}.` })
  const found = spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'], { stdio: 'ignore' })
  if (found.status === 0) return
  throw new CommandError('failed', 'The example training needs Python 3.9 or newer.', {
    why: found.error ? `${python} cannot be started: ${found.error.message}.` : `${python} is older, or does not run.`,
    next: 'Install python3, or name another one with --python.',
  })
}

type JobPlace = { url: string; dataFolder: string; uid: string }

/** The job is made before its training starts, so that the link leads to it from the first moment. */
async function makeJob({ url, dataFolder, uid }: JobPlace): Promise<number> {
  const token = readTokenFile(dataFolder, 'report.token')
  const client = createClient({ baseUrl: url, ...(token === undefined ? {} : { token }) })
  const made = await client.call('jobs.put', { params: { uid }, body: { name: 'charlm', project: 'examples' } })
  return made.attempt
}

function describeJob({ url, dataFolder, uid, attempt }: JobPlace & { attempt: number }): Record<string, string> {
  return {
    PILOTHOUSE_URL: url,
    PILOTHOUSE_JOB: uid,
    PILOTHOUSE_ATTEMPT: String(attempt),
    PILOTHOUSE_TOKEN_FILE: join(dataFolder, 'report.token'),
    PILOTHOUSE_MODE: 'online',
  }
}

type TrainingStart = {
  options: DemoOptions
  world: World
  /** The model goes there: where the program itself stands is not ours to write. */
  dataFolder: string
  environment: Record<string, string>
}

/** In a process group of its own: Ctrl-C then reaches it once, from us, and npm cannot send it a second time. */
function startTraining({ options, world, dataFolder, environment }: TrainingStart): Training {
  const path = [sdk, world.environment['PYTHONPATH']].filter(Boolean).join(delimiter)
  const child = spawn(options.python, [script, '--out', join(dataFolder, 'charlm-model.json')], {
    detached: true,
    cwd: house,
    env: { ...world.environment, ...environment, PYTHONPATH: path },
    stdio: ['ignore', options.verbose ? 'inherit' : 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    if (options.verbose) world.stderr.stream.write(bytes)
    errors = (errors + bytes.toString()).slice(-errorCharactersMax)
  })
  return { child, errors: () => errors }
}

async function reportEnd({ child, errors }: Training, { stdout, stderr, now }: World): Promise<void> {
  const startedAt = now()
  await once(child, 'close')
  const lasted = formatDuration(now() - startedAt)
  if (child.exitCode === 0)
    stdout.write(`The training has completed after ${lasted}. The control room goes on; Ctrl-C ends it.\n`)
  else if (child.signalCode === null || child.signalCode === 'SIGKILL') {
    stderr.write(
      `The training has ended after ${lasted} with ${child.signalCode ?? `exit code ${child.exitCode ?? '?'}`}.\n${errors()}`,
    )
  }
}

type Start = { url: string; port: string | undefined; link: string; dataFolder: string }

function viewStart({ url, port, link, dataFolder }: Start, world: World): string {
  const { paint } = world.stdout
  const another = `${describeCommand(world, 'link')} --data ${dataFolder}`
  return [
    `pilothouse ready ${url}`,
    ...(port === undefined ? [] : [paint('yellow', port)]),
    'A small language model is learning to write Python, for a few minutes.',
    '',
    `  ${paint('bold', 'Watch it live:')}  ${paint('cyan', link)}`,
    '',
    paint('dim', `The link works once; \`${another}\` makes another. Ctrl-C ends both.`),
    '',
  ].join('\n')
}

/** The link to sign in with, going on to the job's page. */
function linkToJob(link: string, uid: string): string {
  const url = new URL(link)
  url.searchParams.set('next', `/job/${uid}`)
  return url.href
}

/** How the user reaches a command: by npm in a checkout, by its file where npx has put it out of sight, else by its name. */
function describeCommand({ environment }: World, command: 'demo' | 'link'): string {
  if (environment['npm_lifecycle_event'] === 'demo')
    return command === 'demo' ? 'npm run demo' : 'npm run pilothouse -- link'
  if (environment['npm_command'] !== 'exec') return `pilothouse ${command}`
  return `node ${join(house, 'dist', 'launch.js')} ${command}`
}
