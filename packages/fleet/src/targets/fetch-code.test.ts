/** Commits that a machine behind ssh fetches itself, from real repositories. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import type { CodeSource } from './fetch-code.ts'
import { startSshLab, type TargetLab } from './target.fixture.ts'
import type { Target } from './target.ts'

let lab: TargetLab
let target: Target
let yard: GitYard
let work: string
let url: string
let code: string
beforeAll(async () => {
  lab = await startSshLab()
  target = lab.open()
  code = join(lab.base, 'code')
  yard = openGitYard()
  work = yard.makeRepository('model')
  yard.write("model/sub/it's $(touch bad).py", 'print()\n')
  commit('more')
  yard.git(yard.root, 'init', '--quiet', '--bare', 'remote.git')
  url = `file://${yard.root}/remote.git`
  yard.git(work, 'remote', 'add', 'origin', url)
  yard.git(work, 'push', '--quiet', 'origin', 'main')
})
afterAll(async () => {
  await target.close()
  await lab.stop()
  yard.close()
})
beforeEach(() => rmSync(code, { recursive: true, force: true }))

function commit(message: string): string {
  yard.git(work, 'add', '-A')
  yard.git(work, 'commit', '--quiet', '--allow-empty', '-m', message)
  return yard.git(work, 'rev-parse', 'HEAD')
}
const source = (more: Partial<CodeSource> = {}): CodeSource => ({
  url,
  scheme: 'file',
  commit: yard.git(work, 'rev-parse', 'origin/main'),
  within: '',
  ...more,
})
const listHalves = () => (existsSync(code) ? readdirSync(code) : []).filter((name) => name.includes('.new'))

it('a commit is fetched once, as it is, and what was fetched serves the next one', async () => {
  const first = await target.fetchCode(source())
  expect(first).toEqual({ folder: join(code, `git-${source().commit}`), isNew: true })
  const names = readdirSync(first.folder ?? '', { recursive: true }).map(String)
  expect(new Set(names)).toEqual(new Set(['sub', "sub/it's $(touch bad).py", 'train.py']))
  expect(await target.fetchCode(source())).toEqual({ ...first, isNew: false })
  const part = await target.fetchCode(source({ within: 'sub/' }))
  expect(readdirSync(part.folder ?? '')).toEqual(["it's $(touch bad).py"])
  yard.write('model/train.py', 'print("again")\n')
  const next = commit('again')
  yard.git(work, 'push', '--quiet', 'origin', 'main')
  const [one, other] = await Promise.all([target.fetchCode(source()), target.fetchCode(source())])
  expect(one.folder).toBe(join(code, `git-${next}`))
  expect(other.folder).toBe(one.folder)
  expect(readFileSync(join(one.folder ?? '', 'train.py'), 'utf8')).toBe('print("again")\n')
  expect(readdirSync(one.folder ?? '')).not.toContain('.git')
  expect(readdirSync(join(code, 'mirrors'))).toHaveLength(1)
  expect(listHalves()).toEqual([])
})

it('one that was not pushed is told, also of a server that gives no commit by its id', async () => {
  const unpushed = commit('mine')
  const told = { folder: null, why: 'the repository does not give that commit: was it pushed?' }
  expect(await target.fetchCode(source({ commit: unpushed }))).toEqual(told)
  expect(listHalves()).toEqual([])
  const settings = join(lab.base, '.gitconfig')
  writeFileSync(settings, '[protocol]\n\tversion = 0\n')
  expect(await target.fetchCode(source({ commit: unpushed }))).toEqual(told)
  commit('newer')
  yard.git(work, 'push', '--quiet', 'origin', 'main')
  // It is no end of a branch any more.
  expect(await target.fetchCode(source({ commit: unpushed }))).toMatchObject({ isNew: true })
  rmSync(settings)
})

it('a repository that is not reached is told with what git says, and not tried again at once', async () => {
  const gone = source({ url: `file://${yard.root}/gone.git` })
  expect(await target.fetchCode(gone)).toEqual({
    folder: null,
    why: expect.stringMatching(/^lab does not reach the repository \(.*gone\.git/),
  })
  yard.git(yard.root, 'clone', '--quiet', '--bare', url, 'gone.git')
  expect(await target.fetchCode(gone)).toMatchObject({ folder: null, why: expect.stringMatching(/a few minutes ago/) })
  const [note = ''] = readdirSync(join(code, 'mirrors')).filter((name) => name.endsWith('.unreached'))
  const before = Date.now() / 1000 - 600
  utimesSync(join(code, 'mirrors', note), before, before)
  expect(await target.fetchCode(gone)).toMatchObject({ isNew: true })
})

it('nobody is asked for a password or a key, and no other way is gone than the one that is named', async () => {
  const host = await target.fetchCode(source({ url: 'ssh://nobody@127.0.0.1:1/x.git', scheme: 'ssh' }))
  expect(host).toMatchObject({
    folder: null,
    why: expect.stringMatching(/^lab does not reach the repository \(.*refused/),
  })
  const other = await target.fetchCode(source({ scheme: 'https' }))
  expect(other).toMatchObject({ folder: null, why: expect.stringMatching(/not allowed/) })
})

it('neither hooks, nor filters, nor words in addresses run anything', async () => {
  const ran = join(yard.root, 'ran')
  const wicked = `file://${yard.root}/$(touch${'$'}{IFS}${ran})'"\`.git`
  expect(await target.fetchCode(source({ url: wicked }))).toMatchObject({ folder: null })
  const home = join(lab.base, '.gitconfig')
  writeFileSync(home, `[filter "evil"]\n\tsmudge = touch ${ran}; cat\n[init]\n\ttemplateDir = ${yard.root}/template\n`)
  mkdirSync(join(yard.root, 'template', 'hooks'), { recursive: true })
  for (const hook of ['reference-transaction', 'post-checkout'])
    writeFileSync(join(yard.root, 'template', 'hooks', hook), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 })
  yard.write('model/.gitattributes', '* filter=evil\n')
  const filtered = commit('filtered')
  yard.git(work, 'push', '--quiet', 'origin', 'main')
  expect(await target.fetchCode(source({ commit: filtered }))).toMatchObject({ isNew: true })
  expect(existsSync(ran)).toBe(false)
  rmSync(home)
})
