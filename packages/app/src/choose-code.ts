/** Which code a launch runs: the project that options or the folder name, and the state of it. */
import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Client } from '@pilothouse/client'
import type { LaunchCode, Project } from '@pilothouse/contract'
import { findProject, waitForSync } from './commands/projects.ts'
import type { LaunchOptions } from './commands/launch-options.ts'
import { CommandError } from './exit-code.ts'
import type { World } from './world.ts'

export type ChosenCode = {
  /** null: none is taken along. */
  project: Project | null
  /** Folder in the project that one stands in; empty where another project was named. */
  within: string
}

/**
 * Finds the project, and has a folder read as it is now.
 * @throws CommandError `notFound`
 */
export async function chooseProject(
  client: Client,
  asked: string | false | undefined,
  world: World,
): Promise<ChosenCode> {
  if (asked === false) return { project: null, within: '' }
  const found = asked === undefined ? await findAround(client, world) : await findNamed(client, asked)
  if (found.project?.source?.kind !== 'folder') return found
  const synced = await client.call('projects.sync', { params: { id: String(found.project.id) } })
  return { ...found, project: await waitForSync(client, synced, world) }
}

async function findNamed(client: Client, asked: string): Promise<ChosenCode> {
  const project = await findProject(client, asked).catch(async (error: unknown) => {
    if (!/^[1-9]\d{0,8}$/.test(asked)) throw error
    return client.call('projects.get', { params: { id: asked } })
  })
  return { project, within: '' }
}

/** The innermost one that the working folder lies in. */
async function findAround(client: Client, { workingFolder }: World): Promise<ChosenCode> {
  const here = realpathSync(workingFolder)
  const { projects } = await client.call('projects.list')
  const around = projects
    .map((project) => ({ project, within: relative(project.source?.place ?? '', here) }))
    .filter(({ project: { source }, within }) => source?.kind === 'folder' && !within.split(sep).includes('..'))
    .toSorted((one, other) => one.within.length - other.within.length)
  return around[0] ?? { project: null, within: '' }
}

/**
 * Which state of it; undefined where nothing is said.
 * @throws CommandError `usage`
 */
export function readCode(
  { commit, asItIs, inPlace }: Pick<LaunchOptions, 'commit' | 'asItIs' | 'inPlace'>,
  project: Pick<Project, 'code' | 'source'> | null,
): LaunchCode | undefined {
  const isAsked = commit !== undefined || asItIs || inPlace
  if (project === null) {
    if (!isAsked) return undefined
    throw new CommandError('usage', 'There is no project whose code this could be.', {
      next: 'Name one with --project; «pilothouse projects» lists them.',
    })
  }
  if (commit !== undefined) return { kind: 'commit', commit: readCommit(commit, project.code?.commit?.id) }
  if (inPlace) return { kind: 'folder' }
  if (asItIs) return { kind: 'tree' }
  const head = project.code?.commit?.id
  // Of a repository that was fetched there is no folder with changes.
  return project.source?.kind === 'git' && head !== undefined ? { kind: 'commit', commit: head } : undefined
}

function readCommit(text: string, head: string | undefined): string {
  const asked = text.toLowerCase()
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(asked)) return asked
  const isHead = text === 'HEAD' || (asked.length >= 4 && head?.startsWith(asked))
  if (isHead && head !== undefined) return head
  throw new CommandError('usage', `«${text}» is neither the whole id of a commit nor the one that is checked out.`, {
    next: 'Give its whole id, as «git rev-parse» prints it, or HEAD.',
  })
}
