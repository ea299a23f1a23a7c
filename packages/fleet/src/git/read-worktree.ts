/** What git tells of a folder that somebody works in. Nothing in it is run, and nothing in it is written. */
import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import type { CodeFacts } from '@pilothouse/contract'
import { GitError, explainGitFailure, hideSecrets, isNoRepository } from './git-error.ts'
import { parseStatus } from './parse-status.ts'
import { readCommit, readSubmodules } from './read-commit.ts'
import { type GitRun, askGit, runGit } from './run-git.ts'

export type WorktreeOptions = {
  folder: string
  /** What is read lies in these, wherever links lead. */
  roots: readonly string[]
  environment: Readonly<Record<string, string>>
  /** Files and submodules told of. */
  filesMax: number
  signal?: AbortSignal | undefined
}

const readMs = 60_000
const urlMax = 4_096

/** @throws GitError when the folder is gone, lies elsewhere, or git cannot read it. */
export async function readWorktree({
  roots,
  filesMax,
  signal,
  environment,
  ...rest
}: WorktreeOptions): Promise<CodeFacts> {
  const folder = await findFolder(rest.folder, roots)
  const run = { environment, signal, timeoutMs: readMs, ceilings: roots.map((root) => dirname(root)) }
  const ask = (args: readonly string[], more: Partial<GitRun> = {}): Promise<Buffer> =>
    askGit({ ...run, ...more, args: ['-C', folder, ...args] })
  const tree = await findTree(folder, run)
  if (!tree) return plainFacts
  await checkPlaces(tree, roots)
  const config = await readConfig(folder, run)
  const args = ['status', '--porcelain=v2', '--branch', '-z', '--no-renames', '--untracked-files=normal']
  // Git would go into submodules for the rest, where their own settings hold.
  const output = await ask([...args, '--ignore-submodules=dirty'], { settings: turnOffFilters(config) })
  const { commit, branch, ...status } = parseStatus(output, filesMax)
  return {
    isGit: true,
    ...status,
    branch,
    commit: commit === null ? null : await readCommit(ask),
    remote: findRemote(config, branch),
    within: tree.prefix,
    submodules: commit === null ? [] : await readSubmodules({ ...run, args: ['-C', folder] }, filesMax),
  }
}

const plainFacts: CodeFacts = {
  isGit: false,
  commit: null,
  branch: null,
  upstream: null,
  remote: null,
  within: '',
  changed: 0,
  untracked: 0,
  files: [],
  submodules: [],
}

/** Where the folder really is. @throws GitError `gone`, `outside`. */
export async function findFolder(folder: string, roots: readonly string[]): Promise<string> {
  const real = await realpath(folder).catch((cause: unknown) => {
    throw new GitError(
      'gone',
      `The folder ${folder} is not there, or may not be read.`,
      'See whether it was moved, or its disk is not mounted.',
      { cause },
    )
  })
  if (!(await stat(real)).isDirectory())
    throw new GitError('gone', `${folder} is a file, not a folder.`, 'Name the folder that it lies in.')
  if (isInside(real, roots)) return real
  throw new GitError(
    'outside',
    `${real} lies in none of the folders that projects may lie in.`,
    'PILOTHOUSE_PROJECT_ROOTS names them when the control room starts.',
  )
}

/** True where `path` is one of `roots` or lies in one. All are real paths. */
export function isInside(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path)
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
  })
}

type Tree = { top: string; prefix: string; gitFolders: string[] }

/** Undefined where there is no repository. */
async function findTree(folder: string, run: Omit<GitRun, 'args'>): Promise<Tree | undefined> {
  const what = ['--show-toplevel', '--show-prefix', '--absolute-git-dir', '--git-common-dir']
  const args = ['-C', folder, 'rev-parse', '--path-format=absolute', ...what]
  const { code, stdout, stderr } = await runGit({ ...run, args })
  if (code !== 0) {
    if (isNoRepository(stderr)) return undefined
    throw explainGitFailure(stderr)
  }
  const [top = '', prefix = '', ...gitFolders] = stdout.toString('utf8').replace(/\n$/, '').split('\n')
  return { top, prefix, gitFolders }
}

/** A `.git` file, or a setting of the repository, can lead anywhere. */
async function checkPlaces({ top, gitFolders }: Tree, roots: readonly string[]): Promise<void> {
  for (const place of [top, ...gitFolders]) {
    const real = await realpath(place).catch(() => place)
    if (isInside(real, roots)) continue
    throw new GitError(
      'outside',
      `The repository of this folder lies in ${real}, which is in none of the folders that projects may lie in.`,
      'PILOTHOUSE_PROJECT_ROOTS names them when the control room starts.',
    )
  }
}

export type Config = readonly (readonly [key: string, value: string])[]

/** Settings that name programs for files, and remotes. */
export async function readConfig(folder: string, run: Omit<GitRun, 'args'>): Promise<Config> {
  const pattern = String.raw`^(filter\..*|remote\..*\.url|branch\..*\.remote)$`
  const args = ['-C', folder, 'config', '--includes', '-z', '--get-regexp', pattern]
  const { code, stdout, stderr } = await runGit({ ...run, args })
  if (code > 1) throw explainGitFailure(stderr)
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((entry) => {
      const at = entry.indexOf('\n')
      return at < 0 ? ([entry, ''] as const) : ([entry.slice(0, at), entry.slice(at + 1)] as const)
    })
}

/** To see whether a file differs git would hand it to the program that its filter names. Without one it compares the bytes. */
export function turnOffFilters(config: Config): Config {
  const names = new Set(config.flatMap(([key]) => /^filter\.(?<name>.*)\.[^.]+$/s.exec(key)?.groups?.['name'] ?? []))
  return [...names].flatMap((name) => [
    [`filter.${name}.clean`, ''] as const,
    [`filter.${name}.smudge`, ''] as const,
    [`filter.${name}.process`, ''] as const,
    [`filter.${name}.required`, 'false'] as const,
  ])
}

/** The remote of the branch, else `origin`, else the first. */
function findRemote(config: Config, branch: string | null): CodeFacts['remote'] {
  const read = (key: string): string | undefined => config.findLast(([one]) => one === key)?.[1]
  const first = config.flatMap(([key]) => /^remote\.(?<name>.*)\.url$/s.exec(key)?.groups?.['name'] ?? [])[0]
  const names = [branch === null ? undefined : read(`branch.${branch}.remote`), 'origin', first]
  for (const name of names) {
    const url = name === undefined ? undefined : read(`remote.${name}.url`)
    if (name !== undefined && url !== undefined) return { name, url: hideSecrets(url).slice(0, urlMax) }
  }
  return null
}
