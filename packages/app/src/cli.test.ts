import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AlertEvent, encodeReport, frameContentType, type LogLine } from '@pilothouse/contract'
import type { RunningServer } from '@pilothouse/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTokenFile } from './find-server.ts'
import { runCli } from './run-cli.ts'
import { startServer } from './start-server.ts'
import { makeTestWorld } from './test-world.ts'

const version = '0.0.0-test'
let folder: string
let server: RunningServer

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-cli-'))
  server = await start(join(folder, 'data'))
  await makeJob('job-one', { name: 'first', project: 'vision' })
  await makeJob('job-two', { name: 'second', project: 'audio' })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

describe('jobs', () => {
  it('lists all, newest first', async () => {
    const { code, out } = await cli('jobs')
    expect(code).toBe(0)
    expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual(['UID', 'job-two', 'job-one', ''])
  })

  it('takes filters, and answers in JSON', async () => {
    const { out } = await cli('jobs', '--project', 'vision', '--state', 'running', '--json')
    expect(JSON.parse(out)).toMatchObject({ total: 1, jobs: [{ uid: 'job-one', name: 'first' }] })
  })

  it('take a search as the page does, and say what cannot be read', async () => {
    const { out } = await cli('jobs', 'project:vision', 'first', '--json')
    expect(JSON.parse(out)).toMatchObject({ total: 1, jobs: [{ uid: 'job-one' }] })
    expect(await cli('jobs', 'status:happy')).toMatchObject({
      code: 1,
      err: expect.stringContaining('«happy» is no state'),
    })
  })

  it('refuses a state that there is not', async () => {
    expect(await cli('jobs', '--state', 'happy')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Allowed choices are queued'),
    })
  })
})

describe('alerts', () => {
  it('are listed while they are open, taken on and resolved', async () => {
    expect(await cli('alerts')).toEqual({ code: 0, out: 'Nothing needs you.\n', err: '' })
    const alert = {
      title: 'Stuck',
      text: 'It stands still.\nSince long.',
      level: 'warning' as const,
      at: Date.now(),
      step: null,
    }
    await tell('job-two', alert)
    const { out } = await cli('alerts')
    expect(out).toMatch(
      /^ID .*WHAT\n +1 +! warning +raised .*job-two +Stuck: It stands still\.\n1 raised, 0 acknowledged\n$/,
    )
    expect((await cli('alerts', 'acknowledge', '1', '99')).out).toBe(
      '1 is acknowledged: Stuck\nThere is no alert 99.\n',
    )
    expect((await cli('alerts', 'resolve', '1')).out).toBe('1 is resolved: Stuck\n')
    expect((await cli('alerts')).out).toBe('Nothing needs you.\n')
    const all = JSON.parse((await cli('alerts', '--all', '--job', 'job-two', '--json')).out) as unknown
    expect(all).toMatchObject({ alerts: [{ id: 1, status: 'resolved' }], open: { raised: 0 } })
    expect(await cli('alerts', 'resolve', 'one')).toMatchObject({ code: 2 })
  })
})

describe('logs', () => {
  it('prints the end of the output', async () => {
    await report('job-one', { number: 1, lines: ['one', 'two', '\u001B[31mthree\u001B[0m'] })
    expect(await cli('logs', '-n', '2', 'job-one')).toEqual({ code: 0, out: 'two\nthree\n', err: '' })
  })

  it('prints one JSON object a line', async () => {
    const { out } = await cli('logs', '-n', '1', '--json', 'job-one')
    expect(JSON.parse(out)).toMatchObject({ n: 2, text: '\u001B[31mthree\u001B[0m' } satisfies Partial<LogLine>)
  })

  it('follows until the job ends, each line once', async () => {
    await report('job-two', { number: 1, lines: ['a', 'b'] })
    const { world, stdout } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
    const following = runCli(['logs', '-f', 'job-two'], world, version)
    await expect.poll(() => stdout.text()).toBe('a\nb\n')
    await report('job-two', { number: 2, lines: ['c', 'd'] })
    await expect.poll(() => stdout.text()).toBe('a\nb\nc\nd\n')
    await report('job-two', { number: 3, lines: ['e'], state: { state: 'completed', at: Date.now(), exitCode: 0 } })
    expect(await following).toBe(0)
    expect(stdout.text()).toBe('a\nb\nc\nd\ne\n')
  })

  it('stops following at Ctrl-C', async () => {
    const { world, stdout, stop } = makeTestWorld({ PILOTHOUSE_DATA: server.dataFolder })
    const following = runCli(['logs', '-f', 'job-one'], world, version)
    await expect.poll(() => stdout.text()).toContain('three')
    stop('SIGINT')
    expect(await following).toBe(0)
  })

  it('says when there is no such job', async () => {
    const { code, err } = await cli('logs', 'job-none')
    expect({ code, err }).toEqual({ code: 5, err: expect.stringMatching(/^pilothouse: There is no job.*\n {2}→ /) })
  })
})

describe('document', () => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

  it('writes a job into a file, and says where', async () => {
    const path = join(folder, 'one.html')
    expect(await cli('document', 'job-one', '-o', path)).toEqual({ code: 0, out: `${path}\n`, err: '' })
    expect(read('one.html')).toContain('<h1>first</h1>')
  })

  it('leaves a file that is there alone, unless it is told otherwise', async () => {
    const path = join(folder, 'kept.html')
    writeFileSync(path, 'mine')
    expect(await cli('document', 'job-one', '-o', path)).toMatchObject({
      code: 1,
      err: expect.stringContaining('--force'),
    })
    expect(read('kept.html')).toBe('mine')
    expect(await cli('document', 'job-one', '--force', '-o', path)).toMatchObject({ code: 0 })
    expect(read('kept.html')).toContain('<h1>first</h1>')
  })

  it('compares several, to standard output if that is asked for', async () => {
    const { code, out } = await cli('document', 'job-one', 'job-two', '-o', '-')
    expect(code).toBe(0)
    expect(out).toContain('<h1>Comparison of 2 jobs</h1>')
  })

  it('says which job there is not, and what cannot be written', async () => {
    const missing = await cli('document', 'job-one', 'job-none', '-o', join(folder, 'none.html'))
    expect(missing).toMatchObject({ code: 5, err: expect.stringContaining('There is no job «job-none».') })
    expect(existsSync(join(folder, 'none.html'))).toBe(false)
    expect(await cli('document', 'job-none')).toMatchObject({ code: 5, out: '' })
    const nowhere = await cli('document', 'job-one', '-o', join(folder, 'no/such/folder.html'))
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('cannot be written (ENOENT)') })
  })
})

describe('token', () => {
  it('create prints the token and nothing else, and it works', async () => {
    const { out, err } = await cli('token', 'create', '--role', 'viewer', '--name', 'laptop', '--lifetime', '2h')
    expect({ out, err }).toEqual({ out: expect.stringMatching(/^ph_\S+\n$/), err: '' })
    expect(await cli('jobs', '--url', server.url, '--token', out.trim())).toMatchObject({ code: 0 })
    expect(await cli('link', '--url', server.url, '--token', out.trim())).toMatchObject({
      code: 4,
      err: expect.stringContaining('access:manage'),
    })
  })

  it('list shows it, revoke ends it', async () => {
    const secret = (await cli('token', 'create', '--role', 'viewer', '--name', 'short')).out.trim()
    const id = /^ *(\d+) {2}short/m.exec((await cli('token', 'list')).out)?.[1] ?? ''
    expect(await cli('token', 'revoke', id)).toMatchObject({ code: 0 })
    expect(await cli('jobs', '--url', server.url, '--token', secret)).toMatchObject({ code: 4 })
  })

  it('create works while no control room runs', async () => {
    const data = join(folder, 'asleep')
    const { code, out } = await cliOf(data, 'token', 'create', '--role', 'admin')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^ph_\S+\n$/) })
    const woken = await start(data)
    expect(await cli('jobs', '--url', woken.url, '--token', out.trim())).toMatchObject({ code: 0 })
    await woken.close()
  })

  it('create wants a role', async () => {
    expect(await cli('token', 'create')).toMatchObject({ code: 2, err: expect.stringContaining('--role') })
  })
})

it('link prints a link that lets in once', async () => {
  const { out } = await cli('link')
  const code = new URL(out.trim()).hash.replace('#code=', '')
  const signIn = () =>
    fetch(`${server.url}/api/access/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
  expect([(await signIn()).status, (await signIn()).status]).toEqual([200, 401])
})

it('a wrong token, no server, an unknown command each have their exit code and say what next', async () => {
  expect(await cli('jobs', '--url', server.url, '--token', 'ph_wrong')).toMatchObject({
    code: 4,
    err: expect.stringContaining('→'),
  })
  expect(await cli('jobs', '--url', 'http://127.0.0.1:1', '--token', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('→'),
  })
  expect(await cliOf(join(folder, 'nothing'), 'jobs')).toMatchObject({
    code: 3,
    err: expect.stringContaining('pilothouse serve'),
  })
  expect(await cli('fly')).toMatchObject({ code: 2, err: expect.stringContaining('unknown command') })
  expect((await cli('clusters', 'test', '--fly')).err).toContain(
    '(pilothouse clusters test --help shows what there is)',
  )
})

it('every command explains itself', async () => {
  for (const name of ['serve', 'demo', 'run', 'jobs', 'logs', 'tensors', 'sync', 'bridge', 'link', 'token']) {
    const { code, out } = await cli(name, '--help')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Examples:') })
  }
  expect((await cli('--help')).out).toContain('Exit codes:')
  expect((await cli('--version')).out).toBe(`${version}\n`)
})

async function start(dataFolder: string): Promise<RunningServer> {
  const settings = { port: 0, logLevel: 'silent' as const }
  return (await startServer({ dataFolder, version, settings }, makeTestWorld().world)).server
}

function cli(...args: string[]) {
  return cliOf(server.dataFolder, ...args)
}

async function cliOf(data: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld({ PILOTHOUSE_DATA: data })
  const code = await runCli(args, world, version)
  return { code, out: stdout.text(), err: stderr.text() }
}

async function makeJob(uid: string, body: { name: string; project: string }): Promise<void> {
  await send('PUT', `/api/jobs/${uid}`, JSON.stringify(body), 'application/json')
}

type State = { state: 'completed'; at: number; exitCode: number }

async function report(
  uid: string,
  { number, lines, state }: { number: number; lines: string[]; state?: State },
): Promise<void> {
  const logs = [{ stream: 'stdout' as const, times: lines.map(() => Date.now()), lines }]
  const ending = state === undefined ? {} : { state }
  const frame = encodeReport({ attempt: 1, writer: 'test', number, role: 'exit', sentAt: Date.now(), logs, ...ending })
  await send('POST', `/api/jobs/${uid}/reports`, frame, frameContentType)
}

async function tell(uid: string, alert: AlertEvent): Promise<void> {
  const frame = encodeReport({
    attempt: 1,
    writer: 'alerts',
    number: 1,
    role: 'sdk',
    sentAt: Date.now(),
    alerts: [alert],
  })
  await send('POST', `/api/jobs/${uid}/reports`, frame, frameContentType)
}

async function send(method: string, path: string, body: string | Uint8Array<ArrayBuffer>, type: string): Promise<void> {
  const authorization = `Bearer ${readTokenFile(server.dataFolder, 'admin.token') ?? ''}`
  const answer = await fetch(server.url + path, { method, body, headers: { authorization, 'content-type': type } })
  expect(answer.status).toBe(200)
}
