import { resolve } from 'node:path'
import type { Client } from '@pilothouse/client'
import { type Project, readProjectPlace } from '@pilothouse/contract'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewProject, viewProjects } from '@pilothouse/terminal'
import type { Command } from 'commander'
import { CommandError } from '../exit-code.ts'
import type { ServerOptions } from '../find-server.ts'
import type { CommandContext } from '../run-cli.ts'
import { addServerOptions, connect } from '../server-options.ts'
import type { World } from '../world.ts'

type ListOptions = ServerOptions & { json?: boolean }
type SyncOptions = ListOptions & { wait: boolean }
type AddOptions = SyncOptions & { name?: string }
type DeleteOptions = ServerOptions & { yes?: boolean }

const examples = `
A project is source code that jobs are launched from, under the name that its jobs have: docs/projects.md.

Examples:
  pilothouse projects                                 those with code, and names that only jobs know
  pilothouse projects add .                           this folder, where the control room runs on this machine
  pilothouse projects add git@git.example.org:team/vision.git --name vision
  pilothouse projects sync vision                     read the folder, or fetch the repository, now
  pilothouse projects delete vision                   forget it; its jobs stay, and so does its folder
  pilothouse projects --json                          for scripts: {"projects": […], "total": …}`

/** Between two looks how far it is. */
const askMs = 300

export function addProjectsCommand(program: Command, { world }: CommandContext): void {
  const projects = program
    .command('projects')
    .description('List projects, and add, sync or delete them.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
  addServerOptions(projects).action((options: ListOptions) => listProjects(options, world))
  const add = projects
    .command('add')
    .argument('<place>', 'a folder of the machine of the control room, or the address of a git repository')
    .description('Add a project, and wait until its code has been read.')
    .option('--name <name>', 'what its jobs have as project; without it, the last part of the place')
  addSyncOptions(add).action((place: string, _own: AddOptions, whole: Command) =>
    addProject(place, whole.optsWithGlobals<AddOptions>(), world),
  )
  const sync = projects.command('sync').argument('<project>', 'its name').description('Read or fetch its code now.')
  addSyncOptions(sync).action((name: string, _own: SyncOptions, whole: Command) =>
    syncProject(name, whole.optsWithGlobals<SyncOptions>(), world),
  )
  const remove = projects
    .command('delete')
    .argument('<project>', 'its name')
    .description('Forget a project. Its jobs stay, and so does its folder.')
    .option('--yes', 'do not ask')
  addServerOptions(remove).action((name: string, _own: DeleteOptions, whole: Command) =>
    deleteProject(name, whole.optsWithGlobals<DeleteOptions>(), world),
  )
}

function addSyncOptions(command: Command): Command {
  return addServerOptions(command.option('--no-wait', 'do not wait for it').option('--json', 'print JSON'))
}

async function listProjects({ json, ...server }: ListOptions, world: World): Promise<void> {
  const list = await connect(server, world).call('projects.list', {})
  const { stdout } = world
  if (json) return stdout.write(`${JSON.stringify(list)}\n`)
  const lines = viewProjects(list, { paint: stdout.paint, width: stdout.width(), now: world.now() })
  stdout.write(`${lines.join('\n')}\n`)
}

async function addProject(text: string, { name, ...options }: AddOptions, world: World): Promise<void> {
  const client = connect(options, world)
  // A folder is named from where one stands; what is neither, the server says.
  const isFolder = text.startsWith('.') || ('message' in readProjectPlace(text) && !text.includes(':'))
  const place = isFolder && !text.startsWith('-') ? resolve(world.workingFolder, text) : text
  const added = await client.call('projects.create', { body: { place, ...(name === undefined ? {} : { name }) } })
  await tell(client, added, options, world)
}

async function syncProject(name: string, options: SyncOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { id } = await findProject(client, name)
  await tell(client, await client.call('projects.sync', { params: { id: String(id) } }), options, world)
}

async function deleteProject(name: string, { yes, ...options }: DeleteOptions, world: World): Promise<void> {
  const client = connect(options, world)
  const { id } = await findProject(client, name)
  if (!yes) await confirm(name, world)
  await client.call('projects.delete', { params: { id: String(id) } })
  world.stdout.write(`${sanitizeForTerminal(name)} is forgotten. Its jobs are still there.\n`)
}

/** @throws CommandError when the answer is no, or nobody is there to give one. */
async function confirm(name: string, world: World): Promise<void> {
  const answer = await world.ask(`Forget ${sanitizeForTerminal(name)}, and what was fetched of it? [y/N] `)
  if (answer !== null && /^y(es)?$/i.test(answer.trim())) return
  if (answer !== null) throw new CommandError('failed', 'Nothing was deleted.', { why: 'The answer was not yes.' })
  throw new CommandError('usage', 'Nothing was deleted.', {
    why: 'Without a terminal nobody can confirm it.',
    next: 'Say --yes if it shall be deleted without a question.',
  })
}

/** Says how it stands, once its code has been read. @throws CommandError when it could not be. */
async function tell(client: Client, asked: Project, { wait, json }: SyncOptions, world: World): Promise<void> {
  const project = wait ? await waitForSync(client, asked, world) : asked
  const { stdout, now } = world
  const { fault } = project
  if (json) stdout.write(`${JSON.stringify(project)}\n`)
  else if (fault === null || !wait) stdout.write(`${viewProject(project, now()).join('\n')}\n`)
  if (fault === null || !wait) return
  throw new CommandError('failed', sanitizeForTerminal(`The code of ${project.name} could not be read.`), {
    why: sanitizeForTerminal(fault.message),
    next: sanitizeForTerminal(fault.hint),
  })
}

/** Resolves once it is neither read nor fetched any more. */
export async function waitForSync(client: Client, asked: Project, { stderr }: World): Promise<Project> {
  let project = asked
  let told = ''
  while (project.sync !== null) {
    const { words, fraction } = project.sync
    const line = fraction === null ? words : `${words} ${Math.floor(fraction * 100)} %`
    if (stderr.isTerminal && line !== told) stderr.write(`\r\u001B[K${line}`)
    told = line
    await new Promise((done) => setTimeout(done, askMs))
    project = await client.call('projects.get', { params: { id: String(project.id) } })
  }
  if (stderr.isTerminal && told !== '') stderr.write('\r\u001B[K')
  return project
}

/** @throws CommandError when there is none of this name, or none with code. */
export async function findProject(client: Client, name: string): Promise<Project> {
  const { projects } = await client.call('projects.list', { query: { name } })
  const [found] = projects
  if (found && found.id !== null) return found
  const only = found ? 'Only jobs have this name: there is no code of it here.' : undefined
  throw new CommandError('notFound', sanitizeForTerminal(`There is no project «${name}» with code.`), {
    ...(only === undefined ? {} : { why: only }),
    next: '«pilothouse projects» lists them.',
  })
}
