/** Which folders projects may lie in, and what of them is refused all the same. */
import { realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PilothouseError, type ProjectPlace, readProjectPlace } from '@pilothouse/contract'
import { GitError, findFolder, isInside } from '@pilothouse/fleet'
import type { ServerConfig } from '../config.ts'
import { isLoopback } from '../http/host-rules.ts'

export type Places = {
  /** As they were named; links in them are followed when they are used. */
  roots: readonly string[]
  /** What `~` stands for. */
  home: string
  /** Holds keys and tokens: nothing in it is a project. */
  dataFolder: string
}

/**
 * The folders that were named. Without any: the home folder of whoever runs the server, as long as it is theirs alone: it
 * listens on this machine only and knows of no other name or address by which people come. Else none: what one of many may
 * not read is not read for them by the user that the server runs as.
 */
export function listRoots(
  {
    projectRoots,
    host,
    allowHosts,
    publicUrl,
  }: Pick<ServerConfig, 'projectRoots' | 'host' | 'allowHosts' | 'publicUrl'>,
  home: string,
): readonly string[] {
  if (projectRoots !== null) return projectRoots
  return isLoopback(host) && allowHosts.length === 0 && publicUrl === null ? [home] : []
}

/**
 * What somebody wrote, checked: a folder becomes its real path.
 * @throws PilothouseError `invalid` for the field `place`.
 */
export async function checkPlace(places: Places, text: string): Promise<ProjectPlace> {
  const read = readProjectPlace(text)
  if ('message' in read) throw refuse(read.message, { expected: read.expected })
  if (read.kind === 'folder') return { ...read, place: await checkFolder(places, expandHome(read.place, places.home)) }
  if (read.scheme === 'file') await checkFolder(places, fileURLToPath(read.place))
  return read
}

/**
 * The real path of a folder that may be read.
 * @throws PilothouseError `invalid` for the field `place`.
 */
export async function checkFolder(places: Places, folder: string): Promise<string> {
  const roots = await findRoots(places)
  if (roots.length === 0) {
    throw refuse('This control room takes no folders of its machine, only addresses of git repositories.', {
      hint: 'Who runs it can name folders that projects may lie in, with PILOTHOUSE_PROJECT_ROOTS.',
    })
  }
  // Nothing is told of what lies elsewhere, not even whether it is there.
  if (!isInside(resolve(folder), [...roots, ...places.roots])) throw outside(places)
  try {
    const real = await findFolder(folder, roots)
    const data = await realpath(places.dataFolder).catch(() => places.dataFolder)
    if (isInside(real, [data])) throw refuse('That is the data folder of the control room, with its keys.')
    refuseHidden(real, roots)
    return real
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw error.kind === 'outside' ? outside(places) : refuse(error.message, { hint: error.hint, cause: error })
  }
}

/** Real paths of the roots that are there. */
export async function findRoots({ roots }: Places): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => [])))
  return real.flat()
}

/** Keys and settings lie in such folders (`.ssh`, `.config`); who means one names it as a root itself. */
function refuseHidden(real: string, roots: readonly string[]): void {
  const ways = roots.filter((root) => isInside(real, [root])).map((root) => relative(root, real).split(sep))
  if (ways.some((parts) => !parts.some((part) => part.startsWith('.')))) return
  throw refuse('It lies in a hidden folder, where settings and keys are kept.', {
    hint: 'If it is meant, it can be named in PILOTHOUSE_PROJECT_ROOTS itself.',
  })
}

function expandHome(place: string, home: string): string {
  return place.startsWith('~') ? join(home, place.slice(1)) : place
}

function outside({ roots }: Places): PilothouseError {
  return refuse(`Projects lie in ${roots.join(' or ')}, and this folder does not.`, {
    hint: 'Who runs the control room can name more folders, with PILOTHOUSE_PROJECT_ROOTS.',
  })
}

/** An error beside the field. */
export function refuse(
  message: string,
  details: { expected?: string; hint?: string; cause?: unknown } = {},
): PilothouseError {
  return new PilothouseError('invalid', message, { field: 'place', ...details })
}
