import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import { readWorktree } from './read-worktree.ts'

let yard: GitYard
beforeAll(() => {
  yard = openGitYard()
})
afterAll(() => yard.close())

const read = (folder: string, { roots = [yard.root], filesMax = 10 } = {}) =>
  readWorktree({ folder, roots, environment: yard.environment, filesMax })

describe('a folder with git', () => {
  it('that is clean tells its commit, branch and remote, without the password in the address', async () => {
    const folder = yard.makeRepository('clean')
    yard.git(folder, 'remote', 'add', 'origin', 'https://me:hunter2@git.example.org/team/clean.git')
    expect(await read(folder)).toEqual({
      isGit: true,
      commit: {
        id: yard.git(folder, 'rev-parse', 'HEAD'),
        subject: 'Train a model',
        author: 'Ada',
        at: Date.parse('2026-01-02T03:04:05Z'),
      },
      branch: 'main',
      upstream: null,
      remote: { name: 'origin', url: 'https://git.example.org/team/clean.git' },
      within: '',
      changed: 0,
      untracked: 0,
      files: [],
      submodules: [],
    })
  })

  it('that is dirty tells what differs and what is unknown, the first so many, and counts all', async () => {
    const folder = yard.makeRepository('dirty')
    for (const name of ['gone', 'kept', 'two words']) yard.write(`dirty/${name}`)
    yard.git(folder, 'add', '.')
    yard.git(folder, 'commit', '--quiet', '-m', 'More')
    yard.git(folder, 'rm', '--quiet', 'gone')
    yard.write('dirty/two words', 'changed')
    yard.write('dirty/new.py')
    yard.git(folder, 'add', 'new.py')
    for (const name of ['data/a', 'data/b', 'line\nbreak', '-rf']) yard.write(`dirty/${name}`)
    const facts = await read(folder)
    expect(facts).toMatchObject({ changed: 3, untracked: 3 })
    expect(facts.files).toEqual([
      { path: 'gone', state: 'deleted' },
      { path: 'new.py', state: 'added' },
      { path: 'two words', state: 'modified' },
      { path: '-rf', state: 'untracked' },
      { path: 'data/', state: 'untracked' },
      { path: 'line\nbreak', state: 'untracked' },
    ])
    const bounded = await read(folder, { filesMax: 2 })
    expect([bounded.files.length, bounded.changed, bounded.untracked]).toEqual([2, 3, 3])
  })

  it('that has a conflict says so', async () => {
    const folder = yard.makeRepository('conflict')
    yard.git(folder, 'checkout', '--quiet', '-b', 'other')
    yard.write('conflict/train.py', 'other')
    yard.git(folder, 'commit', '--quiet', '-am', 'Other')
    yard.git(folder, 'checkout', '--quiet', 'main')
    yard.write('conflict/train.py', 'mine')
    yard.git(folder, 'commit', '--quiet', '-am', 'Mine')
    expect(() => yard.git(folder, 'merge', '--quiet', 'other')).toThrow()
    expect((await read(folder)).files).toEqual([{ path: 'train.py', state: 'conflicted' }])
  })

  it('tells how far it is ahead of and behind a real remote', async () => {
    const first = yard.makeRepository('first')
    yard.git(yard.root, 'clone', '--quiet', '--bare', 'first', 'remote.git')
    yard.git(yard.root, 'clone', '--quiet', `file://${yard.root}/remote.git`, 'second')
    const second = join(yard.root, 'second')
    yard.git(first, 'commit', '--quiet', '--allow-empty', '-m', 'Theirs')
    yard.git(first, 'push', '--quiet', join(yard.root, 'remote.git'), 'main')
    for (const subject of ['One', 'Two']) yard.git(second, 'commit', '--quiet', '--allow-empty', '-m', subject)
    yard.git(second, 'fetch', '--quiet')
    expect(await read(second)).toMatchObject({
      upstream: { name: 'origin/main', ahead: 2, behind: 1 },
      remote: { name: 'origin', url: `file://${yard.root}/remote.git` },
    })
    yard.git(second, 'update-ref', '-d', 'refs/remotes/origin/main')
    expect((await read(second)).upstream).toEqual({ name: 'origin/main', ahead: null, behind: null })
  })

  it('with a detached head has no branch, and one without commits no commit', async () => {
    const folder = yard.makeRepository('detached')
    yard.git(folder, 'checkout', '--quiet', '--detach')
    expect(await read(folder)).toMatchObject({ branch: null, commit: { subject: 'Train a model' } })
    const empty = join(yard.root, 'empty')
    mkdirSync(empty)
    yard.git(empty, 'init', '--quiet', '--initial-branch=trunk')
    yard.write('empty/train.py')
    expect(await read(empty)).toMatchObject({ isGit: true, commit: null, branch: 'trunk', untracked: 1 })
  })

  it('names its submodules, and where in its tree the folder is', async () => {
    const folder = yard.makeRepository('outer')
    yard.makeRepository('inner')
    yard.git(folder, 'submodule', '--quiet', 'add', `file://${yard.root}/inner`, 'third party/inner')
    yard.write('outer/vision/train.py')
    yard.git(folder, 'add', '.')
    yard.git(folder, 'commit', '--quiet', '-m', 'Take inner along')
    expect(await read(join(folder, 'vision'))).toMatchObject({
      submodules: ['third party/inner'],
      within: 'vision/',
      changed: 0,
    })
    yard.git(join(folder, 'third party/inner'), 'commit', '--quiet', '--allow-empty', '-m', 'Further')
    expect((await read(folder)).files).toEqual([{ path: 'third party/inner', state: 'modified' }])
  })
})

it('a folder without git is a plain one, and so is one below a repository that lies above the roots', async () => {
  yard.write('plain/train.py')
  expect(await read(join(yard.root, 'plain'))).toMatchObject({ isGit: false, commit: null, branch: null })
  yard.write('clean/sub/train.py')
  const sub = join(yard.root, 'clean/sub')
  expect(await read(sub, { roots: [sub] })).toMatchObject({ isGit: false })
})

describe('what cannot be read is said in words', () => {
  it('a folder that is gone, or is a file', async () => {
    const folder = yard.makeRepository('moving')
    renameSync(folder, `${folder}-away`)
    await expect(read(folder)).rejects.toMatchObject({ kind: 'gone', message: expect.stringContaining(folder) })
    await expect(read(join(yard.root, 'clean/train.py'))).rejects.toMatchObject({ kind: 'gone' })
  })

  it('a repository without a work tree', async () => {
    yard.git(yard.root, 'clone', '--quiet', '--bare', 'clean', 'bare.git')
    await expect(read(join(yard.root, 'bare.git'))).rejects.toMatchObject({ kind: 'bare' })
  })

  it('what lies elsewhere: by a link, a work tree, a repository', async () => {
    const secret = yard.makeRepository('secret')
    const roots = [join(yard.root, 'open')]
    mkdirSync(join(yard.root, 'open/by-file'), { recursive: true })
    symlinkSync(secret, join(yard.root, 'open/by-link'))
    writeFileSync(join(yard.root, 'open/by-file/.git'), `gitdir: ${secret}/.git\n`)
    const byTree = yard.makeRepository('open/by-tree')
    yard.git(byTree, 'config', 'core.worktree', secret)
    for (const name of ['by-link', 'by-file', 'by-tree', '../secret'])
      await expect(read(join(yard.root, 'open', name), { roots })).rejects.toMatchObject({ kind: 'outside' })
  })

  it('settings that git cannot read, and a repository that is damaged', async () => {
    const folder = yard.makeRepository('damaged')
    writeFileSync(join(folder, '.git/config'), '[core\n')
    await expect(read(folder)).rejects.toMatchObject({ message: expect.stringContaining('bad config') })
  })
})

/**
 * What a repository can name for git to run. Each would write its name into a file; the test is good only if git by itself
 * does run them, so that is looked at first.
 */
describe('nothing that a repository names is run', () => {
  const attacks: Record<string, (folder: string, program: string) => void> = {
    'a file system monitor': (folder, program) => yard.git(folder, 'config', 'core.fsmonitor', program),
    hooks: (folder, program) => {
      const hook = join(folder, '.git/hooks/post-index-change')
      mkdirSync(join(folder, '.git/hooks'), { recursive: true })
      writeFileSync(hook, `#!/bin/sh\n${program}\n`)
      chmodSync(hook, 0o755)
      utimesSync(join(folder, 'train.py'), 1, 1)
    },
    'a filter that cleans files': (folder, program) => {
      yard.git(folder, 'config', 'filter.a=b.c.clean', program)
      writeFileSync(join(folder, '.gitattributes'), '* filter=a=b.c\n')
      utimesSync(join(folder, 'train.py'), 1, 1)
    },
    'a filter that lives on': (folder, program) => {
      yard.git(folder, 'config', 'filter.x.process', program)
      yard.git(folder, 'config', 'filter.x.required', 'true')
      writeFileSync(join(folder, '.git/info/attributes'), '* filter=x\n')
      utimesSync(join(folder, 'train.py'), 1, 1)
    },
    'a program for signatures': (folder, program) => {
      const commit = yard.git(folder, 'cat-file', 'commit', 'HEAD')
      const signed = commit.replace(
        '\n\n',
        '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n',
      )
      const id = yard.git(folder, 'hash-object', '-t', 'commit', '-w', '--literally', writeAside(folder, signed))
      yard.git(folder, 'update-ref', 'HEAD', id)
      yard.git(folder, 'config', 'log.showSignature', 'true')
      yard.git(folder, 'config', 'gpg.program', program)
    },
    'a monitor in a submodule': (folder, program) => {
      yard.makeRepository('module')
      yard.git(folder, 'submodule', '--quiet', 'add', `file://${yard.root}/module`, 'module')
      yard.git(folder, 'commit', '--quiet', '-m', 'Module')
      yard.git(join(folder, 'module'), 'config', 'core.fsmonitor', program)
    },
    'a remote for objects that are missing': (folder, program) => {
      yard.git(folder, 'config', 'extensions.partialClone', 'origin')
      yard.git(folder, 'config', 'remote.origin.promisor', 'true')
      yard.git(folder, 'config', 'remote.origin.url', `file://${yard.root}/clean`)
      yard.git(folder, 'config', 'remote.origin.uploadpack', program)
      const tree = yard.git(folder, 'rev-parse', 'HEAD^{tree}')
      renameSync(join(folder, '.git/objects', tree.slice(0, 2), tree.slice(2)), join(folder, '.git/moved'))
    },
  }

  it.each(Object.keys(attacks))('%s', async (name) => {
    const folder = yard.makeRepository(`attack ${name}`)
    const mark = join(yard.root, `mark ${name}`)
    const program = join(yard.root, `program-${Object.keys(attacks).indexOf(name)}`)
    writeFileSync(program, `#!/bin/sh\n/usr/bin/touch '${mark}'\nexit 1\n`)
    chmodSync(program, 0o755)
    attacks[name]?.(folder, program)
    await read(folder).catch((error: unknown) => error)
    expect(existsSync(mark)).toBe(false)
    const plain = { env: { ...yard.environment, GIT_ALLOW_PROTOCOL: 'file' }, stdio: 'ignore' as const }
    for (const args of [['status'], ['log', '-1'], ['cat-file', '-p', 'HEAD^{tree}']]) {
      try {
        execFileSync('git', ['-C', folder, ...args], plain)
      } catch {
        // The program fails, and git with it.
      }
    }
    expect(existsSync(mark)).toBe(true)
  })
})

function writeAside(folder: string, text: string): string {
  const path = join(folder, '.git/aside')
  writeFileSync(path, `${text}\n`)
  return path
}
