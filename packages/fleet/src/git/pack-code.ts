/** Code as an archive that a target unpacks: of a commit, or of a folder as it is now. Nothing of a project is run for it. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GitError } from './git-error.ts'
import { readConfig, turnOffFilters } from './read-worktree.ts'
import { askGit, type GitRun } from './run-git.ts'

export const packLimits = {
  /** Of all files before they are packed, and of the archive. */
  bytesMax: 2 * 1024 ** 3,
  archiveBytesMax: 1024 ** 3,
  filesMax: 100_000,
  timeoutMs: 10 * 60_000,
} as const

export type PackedCode = {
  path: string
  /** SHA-256 of its bytes, hexadecimal. */
  digest: string
  bytes: number
}

type Common = {
  environment: Readonly<Record<string, string>>
  /** The archive; it is replaced. */
  to: string
  signal?: AbortSignal | undefined
}

/**
 * The files of a commit.
 * @param options.gitFolder of a repository without a work tree; else `folder` lies in one
 * @param options.within the part of the tree, ending in «/»; empty for all of it
 * @throws GitError
 */
export async function packCommit(
  options: Common & { commit: string; within: string } & ({ gitFolder: string } | { folder: string }),
): Promise<PackedCode> {
  const { environment, to, signal, commit, within } = options
  const place = 'gitFolder' in options ? ['--git-dir', options.gitFolder] : ['-C', options.folder]
  const run: Omit<GitRun, 'args'> = { environment, signal, timeoutMs: packLimits.timeoutMs }
  const settings = 'folder' in options ? turnOffFilters(await readConfig(options.folder, run)) : []
  const aside = `${to}.new`
  const watch = async (): Promise<GitError | undefined> => {
    const { size } = await stat(aside).catch(() => ({ size: 0 })) // it has not begun
    return size > packLimits.archiveBytesMax ? tooLarge() : undefined
  }
  try {
    const tree = within === '' ? commit : `${commit}:${within.replace(/\/$/, '')}`
    await askGit({ ...run, settings, watch, args: [...place, 'archive', '--format=tar.gz', `--output=${aside}`, tree] })
    return await publish(aside, to)
  } finally {
    await rm(aside, { force: true })
  }
}

/**
 * A folder as it is now: what git knows of it and what it would add; without git everything but the usual by-products.
 * @throws GitError
 */
export async function packFolder({
  folder,
  isGit,
  ...options
}: Common & { folder: string; isGit: boolean }): Promise<PackedCode> {
  const { environment, to, signal } = options
  const names = isGit ? await listTracked(folder, options) : await listAll(folder)
  const found = await measure(folder, names)
  if (found.length === 0)
    throw new GitError('gone', 'There is no file in it.', 'Choose the folder that the code is in.')
  const aside = `${to}.new`
  try {
    await runTar({ folder, names: found, to: aside, environment, signal })
    return await publish(aside, to)
  } finally {
    await rm(aside, { force: true })
  }
}

async function listTracked(folder: string, { environment, signal }: Omit<Common, 'to'>): Promise<string[]> {
  const args = ['-C', folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  const output = await askGit({ environment, signal, timeoutMs: packLimits.timeoutMs, args })
  return output.toString('utf8').split('\0').filter(Boolean)
}

/** What tools leave behind, and environments, which would not work elsewhere. */
const byProducts = new Set([
  '.git',
  '.hg',
  '.venv',
  'venv',
  'node_modules',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.ipynb_checkpoints',
])

async function listAll(folder: string): Promise<string[]> {
  const names: string[] = []
  const waiting = ['']
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
      const name = at === '' ? entry.name : `${at}/${entry.name}`
      if (byProducts.has(entry.name)) continue
      if (entry.isDirectory()) waiting.push(name)
      else if (entry.isFile() || entry.isSymbolicLink()) names.push(name)
      if (names.length > packLimits.filesMax) throw tooMany()
    }
  }
  return names.sort()
}

/** Those that are there: a file may be known to git and deleted. */
async function measure(folder: string, names: readonly string[]): Promise<string[]> {
  if (names.length > packLimits.filesMax) throw tooMany()
  const found: string[] = []
  let bytes = 0
  for (const name of names) {
    const one = await lstat(join(folder, name)).catch(() => undefined) // deleted
    if (one === undefined || one.isDirectory()) continue
    bytes += one.size
    if (bytes > packLimits.bytesMax) throw tooLarge()
    found.push(name)
  }
  return found
}

type TarRun = { folder: string; names: readonly string[]; to: string } & Pick<Common, 'environment' | 'signal'>

function runTar({ folder, names, to, environment, signal }: TarRun): Promise<void> {
  const limit = AbortSignal.timeout(packLimits.timeoutMs)
  return new Promise((resolve, reject) => {
    const child = spawn('tar', ['-czf', to, '-C', folder, '--no-recursion', '--null', '-T', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...environment, LC_ALL: 'C' },
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    })
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)))
    child.stdin.on('error', () => undefined) // it has ended, and says why
    // «./»: no name is an option.
    child.stdin.end(names.map((name) => `./${name}\0`).join(''))
    const refuse = (why: string, cause?: unknown): void =>
      reject(
        new GitError(
          'other',
          `The code cannot be packed: ${why}`,
          'See that its files can be read and the disk has room.',
          { cause },
        ),
      )
    child.once('error', (cause) => refuse(cause.message, cause))
    // 1: a file changed while it was read. What was read of it is packed.
    child.once('close', (code) =>
      code === 0 || (code === 1 && /changed as we read it/.test(said))
        ? resolve()
        : refuse(said.trim() || `tar ended with ${code ?? 'a signal'}`),
    )
  })
}

async function publish(aside: string, to: string): Promise<PackedCode> {
  const { size } = await stat(aside)
  if (size > packLimits.archiveBytesMax) throw tooLarge()
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(aside)) hash.update(chunk as Buffer) // read without an encoding
  await mkdir(join(to, '..'), { recursive: true, mode: 0o700 })
  await rename(aside, to)
  return { path: to, digest: hash.digest('hex'), bytes: size }
}

function tooLarge(): GitError {
  return new GitError(
    'size',
    'The code is larger than 2 GB, or 1 GB packed.',
    'Let git ignore data and checkpoints: they are not code.',
  )
}

function tooMany(): GitError {
  return new GitError(
    'size',
    `The folder has more than ${packLimits.filesMax} files.`,
    'Let git ignore what does not belong to the code.',
  )
}

/**
 * True where attributes that git knows of make files of a work tree others than an archive of their commit has: filters (as of
 * git-lfs), encodings, files that are left out.
 * @param options.within where the folder lies in the work tree, ending in «/»; empty when it is the whole tree
 * @throws GitError
 */
export async function changesFiles({
  folder,
  within,
  ...options
}: Omit<Common, 'to'> & { folder: string; within: string }): Promise<boolean> {
  const names = await listTracked(folder, options)
  const above = within
    .split('/')
    .slice(1)
    .map((_, at) => `${'../'.repeat(at + 1)}.gitattributes`)
  const told = [...above, ...names.filter((name) => name.split('/').at(-1) === '.gitattributes')]
  for (const name of told) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '') // deleted meanwhile
    if (/\b(filter=|working-tree-encoding=|export-ignore|export-subst|ident\b|eol=)/.test(text)) return true
  }
  return false
}
