/** The way between the control room and its database swallows every packet for a while, as behind a switch that died. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Answered, askFrom } from '../ask-from.ts'
import { readStored } from '../chaos/verify.ts'
import { Postgres } from '../postgres.ts'
import { type LabNetwork, startNetwork } from '../start-network.ts'
import { launcher, sdkFolder, startCommand, type StartedCommand, trainerScript } from '../ways/start-command.ts'

const url = 'http://127.0.0.1:4080'
const patient = { timeout: 60_000, interval: 200 }
/** A statement is waited for 15 s; a machine under load takes its time, too. */
const noticedMsMax = 25_000

let base: string
let network: LabNetwork
let postgres: Postgres
let started: StartedCommand[] = []
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-database-away-'))
  network = await startNetwork()
  postgres = await Postgres.open({ enter: network.far, host: '10.77.1.2', port: 5432 })
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.end()))
  started = []
  await postgres.stop()
  await network.stop()
  rmSync(base, { recursive: true })
})

it('is told, hangs nothing, loses nothing, and is over by itself', { timeout: 180_000 }, async () => {
  const data = join(base, 'data')
  const serve = start([launcher, 'serve', '--port', '4080', '--data', data], { PILOTHOUSE_DATABASE: postgres.url })
  await expect.poll(serve.out, patient).toContain('pilothouse ready')
  const stopFile = join(base, 'stop')
  const training = start(['python3', trainerScript, stopFile, 'steady'], {
    PYTHONPATH: sdkFolder,
    PYTHONUNBUFFERED: '1',
    PILOTHOUSE_URL: url,
    PILOTHOUSE_TOKEN_FILE: join(data, 'report.token'),
    PILOTHOUSE_DATA: join(base, 'client'),
    PILOTHOUSE_JOB: 'steady-1',
  })
  const countPoints = async () =>
    read((await ask('/api/jobs/steady-1/metrics?key=value&points=1')).text).series?.[0]?.total ?? 0
  await expect.poll(countPoints, patient).toBeGreaterThan(100)
  await ask('/api/jobs/other', 'PUT', {})
  const before = await countPoints()

  await network.swallow(1)
  const first = await ask('/api/jobs')
  expect(first).toMatchObject({ status: 503, text: expect.stringContaining('"unavailable"') as unknown })
  expect(first.elapsedMs).toBeLessThan(noticedMsMax)
  // From now on nobody waits.
  const answers = await Promise.all([ask('/api/jobs'), report(1), ask('/api/jobs/steady-1/metrics')])
  for (const { status, text, retryAfter, elapsedMs } of answers) {
    expect([status, read(text).error?.message]).toEqual([503, 'The database does not answer at the moment.'])
    expect(Number(retryAfter)).toBeGreaterThan(0)
    expect(elapsedMs).toBeLessThan(3_000)
  }
  const health = read((await ask('/health')).text)
  expect(health).toMatchObject({ status: 'degraded', reason: 'The database does not answer at the moment.' })
  const countKept = () => globSync(join(base, 'client', 'spool', '*', '*.report')).length
  await expect.poll(countKept, patient).toBeGreaterThan(0)

  await network.heal(1)
  const healedAt = performance.now()
  await expect.poll(async () => read((await ask('/health')).text).status, patient).toBe('ok')
  console.log(
    `noticed after ${Math.round(first.elapsedMs)} ms, back ${Math.round(performance.now() - healedAt)} ms after the heal`,
  )
  expect(await countPoints()).toBeGreaterThanOrEqual(before)
  expect(await report(1)).toMatchObject({ status: 200 })
  await expect.poll(countKept, patient).toBe(0)
  writeFileSync(stopFile, '')
  await training.finish()
  const stored = await readStored({ ask: async (path) => (await ask(path)).text }, 'steady')
  expect(stored).toMatchObject({ state: 'completed', attempts: 1 })
  expect(stored.lines).toBe(Math.ceil(stored.steps / 10))
  expect(training.err()).toContain(`made ${stored.steps} steps`)

  function ask(path: string, method: 'GET' | 'POST' | 'PUT' = 'GET', body?: unknown): Promise<Answered> {
    const token = readFileSync(join(data, 'admin.token'), 'utf8').trim()
    return askFrom(network.near, { url: `${url}${path}`, token, method, body })
  }

  function report(number: number): Promise<Answered> {
    const points = [{ source: 'job', keys: ['loss'], steps: [number], times: [Date.now()], values: [[number]] }]
    const body = { attempt: 1, writer: 'w', number, role: 'sdk', sentAt: Date.now(), points }
    return ask('/api/jobs/other/reports', 'POST', body)
  }
})

/** Starts a command on the machine of the control room. */
function start(words: readonly string[], set: Record<string, string>): StartedCommand {
  const one = startCommand([...network.near, ...words], set)
  started.push(one)
  return one
}

type Told = {
  status?: string
  reason?: string
  series?: { total: number }[]
  error?: { message: string }
}

function read(text: string): Told {
  return JSON.parse(text) as Told // as the contract has it
}
