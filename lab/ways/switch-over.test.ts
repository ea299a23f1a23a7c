/**
 * One run, four ways home: a control room on one machine and a training on another, two cables between them. Over the first
 * the training reports straight; over the second its mailbox is collected by ssh. Each is cut and healed in the middle.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LabNetwork, startNetwork } from '../start-network.ts'
import { type LabSshd, startSshd } from '../start-sshd.ts'
import { launcher, sdkFolder, startCommand, type StartedCommand, steppingScript } from './start-command.ts'

const url = 'http://10.77.1.1:4080'
const patient = { timeout: 90_000, interval: 300 }

let base: string
let network: LabNetwork
let sshd: LabSshd
const started: StartedCommand[] = []

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-ways-'))
  network = await startNetwork({ cables: 2 })
  sshd = await startSshd({ enter: network.far, args: ['--listen', '10.77.2.2', '--port', '2222', '--no-forward'] })
})
afterAll(async () => {
  await Promise.all(started.map((one) => one.end()))
  await sshd.stop()
  await network.stop()
  rmSync(base, { recursive: true })
})

it('every point arrives once and in order, whichever way is open', { timeout: 300_000 }, async () => {
  const data = join(base, 'data')
  const serve = start(network.near, [
    launcher,
    'serve',
    '--host',
    '10.77.1.1',
    '--port',
    '4080',
    '--data',
    data,
    '--insecure-network',
  ])
  await expect.poll(serve.out, patient).toContain('pilothouse ready')
  const bridge = start(network.near, [launcher, 'bridge', '-F', sshd.configPath, '--data', data, '--json', 'lab'])
  await expect.poll(bridge.out, patient).toContain('"event":"ready"')
  const mailbox = join(sshd.folder, 'home', '.pilothouse', 'mailbox')
  const training = start(network.far, ['python3', steppingScript], {
    PYTHONPATH: sdkFolder,
    PILOTHOUSE_URL: url,
    PILOTHOUSE_TOKEN_FILE: join(data, 'report.token'),
    PILOTHOUSE_MAILBOX: mailbox,
    PILOTHOUSE_DATA: join(base, 'far'),
    PILOTHOUSE_JOB: 'far-away',
  })
  const readSteps = (): Promise<number[]> => askSteps(data)

  training.step(20)
  await expect.poll(readSteps, patient).toEqual(count(20))
  expect(bridge.out()).not.toContain('"event":"stored"')

  await network.cut(1)
  training.step(20)
  await expect.poll(readSteps, patient).toEqual(count(40))
  expect(bridge.out()).toContain('"event":"stored"')

  await network.cut(2)
  training.step(20)
  await expect.poll(() => countReports(mailbox), patient).toBeGreaterThan(0)
  expect(await readSteps()).toEqual(count(40))

  await network.heal(2)
  await expect.poll(readSteps, patient).toEqual(count(60))

  await network.heal(1)
  training.step(20)
  await expect.poll(readSteps, patient).toEqual(count(80))
  // Straight again: what comes now is in no mailbox.
  await expect.poll(() => countReports(mailbox), patient).toBe(0)
  training.step(20)
  await training.finish()
  await expect.poll(readSteps, patient).toEqual(count(100))
  expect(await askCounts(data)).toEqual(count(100).map(() => 1))
  await expect.poll(() => ask(data, '/api/jobs/far-away').then((job) => read(job, 'state')), patient).toBe('completed')
})

/** Starts a command on one of the machines. */
function start(enter: readonly string[], words: readonly string[], set?: Record<string, string>): StartedCommand {
  const one = startCommand([...enter, ...words], set)
  started.push(one)
  return one
}

/** What the control room answers; asked on its own machine, because no other reaches it while its cable is cut. */
async function ask(data: string, path: string): Promise<unknown> {
  const program = `
    const token = require('node:fs').readFileSync(process.argv[1] + '/admin.token', 'utf8').trim()
    fetch(process.argv[2], { headers: { authorization: 'Bearer ' + token } }).then((answer) => answer.text()).then(console.log)`
  const [command = '', ...enter] = network.near
  const { stdout } = await promisify(execFile)(command, [
    ...enter,
    process.execPath,
    '-e',
    program,
    data,
    `${url}${path}`,
  ])
  return JSON.parse(stdout)
}

async function askSteps(data: string): Promise<number[]> {
  return readColumn(await ask(data, '/api/jobs/far-away/metrics?key=loss&points=1000'), 'x')
}

async function askCounts(data: string): Promise<number[]> {
  return readColumn(await ask(data, '/api/jobs/far-away/metrics?key=loss&points=1000'), 'n')
}

function readColumn(answer: unknown, name: string): number[] {
  const series = read(answer, 'series')
  const column = read(Array.isArray(series) ? series[0] : null, name)
  return Array.isArray(column) ? column.map(Number) : []
}

function read(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function countReports(mailbox: string): number {
  const names = readdirSync(mailbox, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.report')).length
}

function count(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1)
}
