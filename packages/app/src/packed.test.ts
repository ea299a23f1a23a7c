/** The package as a user gets it: packed, installed into an empty folder without any registry, started from there. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createClient } from '@pilothouse/client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readTokenFile } from './find-server.ts'
import { type Started, startProcess } from './test-process.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))

let place: string
let tarball: string
let installed: string
let environment: NodeJS.ProcessEnv
let started: Started[] = []

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pilothouse-packed-'))
  environment = makeEnvironment()
  await run(process.execPath, ['tools/make-package.ts', place], { cwd: root, env: environment })
  const name = (await readdir(place)).find((one) => one.endsWith('.tgz')) ?? ''
  tarball = join(place, name)
  const home = await makeFolder('installed')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: home, env: environment })
  installed = join(home, 'node_modules', 'pilothouse')
}, 120_000)
afterEach(async () => {
  await Promise.all(started.map((one) => one.end('SIGKILL')))
  started = []
})
afterAll(() => rm(place, { recursive: true, force: true }))

describe('the tarball', () => {
  it('depends on nothing, runs nothing at installation, and is named as it is installed', async () => {
    const manifest: unknown = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'pilothouse', license: 'Apache-2.0', engines: { node: '>=24' } })
    expect(Object.keys(manifest ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/ependencies|scripts/)]),
    )
    expect(await readdir(dirname(installed))).toEqual(['.bin', '.package-lock.json', 'pilothouse'])
  })

  it('holds program, page, SDK, examples and licences, and neither tests nor source maps', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball])
    const paths = stdout.trim().split('\n')
    const wanted = ['LICENSE', 'NOTICES.md', 'README.md', 'dist/launch.js', 'dist/main.js', 'dist/top.js']
    const threads = ['storage', 'copy', 'tensor', 'check', 'work'].map((name) => `dist/${name}-thread.js`)
    const others = ['page/index.html', 'python/src/pilothouse/py.typed', 'examples/charlm/train.py']
    expect(paths).toEqual(expect.arrayContaining([...wanted, ...threads, ...others].map((path) => `package/${path}`)))
    expect(paths.filter((path) => /(^|\/)tests?\/|\.test\.|\.map$|\.ts$|\.pyc$/.test(path))).toEqual([])
  })

  it('has the version of the SDK that is in it', async () => {
    const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as { version: string } // ours
    expect(await readFile(join(installed, 'python', 'pyproject.toml'), 'utf8')).toContain(`\nversion = "${version}"\n`)
    const { stdout } = await run(join(dirname(installed), '.bin', 'pilothouse'), ['--version'], { env: environment })
    expect(stdout).toBe(`${version}\n`)
  })
})

it('an older Node is told what is missing', async () => {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '20.11.0' } })`
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
  const attempt = run(process.execPath, ['--import', preload, join(installed, 'dist', 'launch.js')], {
    env: environment,
  })
  await expect(attempt).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Node 24 or newer is needed'),
  })
})

it('the installed command serves page, interface and SDK, and ends well', async () => {
  const data = join(place, 'data')
  const server = start(
    join(dirname(installed), '.bin', 'pilothouse'),
    ['serve', '--port', '0', '--data', data],
    installed,
  )
  const url = /ready (\S+)/.exec(await server.see(/ready \S+\n[^\n]+\n/))?.[1] ?? ''
  const page = await fetch(url, { headers: { accept: 'text/html' } })
  const html = await page.text()
  expect([page.status, html]).toEqual([200, expect.stringContaining('<div id="root">')])
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? ''
  expect((await fetch(url + script)).headers.get('content-type')).toContain('javascript')
  expect((await fetch(`${url}/docs`)).status).toBe(200)
  const { wheel } = (await (await fetch(`${url}/api/sdk`)).json()) as { wheel: { path: string; bytes: number } } // our own
  expect((await (await fetch(url + wheel.path)).arrayBuffer()).byteLength).toBe(wheel.bytes)
  expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(server.err()).toBe('')
})

it('the installed command looks into a checkpoint file, in its own thread', async () => {
  const path = join(place, 'model.safetensors')
  const header = Buffer.from('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  await writeFile(path, Buffer.concat([length, header, Buffer.from(Float32Array.of(3, 4).buffer)]))
  const command = join(dirname(installed), '.bin', 'pilothouse')
  const { stdout } = await run(command, ['tensors', path, '--json'], { env: environment })
  expect(JSON.parse(stdout)).toMatchObject({ tensors: [{ name: 'a', norm: 5 }] })
})

it('the installed screen shows machines, and is a small program that loads nothing of the server', async () => {
  const command = join(dirname(installed), '.bin', 'pilothouse')
  const { stdout } = await run(command, ['top', '--mock', '--once', '--json'], { env: environment })
  const told = JSON.parse(stdout) as { source: string; rows: unknown[] } // what it prints
  expect([told.source, told.rows.length]).toEqual(['mock: invented machines', 5])
  const files = await readClosure(join(installed, 'dist'), 'top.js')
  const text = [...files.values()].join('\n')
  expect(text.length).toBeLessThan(screenBytesMax)
  const others = /node:worker_threads|fastify|ZodError|InvalidArgumentError/g
  expect(text.match(others)).toBeNull()
  const whole = [...(await readClosure(join(installed, 'dist'), 'main.js')).values()].join('\n')
  expect(new Set(whole.match(others)).size).toBe(4)
  expect(files.has('main.js')).toBe(false)
})

it('«npx TARBALL demo» in an empty folder shows a real training, and Ctrl-C ends everything', async () => {
  const empty = await makeFolder('empty')
  const demo = start('npx', ['--yes', '--offline', `../${basename(tarball)}`, 'demo', '--port', '0'], empty)
  const text = await demo.see(/Watch it live: .*\n/)
  const [, url = '', uid = ''] = /Watch it live: +(http:\/\/[^/]+)\/sign-in\?next=%2Fjob%2F(\w+)#/.exec(text) ?? []
  const token = readTokenFile(join(place, 'share', 'pilothouse-demo'), 'admin.token') ?? ''
  const client = createClient({ baseUrl: url, token })
  expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(200)
  await expect
    .poll(async () => (await client.call('jobs.get', { params: { uid } })).headline?.last, { timeout: 30_000 })
    .toBeGreaterThan(0)
  await demo.end('SIGINT')
  expect(demo.out()).toContain('Ended. Start again with: node ')
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  expect(await readdir(empty)).toEqual([])
})

/** 455 kB at its start; 720 kB with the reader of a file of settings, which is loaded where there is one. */
const screenBytesMax = 800_000

/** A file with all that it imports, now or later, by name. */
async function readClosure(folder: string, first: string): Promise<ReadonlyMap<string, string>> {
  const names = new Set(await readdir(folder))
  const files = new Map<string, string>()
  const waiting = [first]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    // A text that looks like an import is none.
    if (files.has(name) || !names.has(name)) continue
    const text = await readFile(join(folder, name), 'utf8')
    files.set(name, text)
    for (const [, imported = ''] of text.matchAll(/(?:from|import)\s*\(?\s*["'`]\.\/([\w.-]+\.js)["'`]/g))
      waiting.push(imported)
  }
  return files
}

/** In a group of its own, so that a signal reaches npx and what it started, as Ctrl-C in a terminal does. */
function start(command: string, args: string[], cwd: string): Started {
  const one = startProcess(command, args, { cwd, env: environment, detached: true })
  started.push(one)
  return one
}

async function makeFolder(name: string): Promise<string> {
  const folder = join(place, name)
  await mkdir(folder)
  return folder
}

/** A user's: nothing of ours, this very Node in front, a home and an npm cache with nothing in them. */
function makeEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(PILOTHOUSE_|npm_|NODE_|VITEST|PYTHON)/i.test(name))
  const path = [dirname(process.execPath), process.env['PATH']].join(':')
  const folders = { XDG_DATA_HOME: join(place, 'share'), XDG_CACHE_HOME: join(place, 'cache') }
  return { ...Object.fromEntries(own), ...folders, PATH: path, npm_config_cache: join(place, 'npm') }
}
