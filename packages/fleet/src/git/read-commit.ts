import type { CodeFacts } from '@pilothouse/contract'
import { GitError } from './git-error.ts'
import { type GitRun, runGit } from './run-git.ts'

/** Characters that are told; whoever commits may write any number of them. */
const nameMax = 200
const subjectMax = 500

/** The commit that HEAD names. `ask` runs git on its repository. */
export async function readCommit(ask: (args: readonly string[]) => Promise<Buffer>): Promise<CodeFacts['commit']> {
  const format = '--format=%H%x00%an%x00%at%x00%s'
  const args = [
    'log',
    '-1',
    '--no-show-signature',
    '--no-color',
    '--no-notes',
    '--encoding=UTF-8',
    format,
    'HEAD',
    '--',
  ]
  const text = (await ask(args)).toString('utf8').replace(/\n$/, '')
  const [id = '', author = '', seconds = '', subject = ''] = text.split('\0')
  if (!/^[0-9a-f]{40,64}$/.test(id)) throw new GitError('broken', 'git tells of no commit.', 'See what «git log» says.')
  return { id, author: author.slice(0, nameMax), at: Number(seconds) * 1000, subject: subject.slice(0, subjectMax) }
}

/** Paths of the submodules that the commit names, the first `max`. `run.args` leads to the repository. */
export async function readSubmodules(run: GitRun, max: number): Promise<string[]> {
  const args = [
    ...run.args,
    'config',
    '--blob',
    'HEAD:.gitmodules',
    '-z',
    '--get-regexp',
    String.raw`^submodule\..*\.path$`,
  ]
  const { code, stdout } = await runGit({ ...run, args })
  // There is no such file, or it is none that git can read.
  if (code !== 0) return []
  return stdout
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((entry) => entry.slice(entry.indexOf('\n') + 1))
    .slice(0, max)
}
