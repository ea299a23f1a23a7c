/** P10: from `log()` over there to the server, by a mailbox that is collected over ssh. A real sshd, bridge and script. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import { startSlowLine, writeSlowConfig } from '../../lab/start-slow-line.ts'
import { startSshd } from '../../lab/start-sshd.ts'
import { type BenchPlace, type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'

const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
const script = fileURLToPath(new URL('../../lab/ways/stepping.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))
/** A step now and then, never in time with the looks. */
const gapMs = { least: 200, spread: 1_300 }
/** Between two questions for the newest step. */
const askMs = 10
const giveUpMs = 60_000
/** There and back, on the long line. */
const longWayMs = 1_000
/** After so long without a report, a mailbox is looked at most rarely. */
const quietMs = 45_000

type Child = ChildProcessByStdio<Writable, Readable, null>

export async function measureMailbox({ short }: { short: boolean }): Promise<Figure[]> {
  const place = makePlace()
  const [server, sshd] = await Promise.all([startBenchServer(place), startSshd({ args: ['--no-forward'] })])
  const line = await startSlowLine(sshd.port, longWayMs / 2)
  const lab = { place, server, mailboxes: join(sshd.folder, 'home', '.pilothouse') }
  try {
    const near = await sampleWay(lab, { configPath: sshd.configPath, count: short ? 10 : 60, awaitsQuiet: !short })
    const slowPath = writeSlowConfig(sshd, line)
    const far = await sampleWay(lab, { configPath: slowPath, count: short ? 5 : 40, awaitsQuiet: !short })
    return [
      ...listFigures('mailbox over ssh, log() to server', near),
      ...listFigures(`the same at a round trip of ${longWayMs / 1000} s`, far),
    ]
  } finally {
    await line.stop()
    await sshd.stop()
    await server.stop()
    place.remove()
  }
}

type Lab = { place: BenchPlace; server: BenchServer; mailboxes: string }
type WayOptions = { configPath: string; count: number; awaitsQuiet: boolean }
/** From `log()` to the server, ms: of the first report, of those in between, and of one after a long silence. */
type Samples = { firstMs: number; stepsMs: number[]; quietMs: number[] }

async function sampleWay({ place, server, mailboxes }: Lab, options: WayOptions): Promise<Samples> {
  const children: Child[] = []
  const start = (command: string, args: readonly string[], set: Record<string, string> = {}): Child => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...set } })
    children.push(child)
    return child
  }
  try {
    const { configPath, count, awaitsQuiet } = options
    const uid = `mailbox-${randomBytes(4).toString('hex')}`
    const mailbox = join(mailboxes, uid)
    const asked = ['-F', configPath, '--data', place.dataFolder, '--mailbox', mailbox, '--json', 'lab']
    await seeReady(start(launcher, ['bridge', ...asked]))
    const far = { PILOTHOUSE_DATA: join(place.cacheFolder, 'far'), PILOTHOUSE_JOB: uid, PYTHONPATH: sdk }
    const training = start('python3', [script], { ...far, PILOTHOUSE_MAILBOX: mailbox })
    const seeStep = makeStepReader(server, uid)
    let step = 0
    const takeStep = async (): Promise<number> => {
      const beganAt = performance.now()
      training.stdin.write('\n')
      await seeStep(++step)
      return performance.now() - beganAt
    }
    const firstMs = await takeStep()
    const stepsMs: number[] = []
    while (stepsMs.length < count) {
      await pause(gapMs.least + Math.random() * gapMs.spread)
      stepsMs.push(await takeStep())
    }
    return { firstMs, stepsMs, quietMs: awaitsQuiet ? [await pause(quietMs).then(takeStep)] : [] }
  } finally {
    await Promise.all(children.map(end))
  }
}

function listFigures(what: string, { firstMs, stepsMs, quietMs: quiet }: Samples): Figure[] {
  const about = { id: 'P10', unit: 'ms' }
  return [
    makeFigure({ ...about, what: `${what}: p50`, value: takePercentile(stepsMs, 0.5), informs: true }),
    makeFigure({ ...about, what: `${what}: p95`, value: takePercentile(stepsMs, 0.95), atMost: 3_000 }),
    ...quiet.map((value) =>
      makeFigure({ ...about, what: `${what}: after ${quietMs / 1000} s of silence`, value, atMost: 3_000 }),
    ),
    makeFigure({ ...about, what: `${what}: the first, start of Python included`, value: firstMs, informs: true }),
  ]
}

function seeReady(bridge: Child): Promise<void> {
  return new Promise((resolve, reject) => {
    bridge.stdout.on('data', (bytes: Buffer) => {
      if (bytes.toString().includes('"event":"ready"')) resolve()
    })
    bridge.once('exit', (code) => reject(new Error(`The bridge ended with ${code ?? 'a signal'} before it was ready.`)))
  })
}

/** Resolves when the server has a step. */
function makeStepReader({ url, adminToken }: BenchServer, uid: string): (step: number) => Promise<void> {
  const client = createClient({ baseUrl: url, token: adminToken })
  return async (step) => {
    const until = performance.now() + giveUpMs
    while (performance.now() < until) {
      const answer = await client.call('metrics.latest', { params: { uid } }).catch(() => null) // the job is not there yet
      if (answer?.metrics.some((metric) => metric.key === 'loss' && metric.step >= step)) return
      await pause(askMs)
    }
    throw new Error(`Step ${step} did not arrive within ${giveUpMs / 1000} s.`)
  }
}

async function end(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
