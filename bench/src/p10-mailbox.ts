/** P10: by a mailbox over ssh, from `log()` there to the server and from `PUT` to a step there. Real sshd, bridge, scripts. */
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
import { startSteeredLoop } from './steered-loop.ts'

const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
const script = fileURLToPath(new URL('../../lab/ways/stepping.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))
/** A step now and then, never in time with the looks. */
const gapMs = { least: 200, spread: 1_300 }
/** Between two questions for the newest step. */
const askMs = 10
/** Of the loop that is steered. */
const stepMs = 20
/** What either way may take. */
const bothWaysMs = 3_000
const about = { id: 'P10', unit: 'ms' }
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
    const near = { configPath: sshd.configPath, count: short ? 10 : 60, awaitsQuiet: !short }
    const far = { configPath: writeSlowConfig(sshd, line), count: short ? 5 : 40, awaitsQuiet: !short }
    const slowly = `at a round trip of ${longWayMs / 1000} s`
    return [
      ...listFigures('mailbox over ssh, log() to server', await sampleWay(lab, near)),
      ...listFigures(`the same ${slowly}`, await sampleWay(lab, far)),
      ...listShares('mailbox over ssh, PUT to applied', await sampleOrders(lab, near)),
      ...listShares(`PUT to applied ${slowly}`, await sampleOrders(lab, far)),
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

async function sampleWay(lab: Lab, options: WayOptions): Promise<Samples> {
  const { count, awaitsQuiet } = options
  const { uid, far, bridge } = await openMailbox(lab, options)
  const training = start('python3', [script], { ...far, PILOTHOUSE_JOB: uid, PYTHONPATH: sdk })
  try {
    const seeStep = makeStepReader(lab.server, uid)
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
    await Promise.all([training, bridge].map(end))
  }
}

/** From `PUT` of a parameter to the step there at which it holds, ms. */
async function sampleOrders(lab: Lab, options: WayOptions): Promise<number[]> {
  const { uid, far, bridge } = await openMailbox(lab, options)
  try {
    const loop = await startSteeredLoop({ server: lab.server, uid, stepMs, environment: far })
    try {
      const ms: number[] = []
      while (ms.length < options.count) {
        await pause(gapMs.least + Math.random() * gapMs.spread)
        ms.push(await loop.set())
      }
      return ms
    } finally {
      await loop.stop()
    }
  } finally {
    await end(bridge)
  }
}

type Mailbox = { uid: string; far: Record<string, string>; bridge: Child }

/** A mailbox that is collected; `far` is where a script puts its reports. */
async function openMailbox({ place, mailboxes }: Lab, { configPath }: WayOptions): Promise<Mailbox> {
  const uid = `mailbox-${randomBytes(4).toString('hex')}`
  const mailbox = join(mailboxes, uid)
  const asked = ['-F', configPath, '--data', place.dataFolder, '--mailbox', mailbox, '--json', 'lab']
  const bridge = start(launcher, ['bridge', ...asked])
  await seeReady(bridge)
  return { uid, far: { PILOTHOUSE_DATA: join(place.cacheFolder, 'far'), PILOTHOUSE_MAILBOX: mailbox }, bridge }
}

function start(command: string, args: readonly string[], set: Record<string, string> = {}): Child {
  return spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...set } })
}

function listFigures(what: string, { firstMs, stepsMs, quietMs: quiet }: Samples): Figure[] {
  return [
    ...listShares(what, stepsMs),
    ...quiet.map((value) =>
      makeFigure({ ...about, what: `${what}: after ${quietMs / 1000} s of silence`, value, atMost: bothWaysMs }),
    ),
    makeFigure({ ...about, what: `${what}: the first, start of Python included`, value: firstMs, informs: true }),
  ]
}

function listShares(what: string, ms: readonly number[]): Figure[] {
  return [
    makeFigure({ ...about, what: `${what}: p50`, value: takePercentile(ms, 0.5), informs: true }),
    makeFigure({ ...about, what: `${what}: p95`, value: takePercentile(ms, 0.95), atMost: bothWaysMs }),
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
