/** P10: from `log()` over there to the server, by a mailbox that is collected over ssh. A real sshd, bridge and script. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import { startSshd } from '../../lab/start-sshd.ts'
import { makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'

const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
const script = fileURLToPath(new URL('../../lab/ways/stepping.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))
const uid = 'mailbox-latency'
/** A step now and then, never in time with the looks. */
const gapMs = { least: 200, spread: 1_300 }
/** Between two questions for the newest step. */
const askMs = 10
const giveUpMs = 60_000
/** After so long without a report, a mailbox is looked at most rarely. */
const quietMs = 45_000

type Child = ChildProcessByStdio<Writable, Readable, null>

export async function measureMailbox({ short }: { short: boolean }): Promise<Figure[]> {
  const place = makePlace()
  const [server, sshd] = await Promise.all([startBenchServer(place), startSshd({ args: ['--no-forward'] })])
  const children: Child[] = []
  const start = (command: string, args: readonly string[], set: Record<string, string> = {}): Child => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...set } })
    children.push(child)
    return child
  }
  try {
    const bridge = start(launcher, ['bridge', '-F', sshd.configPath, '--data', place.dataFolder, '--json', 'lab'])
    await seeReady(bridge)
    const mailbox = join(sshd.folder, 'home', '.pilothouse', 'mailbox')
    const far = { PILOTHOUSE_DATA: join(place.cacheFolder, 'far'), PILOTHOUSE_JOB: uid, PYTHONPATH: sdk }
    const training = start('python3', [script], { ...far, PILOTHOUSE_MAILBOX: mailbox })
    const seeStep = makeStepReader(server)
    let step = 0
    const takeStep = async (): Promise<number> => {
      const beganAt = performance.now()
      training.stdin.write('\n')
      await seeStep(++step)
      return performance.now() - beganAt
    }
    const firstMs = await takeStep()
    const samples: number[] = []
    while (samples.length < (short ? 15 : 60)) {
      await pause(gapMs.least + Math.random() * gapMs.spread)
      samples.push(await takeStep())
    }
    const quiet = short ? [] : [await pause(quietMs).then(takeStep)]
    return listFigures(samples, { firstMs, quiet })
  } finally {
    await Promise.all(children.map(end))
    await sshd.stop()
    await server.stop()
    place.remove()
  }
}

function listFigures(samples: readonly number[], { firstMs, quiet }: { firstMs: number; quiet: number[] }): Figure[] {
  const about = { id: 'P10', unit: 'ms' }
  const what = 'mailbox over ssh, log() to server'
  return [
    makeFigure({ ...about, what: `${what}: p50`, value: takePercentile(samples, 0.5), informs: true }),
    makeFigure({ ...about, what: `${what}: p95`, value: takePercentile(samples, 0.95), atMost: 3_000 }),
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
function makeStepReader({ url, adminToken }: { url: string; adminToken: string }): (step: number) => Promise<void> {
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
