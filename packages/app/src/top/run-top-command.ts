import { viewFailure } from '@pilothouse/terminal'
import { describeError } from '../describe-error.ts'
import { exitCodes } from '../exit-code.ts'
import { runTop, type TopSource } from '@pilothouse/terminal/top'
import type { World } from '../world.ts'
import { openTopSource } from './open-top-source.ts'
import { withWebhook } from './post-webhook.ts'
import { printOnce } from './print-once.ts'
import { readTopFile } from './read-top-file.ts'
import { readTopOptions, topHelp, type TopOptions } from './read-top-options.ts'
import { topLimits, type TopSettings } from './top-settings.ts'

/** The streams of the process, which the screen draws on. */
export type TopTerminal = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'on' | 'off' | 'kill'>

/** Runs `pilothouse top`; resolves to the exit code. Nothing is thrown: what goes wrong is told on standard error. */
export async function runTopCommand(args: readonly string[], world: World, terminal: TopTerminal): Promise<number> {
  try {
    const options = readTopOptions(args)
    if (options.help) {
      world.stdout.write(topHelp)
      return exitCodes.ok.code
    }
    const file = await readTopFile(options.config, world)
    return await show({ ...file, ...options.settings }, options, { world, terminal })
  } catch (error) {
    const failure = describeError(error)
    world.stderr.write(`${viewFailure(failure, world.stderr.paint)}\n`)
    return exitCodes[failure.exit].code
  }
}

type Bag = { world: World; terminal: TopTerminal }

async function show(settings: TopSettings, options: TopOptions, bag: Bag): Promise<number> {
  const { source, asks, close } = await openTopSource(settings, options.server, bag.world)
  try {
    if (options.once) {
      await printOnce(source, bag.world, { json: options.json, asks })
      return exitCodes.ok.code
    }
    return await draw(settings, source, bag)
  } finally {
    await close()
  }
}

/** The screen where there is a terminal, else one line for each change. */
function draw(settings: TopSettings, opened: TopSource, { world, terminal }: Bag): Promise<number> {
  const { webhook, title } = settings
  world.outliveReaders()
  return runTop({
    source: webhook === undefined ? opened : withWebhook(opened, webhook, { now: world.now }),
    input: terminal.stdin,
    output: terminal.stdout,
    errors: terminal.stderr,
    now: world.now,
    options: {
      intervalMs: (settings.interval ?? topLimits.intervalS) * 1_000,
      readOnly: settings.readOnly ?? false,
      theme: settings.theme ?? 'auto',
      groups: settings.groups ?? [],
      ...(title !== undefined && { title }),
    },
    environment: world.environment,
    signals: terminal,
  })
}
