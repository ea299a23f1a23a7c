import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GitYard, openGitYard } from '../../../../lab/git-yard.ts'
import { type FetchOptions, type FetchProgress, fetchMirror, readMirror } from './mirror.ts'

let yard: GitYard
beforeAll(() => {
  yard = openGitYard()
})
afterAll(() => yard.close())

const place = (name: string, more: Partial<FetchOptions> = {}): FetchOptions => ({
  gitFolder: join(yard.root, `${name}-mirror`),
  url: `file://${yard.root}/${name}`,
  environment: yard.environment,
  protocol: 'file',
  timeoutMs: 30_000,
  bytesMax: 1024 ** 3,
  freeBytesMin: 0,
  onProgress: () => undefined,
  ...more,
})

it('a repository is fetched whole, and again what has changed, along with its default branch', async () => {
  const source = yard.makeRepository('source')
  yard.git(source, 'checkout', '--quiet', '-b', 'trunk')
  yard.git(source, 'tag', 'v1')
  const told: FetchProgress[] = []
  const options = place('source', { onProgress: (progress) => told.push(progress) })
  await fetchMirror(options)
  expect(told[0]).toEqual({ words: 'asking', fraction: null })
  expect(told).toContainEqual({ words: 'receiving', fraction: 1 })
  expect(await readMirror(options, 10)).toMatchObject({
    isGit: true,
    branch: 'trunk',
    commit: { id: yard.git(source, 'rev-parse', 'HEAD'), subject: 'Train a model' },
    remote: { name: 'origin', url: options.url },
  })
  yard.git(source, 'commit', '--quiet', '--allow-empty', '-m', 'Further')
  yard.git(source, 'branch', '--quiet', '-D', 'main')
  await fetchMirror(options)
  expect((await readMirror(options, 10)).commit?.subject).toBe('Further')
  const refs = yard.git(options.gitFolder, 'for-each-ref', '--format=%(refname)')
  expect(refs.split('\n')).toEqual(['refs/heads/trunk', 'refs/tags/v1'])
  expect(existsSync(join(options.gitFolder, 'hooks'))).toBe(false)
})

it('one without commits is fetched, too', async () => {
  mkdirSync(join(yard.root, 'hollow'))
  yard.git(join(yard.root, 'hollow'), 'init', '--quiet')
  const options = place('hollow')
  await fetchMirror(options)
  expect(await readMirror(options, 10)).toMatchObject({ commit: null, branch: 'main' })
})

it('what was fetched stays when the remote is gone, and words say why', async () => {
  const source = yard.makeRepository('leaving')
  const options = place('leaving')
  await fetchMirror(options)
  renameSync(source, `${source}-away`)
  await expect(fetchMirror(options)).rejects.toMatchObject({
    kind: 'noRepository',
    message: expect.stringContaining('git says: '),
  })
  expect((await readMirror(options, 10)).commit?.subject).toBe('Train a model')
})

it('a host that refuses, or has no address, is told apart', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  server.close()
  await once(server, 'close')
  const refused = place('refused', { url: `https://127.0.0.1:${port}/team/repo`, protocol: 'https' })
  await expect(fetchMirror(refused)).rejects.toMatchObject({ kind: 'route' })
  const unknown = place('unknown', { url: 'https://no-such-host.invalid/repo', protocol: 'https' })
  await expect(fetchMirror(unknown)).rejects.toMatchObject({ kind: 'name' })
})

it('a scheme that is not the one allowed is refused, and so is what git would read as an option', async () => {
  const mark = join(yard.root, 'ran')
  const attempts = [`ext::sh -c "touch% ${mark}"`, `--upload-pack=touch ${mark}`, `file://${yard.root}/source`]
  for (const [at, url] of attempts.entries())
    await expect(fetchMirror(place(`attempt-${at}`, { url, protocol: 'https' }))).rejects.toThrow(/git/)
  expect(existsSync(mark)).toBe(false)
})

it('one that is too large is refused, and not fetched any further', async () => {
  const source = yard.makeRepository('large')
  writeFileSync(join(source, 'weights.bin'), randomBytes(24 * 1024 * 1024))
  yard.git(source, 'add', '.')
  yard.git(source, 'commit', '--quiet', '-m', 'Weights')
  const options = place('large', { bytesMax: 1024 ** 2 })
  await expect(fetchMirror(options)).rejects.toMatchObject({ kind: 'size' })
  const packs = readdirSync(join(options.gitFolder, 'objects/pack'))
  expect(packs.filter((name) => name.startsWith('tmp_'))).toEqual([])
  await fetchMirror({ ...options, bytesMax: 1024 ** 3 })
  await expect(fetchMirror({ ...options, url: 'file:///nowhere' })).rejects.toMatchObject({ kind: 'size' })
})

it('one that hangs is ended after its time, with all that git had started, and so is one that is stopped', async () => {
  const held = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(held, 'listening')
  const address = held.address()
  const url = `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/repo`
  await expect(fetchMirror(place('hanging', { url, protocol: 'https', timeoutMs: 300 }))).rejects.toMatchObject({
    kind: 'slow',
  })
  const stopping = new AbortController()
  const fetching = fetchMirror(place('stopped', { url, protocol: 'https', signal: stopping.signal }))
  await once(held, 'connection')
  stopping.abort()
  await expect(fetching).rejects.toMatchObject({ kind: 'stopped' })
  const left = spawn('pgrep', ['-f', url])
  expect((await once(left, 'close'))[0]).toBe(1)
  held.close()
})
