/**
 * P8: many stored jobs, some of them live. A real server is filled through its routes, started again, and asked what a
 * dashboard asks while the live jobs report and alert rules look at each value. The short form has a tenth of everything, and says so.
 */
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type BenchPlace, type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { openConnection } from './http-connection.ts'
import { makeLiveJobs, runLiveJobs } from './live-jobs.ts'
import type { LiveResult } from './live-client.ts'
import { fillJobs, storedKeys, waitForUpkeep } from './p8-fill.ts'
import { readCpuMs } from './read-cpu.ts'

type Size = { stored: number; live: number; warmMs: number; measureMs: number; restarts: number }

const sizes = {
  full: { stored: 9_500, live: 500, warmMs: 10_000, measureMs: 60_000, restarts: 3 },
  short: { stored: 950, live: 50, warmMs: 2_000, measureMs: 8_000, restarts: 1 },
} as const satisfies Record<string, Size>

/** What a dashboard asks for, one after another, about once in so many ms. */
const askEveryMs = 100
const questions = {
  'first page': '/api/jobs?limit=50',
  'running jobs': '/api/jobs/current?limit=50',
  statistics: '/api/jobs/statistics',
  'one project': '/api/jobs?limit=50&project=project-3',
  'a search': '/api/jobs?limit=50&search=bert+tag-4',
  'sorted by duration': '/api/jobs?limit=50&sort=duration',
  'sorted by cost': '/api/jobs?limit=50&sort=cost',
  'a search by cost': `/api/jobs?limit=50&search=${encodeURIComponent('cost>1 is:ended')}`,
  'sorted by last word': '/api/jobs?limit=50&sort=heard',
  'values of metrics and settings': `/api/jobs?limit=50&search=${encodeURIComponent('metric/3<0.4 config.lr>=1e-4 -tag:seed-2 is:ended')}`,
  'sorted by a metric': '/api/jobs?limit=50&sort=metric:metric/0',
  'sorted by a setting, filtered by a metric': `/api/jobs?limit=50&sort=config:lr&search=${encodeURIComponent('min.metric/7<0.1')}`,
  'statistics of 30 days': `/api/job-history?from=${Date.now() - 30 * 86_400_000}&until=${Date.now()}&parts=30`,
  'charts of a stored job': '/api/jobs/stored-500/metrics?points=500',
} as const

export async function measureScale({ short }: { short: boolean }): Promise<Figure[]> {
  const size: Size = short ? sizes.short : sizes.full
  const place = makePlace()
  try {
    await prepare(place, size)
    const restartMs = await measureRestarts(place, size)
    const server = await startBenchServer(place)
    try {
      const live = await measureLive(server, size)
      process.kill(server.pid, 'SIGKILL')
      await server.stop()
      const afterKill = await startBenchServer(place)
      await afterKill.stop()
      return viewScale(size, { restartMs, afterKillMs: afterKill.startMs, ...live })
    } finally {
      await server.stop()
    }
  } finally {
    place.remove()
  }
}

async function prepare(place: BenchPlace, { stored }: Size): Promise<void> {
  const server = await startBenchServer(place)
  try {
    await fillJobs(server, stored)
    await waitForUpkeep(place.dataFolder, stored)
  } finally {
    await server.stop()
  }
}

async function measureRestarts(place: BenchPlace, { restarts }: Size): Promise<number> {
  const taken: number[] = []
  for (let round = 0; round < restarts; round += 1) {
    const server = await startBenchServer(place)
    taken.push(server.startMs)
    await server.stop()
  }
  return Math.max(...taken)
}

type Asked = { all: number[]; slowest: { what: string; p95: number } }
type Live = { result: LiveResult; asked: Asked; memory: number; cpuShare: number; cardBytes: number }

/** Alert rules that look at every value of every live job, at some of them with a memory, at states and at silence. */
const rules = [
  { kind: 'non-finite', key: '*' },
  { kind: 'threshold', key: '*', is: 'above', value: 1e9 },
  { kind: 'diverging', key: 'metric/0', factor: 100 },
  { kind: 'change', key: 'metric/1', direction: 'rise', amount: 1e6, windowMs: 60_000 },
  { kind: 'state', states: ['failed', 'lost'] },
  { kind: 'silence', forMs: 600_000 },
]

async function writeRules({ url, adminToken }: BenchServer): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  for (const condition of rules) {
    const body = JSON.stringify({ name: condition.kind, condition })
    const { status } = await fetch(`${url}/api/alert-rules`, { method: 'POST', headers, body })
    if (status !== 200) throw new Error(`The rule ${body} was answered with ${status}`)
  }
}

/** Every job has a price, so that every one is looked at for its cost. */
async function writeRates({ url, adminToken }: BenchServer): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const rates = [
    { target: 'node-1*', project: 'project-3', hostHour: 2 },
    { gpu: 'A100', gpuHour: 1.9 },
    { hostHour: 0.5 },
  ]
  const body = JSON.stringify({ currency: 'USD', rates })
  const { status } = await fetch(`${url}/api/system/rates`, { method: 'PUT', headers, body })
  if (status !== 200) throw new Error(`The rates were answered with ${status}`)
}

async function measureLive(server: BenchServer, size: Size): Promise<Live> {
  await writeRules(server)
  await writeRates(server)
  const uids = await makeLiveJobs(server, size.live)
  const ending = new AbortController()
  const cpuBefore = readCpuMs(server.pid)
  const startedAt = performance.now()
  const { url, adminToken: token } = server
  const [result, asked, memory, cardBytes] = await Promise.all([
    runLiveJobs({ url, token, uids, ...size }).finally(() => ending.abort()),
    askAround(server, size, ending.signal),
    watchMemory(server.pid, ending.signal),
    watchCards(server, ending.signal),
  ])
  const elapsedMs = performance.now() - startedAt
  const cpuShare = (readCpuMs(server.pid) - cpuBefore) / elapsedMs
  return { result, asked, memory, cpuShare, cardBytes: (cardBytes / elapsedMs) * 1000 }
}

async function askAround(server: BenchServer, { warmMs }: Size, signal: AbortSignal): Promise<Asked> {
  const connection = await openConnection(server.url)
  const taken = new Map<string, number[]>(Object.keys(questions).map((what) => [what, []]))
  const measureFrom = performance.now() + warmMs
  while (!signal.aborted) {
    for (const [what, path] of Object.entries(questions)) {
      const head = `GET ${path} HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\nauthorization: Bearer ${server.adminToken}\r\n\r\n`
      const startedAt = performance.now()
      const { status, body } = await connection.send(head)
      if (status !== 200) throw new Error(`${path} was answered with ${status} ${body}`)
      if (startedAt > measureFrom) taken.get(what)?.push(performance.now() - startedAt)
      await pause(askEveryMs)
    }
  }
  connection.close()
  const each = [...taken].map(([what, samples]) => ({ what, p95: takePercentile(samples, 0.95) }))
  const [slowest = { what: '', p95: 0 }] = each.toSorted((one, other) => other.p95 - one.p95)
  return { all: [...taken.values()].flat(), slowest }
}

/** Highest resident memory seen, MB. */
async function watchMemory(pid: number, signal: AbortSignal): Promise<number> {
  let most = 0
  while (!signal.aborted) {
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    most = Math.max(most, Number(rss) / 1024)
    await pause(250)
  }
  return most
}

/** Bytes that the live stream sends to one open dashboard. */
async function watchCards({ url, adminToken }: BenchServer, signal: AbortSignal): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}`, accept: 'text/event-stream' }
  let bytes = 0
  try {
    const { body } = await fetch(`${url}/api/live?topic=jobs`, { headers, signal })
    for await (const part of body ? Readable.fromWeb(body) : []) bytes += measurePart(part)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return bytes
}

function measurePart(part: unknown): number {
  return part instanceof Uint8Array ? part.length : 0
}

type Measured = Live & { restartMs: number; afterKillMs: number }

function viewScale({ stored, live, measureMs }: Size, measured: Measured): Figure[] {
  const { result, asked, memory, cpuShare, cardBytes, restartMs, afterKillMs } = measured
  const scale = `${(stored + live).toLocaleString('en')} jobs, ${((stored + live) * storedKeys).toLocaleString('en')} series, ${live} live`
  const id = 'P8'
  const rate = (result.due / measureMs) * 1000
  return [
    makeFigure({
      id,
      what: `${scale}: dashboard p50`,
      value: takePercentile(asked.all, 0.5),
      unit: 'ms',
      informs: true,
    }),
    makeFigure({ id, what: `${scale}: dashboard p95`, value: takePercentile(asked.all, 0.95), unit: 'ms', atMost: 50 }),
    makeFigure({
      id,
      what: `slowest question, ${asked.slowest.what}: p95`,
      value: asked.slowest.p95,
      unit: 'ms',
      atMost: 50,
    }),
    makeFigure({ id, what: 'memory of the server (RSS), highest', value: memory, unit: 'MB', atMost: 700 }),
    makeFigure({ id, what: 'start, slowest', value: restartMs / 1000, unit: 's', atMost: 3 }),
    makeFigure({ id, what: 'start after kill -9 while jobs report', value: afterKillMs / 1000, unit: 's', atMost: 3 }),
    makeFigure({ id, what: 'reports due a second', value: rate, unit: 'reports/s', informs: true }),
    makeFigure({
      id,
      what: 'acknowledged before the next is due',
      value: (result.inTime / result.due) * 100,
      unit: '%',
      informs: true,
    }),
    makeFigure({ id, what: 'acknowledgement p99', value: takePercentile(result.ackMs, 0.99), unit: 'ms', atMost: 250 }),
    makeFigure({ id, what: 'CPU of the server', value: cpuShare * 100, unit: '% of a core', informs: true }),
    makeFigure({ id, what: 'cards to one open dashboard', value: cardBytes / 1000, unit: 'kB/s', informs: true }),
  ]
}
