/** Presets of launches: wishes under a name, the same ones that the page has. */
import type { Command } from 'commander'
import type { Client } from '@pilothouse/client'
import {
  type LaunchPreset,
  launchPreset,
  type LaunchSpec,
  type LaunchSpecInput,
  PilothouseError,
  type View,
} from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewPresets } from '@pilothouse/terminal'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type ListOptions = ServerOptions & { json?: boolean }

const examples = `
A preset is a launch under a name, without the values of its variables; the launch page has the same ones: docs/launching.md.

Examples:
  pilothouse launch --save-preset night --target dgx --gpus 4 --time 8h -- python3 train.py
  pilothouse launch --preset night --time 2h          with another time limit
  pilothouse presets                                  your own and those that are shared
  pilothouse presets rename night 'every night'
  pilothouse presets delete night
  pilothouse presets --json                           for scripts: {"presets": [{"id", "name", "preset": {"spec", …}}]}`

export function addPresetsCommand(program: Command, { world }: CommandContext): void {
  const presets = program
    .command('presets')
    .description('List presets of launches, and rename or delete them.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(presets).action((options: ListOptions) => listPresets(options, world))
  const rename = presets
    .command('rename')
    .argument('<preset>', 'its name or id')
    .argument('<name>', 'its new name')
    .description('Call a preset something else.')
  addServerOptions(rename).action(async (asked: string, name: string, _own: ServerOptions, whole: Command) => {
    const client = connect(whole.optsWithGlobals<ServerOptions>(), world)
    const { view } = await findPreset(client, asked)
    await client.call('views.edit', { params: { id: view.id }, body: { name } })
    world.stdout.write(`${sanitizeForTerminal(`«${view.name}» is called «${name}» now.`)}\n`)
  })
  const remove = presets.command('delete').argument('<preset>', 'its name or id').description('Delete a preset.')
  addServerOptions(remove).action(async (asked: string, _own: ServerOptions, whole: Command) => {
    const client = connect(whole.optsWithGlobals<ServerOptions>(), world)
    const { view } = await findPreset(client, asked)
    await client.call('views.delete', { params: { id: view.id } })
    world.stdout.write(`${sanitizeForTerminal(`The preset «${view.name}» is deleted.`)}\n`)
  })
}

export type FoundPreset = { view: View; preset: LaunchPreset }

async function listPresets({ json, ...server }: ListOptions, world: World): Promise<void> {
  const found = await readPresets(connect(server, world))
  const { stdout } = world
  if (json) {
    const presets = found.map(({ view: { search: _, page: __, isDefault: ___, ...view }, preset }) => ({
      ...view,
      preset,
    }))
    return stdout.write(`${JSON.stringify({ presets })}\n`)
  }
  stdout.write(`${viewPresets(found, { paint: stdout.paint, width: stdout.width() }).join('\n')}\n`)
}

async function readPresets(client: Client): Promise<FoundPreset[]> {
  const { views } = await client.call('views.list', { query: { page: 'launch' } })
  return views.map((view) => ({ view, preset: launchPreset.parse(JSON.parse(view.search)) }))
}

/**
 * By name, or by id.
 * @throws CommandError `notFound`, or `usage` where several have the name.
 */
export async function findPreset(client: Client, asked: string): Promise<FoundPreset> {
  const all = await readPresets(client)
  const named = all.filter(({ view }) => view.name === asked)
  const found = named.length > 0 ? named : all.filter(({ view }) => String(view.id) === asked)
  const [first, ...others] = found
  if (!first)
    throw new CommandError('notFound', sanitizeForTerminal(`There is no preset «${asked}» of launches.`), {
      next: '«pilothouse presets» lists them.',
    })
  if (others.length === 0) return first
  const list = found.map(({ view }) => `${view.id} (${view.project ?? 'no project'}, by ${view.owner.name})`)
  throw new CommandError('usage', sanitizeForTerminal(`${found.length} presets are called «${asked}».`), {
    why: sanitizeForTerminal(list.join(', ')),
    next: 'Give the id of one.',
  })
}

/**
 * What a launch by a preset begins with, and its command.
 * @throws CommandError `usage` for variables without a value, and where it makes no command
 */
export function readPresetWish(
  { view, preset }: FoundPreset,
  line: readonly string[],
  env: Record<string, string> = {},
): { before: Partial<LaunchSpec>; command: string[] } {
  const missing = preset.variables.filter((name) => env[name] === undefined)
  if (missing.length > 0)
    throw new CommandError(
      'usage',
      sanitizeForTerminal(`The preset «${view.name}» has no value of ${missing.join(', ')}.`),
      {
        why: 'Presets keep names of variables only.',
        next: `Give ${missing.map((name) => `--env ${name}=…`).join(' ')}`,
      },
    )
  const command = line.length > 0 ? [...line] : preset.spec.command
  if (command.length === 0)
    throw new CommandError('usage', sanitizeForTerminal(`The preset «${view.name}» has no command of one job.`), {
      next: `Write the command behind --, or launch it on the page: /launch?preset=${view.id}`,
    })
  return { before: preset.spec, command }
}

type Keep = { name: string; spec: Omit<LaunchSpecInput, 'command'> & { command?: string[] }; project: string | null }

/** Keeps a wish under a name; one's own of this name and project becomes it. */
export async function keepPreset(client: Client, { name, spec, project }: Keep, isShared: boolean): Promise<View> {
  const { project: _, environment = {}, ...rest } = spec
  const search = JSON.stringify({ project, spec: rest, variables: Object.keys(environment) })
  const share = isShared ? { isShared } : {}
  try {
    return await client.call('views.create', { body: { page: 'launch', name, project, search, ...share } })
  } catch (error) {
    if (!(error instanceof PilothouseError) || error.code !== 'conflict') throw error
    const { member } = await client.call('access.session')
    const { views } = await client.call('views.list', { query: { page: 'launch' } })
    const own = views.find((one) => one.owner.id === member.id && one.name === name && one.project === project)
    if (!own) throw error
    return client.call('views.edit', { params: { id: own.id }, body: { search, ...share } })
  }
}
