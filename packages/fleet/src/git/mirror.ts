/**
 * A repository fetched from elsewhere, without a work tree: all branches and tags, as they are there. What is written into it
 * comes from git alone; its settings are our own.
 */
import { access, readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { CodeFacts } from '@pilothouse/contract'
import { GitError, hideSecrets } from './git-error.ts'
import { readCommit, readSubmodules } from './read-commit.ts'
import { askGit, runGit } from './run-git.ts'

export type MirrorPlace = {
  /** The repository itself; made if it is missing. */
  gitFolder: string
  url: string
  environment: Readonly<Record<string, string>>
  signal?: AbortSignal | undefined
}

export type FetchOptions = MirrorPlace & {
  /** Scheme of the address. */
  protocol: string
  timeoutMs: number
  /** All of it, once fetched. */
  bytesMax: number
  /** So much of the disk stays free. */
  freeBytesMin: number
  onProgress: (progress: FetchProgress) => void
}

/** `fraction` null while git does not know how much there is. */
export type FetchProgress = { words: string; fraction: number | null }

const askMs = 60_000

/**
 * Fetches what has changed there, and follows its default branch.
 * @throws GitError when it cannot be reached, is too large, takes too long, or is stopped; what was there before stays.
 */
export async function fetchMirror(options: FetchOptions): Promise<void> {
  const { gitFolder, url, environment, protocol, signal, timeoutMs, onProgress } = options
  const run = { environment, signal, protocols: [protocol] }
  const inside = ['--git-dir', gitFolder]
  await makeRepository(options)
  await refuseExcess(options)
  onProgress({ words: 'asking', fraction: null })
  const told = await askGit({
    ...run,
    timeoutMs: Math.min(askMs, timeoutMs),
    args: [...inside, 'ls-remote', '--symref', '--', url, 'HEAD'],
  })
  const args = ['fetch', '--prune', '--no-tags', '--progress', '--no-write-fetch-head', '--no-recurse-submodules']
  const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']
  try {
    await askGit({
      ...run,
      timeoutMs,
      args: [...inside, ...args, '--', url, ...refs],
      // Always a pack: it says how far it is, and one that is broken off can be removed.
      settings: [['fetch.unpackLimit', '1']],
      onLine: (line) => tellProgress(line, onProgress),
      watch: () => findExcess(options),
    })
  } finally {
    await removeLeftovers(gitFolder)
  }
  // A fast disk brings all of it before anybody has looked.
  await refuseExcess(options)
  const branch = /^ref: (?<ref>refs\/heads\/\S+)\tHEAD$/m.exec(told.toString('utf8'))?.groups?.['ref']
  if (branch !== undefined)
    await askGit({ ...run, timeoutMs: askMs, args: [...inside, 'symbolic-ref', 'HEAD', branch] })
}

/** What the fetched repository holds at its default branch. @throws GitError when it cannot be read. */
export async function readMirror(place: MirrorPlace, filesMax: number): Promise<CodeFacts> {
  const { gitFolder, url, environment, signal } = place
  const run = { environment, signal, timeoutMs: askMs, args: ['--git-dir', gitFolder] }
  const ask = (args: readonly string[]): Promise<Buffer> => askGit({ ...run, args: [...run.args, ...args] })
  const head = await runGit({ ...run, args: [...run.args, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}'] })
  const isEmpty = head.code !== 0
  return {
    isGit: true,
    commit: isEmpty ? null : await readCommit(ask),
    branch: (await ask(['symbolic-ref', '--short', 'HEAD'])).toString('utf8').trim(),
    upstream: null,
    remote: { name: 'origin', url: hideSecrets(url) },
    within: '',
    changed: 0,
    untracked: 0,
    files: [],
    submodules: isEmpty ? [] : await readSubmodules(run, filesMax),
  }
}

/** Without a template: no hooks, nothing that somebody has put there for new repositories. */
async function makeRepository({ gitFolder, environment, signal }: MirrorPlace): Promise<void> {
  const isThere = await access(join(gitFolder, 'HEAD')).then(
    () => true,
    () => false,
  )
  if (isThere) return removeLeftovers(gitFolder)
  const args = ['init', '--quiet', '--bare', '--template=', '--initial-branch=main', '--', gitFolder]
  await askGit({ environment, signal, timeoutMs: askMs, args })
}

/** What a fetch that was broken off had received. */
async function removeLeftovers(gitFolder: string): Promise<void> {
  const folder = join(gitFolder, 'objects', 'pack')
  const names = await readdir(folder).catch(() => [])
  await Promise.all(
    names.filter((name) => name.startsWith('tmp_')).map((name) => rm(join(folder, name), { force: true })),
  )
}

async function refuseExcess(options: FetchOptions): Promise<void> {
  const excess = await findExcess(options)
  if (excess) throw excess
}

async function findExcess({ gitFolder, bytesMax, freeBytesMin }: FetchOptions): Promise<GitError | undefined> {
  if ((await measureFolder(gitFolder)) > bytesMax)
    return new GitError(
      'size',
      `The repository is larger than ${Math.round(bytesMax / 1024 ** 2)} MiB, more is not fetched.`,
      'Clone it yourself, without what is not needed, and add the folder.',
    )
  const { bavail, bsize } = await statfs(gitFolder)
  if (bavail * bsize < freeBytesMin)
    return new GitError(
      'room',
      'The disk of the control room is nearly full, so no more is fetched.',
      'Free space where its data folder is, then sync again.',
    )
  return undefined
}

async function measureFolder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  // A file that git has renamed or removed meanwhile has no size.
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) =>
        stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** `Receiving objects:  42% (420/1000), 1.20 MiB | 1.1 MiB/s`, and what the other side says, after `remote: `. */
const progressLine = /^(?:remote: )?(?<what>[A-Z][a-z]+ [a-z]+):\s+(?:(?<percent>\d{1,3})% )?/

const phases: Record<string, string> = {
  'Enumerating objects': 'counting',
  'Counting objects': 'counting',
  'Compressing objects': 'waiting',
  'Receiving objects': 'receiving',
  'Resolving deltas': 'unpacking',
}

function tellProgress(line: string, onProgress: (progress: FetchProgress) => void): void {
  const found = progressLine.exec(line)?.groups
  const words = phases[found?.['what'] ?? '']
  if (words === undefined) return
  const percent = found?.['percent']
  onProgress({ words, fraction: percent === undefined ? null : Number(percent) / 100 })
}
