/** Real repositories in a folder of their own, made by git as their author would. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export type GitYard = {
  /** Real path of the folder that all lies in. */
  root: string
  /** What the code under test runs git with. */
  environment: Record<string, string>
  git(folder: string, ...args: string[]): string
  write(path: string, text?: string): void
  /** A repository with one commit. */
  makeRepository(name: string): string
  close(): void
}

export function openGitYard(): GitYard {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pilothouse-git-')))
  const environment = { PATH: process.env['PATH'] ?? '', HOME: join(root, 'home') }
  const author = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  }
  const committer = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org' }
  const git = (folder: string, ...args: string[]): string => {
    const env = { ...environment, ...author, ...committer, GIT_ALLOW_PROTOCOL: 'file' }
    return execFileSync('git', ['-C', folder, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }
  const write = (path: string, text = `${path}\n`): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(environment.HOME)
  return {
    root,
    environment,
    git,
    write,
    makeRepository: (name) => {
      write(`${name}/train.py`, 'print("training")\n')
      const folder = join(root, name)
      git(folder, 'init', '--quiet', '--initial-branch=main')
      git(folder, 'add', '.')
      git(folder, 'commit', '--quiet', '-m', 'Train a model')
      return folder
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}
