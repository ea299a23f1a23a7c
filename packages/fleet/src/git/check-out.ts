/** The files of a fetched repository at its default branch. No hook and no filter runs; files that git keeps elsewhere stay references. */
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GitError } from './git-error.ts'
import type { MirrorPlace } from './mirror.ts'
import { type GitRun, askGit } from './run-git.ts'

export type CheckOutOptions = MirrorPlace & {
  /** Holds one folder, named by the commit; those of other commits are removed. */
  folder: string
  bytesMax: number
}

const timeoutMs = 5 * 60_000

/**
 * Where the files are, made unless they are there.
 * @throws GitError when there is no commit yet, it is larger than it may be, or git cannot read it.
 */
export async function checkOutMirror(options: CheckOutOptions): Promise<{ folder: string; commit: string }> {
  const { gitFolder, environment, signal, bytesMax } = options
  const run = { environment, signal, timeoutMs }
  const ask = (args: readonly string[], more: Partial<GitRun> = {}): Promise<Buffer> =>
    askGit({ ...run, ...more, args: ['--git-dir', gitFolder, ...args] })
  const commit = (await ask(['rev-parse', '--verify', 'HEAD^{commit}'])).toString('utf8').trim()
  const folder = join(options.folder, commit)
  if (await isFolder(folder)) return { folder, commit }
  const listed = (await ask(['ls-tree', '-r', '-l', '-z', commit], { stdoutBytesMax: 64 * 1024 ** 2 })).toString(
    'latin1',
  )
  const bytes = listed.split('\0').reduce((sum, line) => sum + (Number(line.split(/\s+/, 4)[3]) || 0), 0)
  if (bytes > bytesMax)
    throw new GitError(
      'size',
      `Its files are larger than ${Math.round(bytesMax / 1024 ** 2)} MiB, more is not unpacked here.`,
      'Clone it yourself and add the folder.',
    )
  await rm(options.folder, { recursive: true, force: true })
  const half = join(options.folder, 'unpacking')
  await mkdir(half, { recursive: true, mode: 0o700 })
  const index = { ...environment, GIT_INDEX_FILE: join(options.folder, 'index') }
  const inside = ['--work-tree', half]
  await ask([...inside, 'read-tree', commit], { environment: index })
  const settings = await turnOffFilters(ask)
  await ask([...inside, 'checkout-index', '--all', '--force', '--quiet'], { environment: index, settings })
  await rename(half, folder)
  return { folder, commit }
}

async function turnOffFilters(ask: (args: readonly string[]) => Promise<Buffer>): Promise<[string, string][]> {
  const names = (await ask(['config', '--list', '--name-only', '-z'])).toString('utf8').split('\0')
  const filters = new Set(names.flatMap((name) => /^filter\.(?<name>.*)\.[^.]+$/s.exec(name)?.groups?.['name'] ?? []))
  return [...filters].flatMap((name): [string, string][] => [
    [`filter.${name}.smudge`, ''],
    [`filter.${name}.process`, ''],
    [`filter.${name}.required`, 'false'],
  ])
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
