/** P1: telemetry over HTTP with durable acknowledgement, against a real server process, from a client process. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@pilothouse/client'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { openConnection } from './http-connection.ts'
import type { P1Result, P1Task, ReportForm } from './p1-client.ts'
import { livePace, makeLiveJobs, runLiveJobs } from './live-jobs.ts'
import { readCpuMs } from './read-cpu.ts'

const jobs = 32
const manyJobs = { full: 500, short: 50 } as const
/** Pause between two of the other requests. */
const probePauseMs = 10
const pointsPerSecondMin: Readonly<Record<ReportForm, number>> = { binary: 3, json: 2 }

export async function measureTelemetry({ short }: { short: boolean }): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const form of ['binary', 'json'] as const) figures.push(...(await measureForm(form, short)))
  return [...figures, ...(await measureManyJobs(short))]
}

/** Many jobs at the pace of a training each. The short form has a tenth of them, and says so. */
async function measureManyJobs(short: boolean): Promise<Figure[]> {
  const place = makePlace()
  const server = await startBenchServer(place)
  try {
    const uids = await makeLiveJobs(server, short ? manyJobs.short : manyJobs.full)
    const times = { warmMs: short ? 2_000 : 5_000, measureMs: short ? 6_000 : 30_000 }
    const cpuBefore = readCpuMs(server.pid)
    const startedAt = performance.now()
    const result = await runLiveJobs({ url: server.url, token: server.adminToken, uids, ...times })
    const elapsedMs = performance.now() - startedAt
    const cpuShare = (readCpuMs(server.pid) - cpuBefore) / elapsedMs
    const name = `${uids.length} jobs × ${livePace.keys} metrics × ${livePace.perSecond} reports/s`
    const inTime = (result.inTime / result.due) * 100
    const p99 = takePercentile(result.ackMs, 0.99)
    return [
      makeFigure({ id: 'P1', what: `${name}: acknowledged in time`, value: inTime, unit: '%', informs: true }),
      makeFigure({ id: 'P1', what: `${name}: acknowledgement p99`, value: p99, unit: 'ms', atMost: 250 }),
      makeFigure({
        id: 'P1',
        what: `${name}: CPU of the server`,
        value: cpuShare * 100,
        unit: '% of a core',
        informs: true,
      }),
      makeFigure({
        id: 'P1',
        what: `${name}: CPU of the clients`,
        value: (result.cpuMs / elapsedMs) * 100,
        unit: '% of a core',
        informs: true,
      }),
    ]
  } finally {
    await server.stop()
    place.remove()
  }
}

async function measureForm(form: ReportForm, short: boolean): Promise<Figure[]> {
  const place = makePlace()
  const server = await startBenchServer(place)
  try {
    const uids = await makeJobs(server)
    const task = {
      url: server.url,
      token: server.adminToken,
      uids,
      form,
      warmMs: short ? 2_000 : 5_000,
      measureMs: short ? 6_000 : 30_000,
    }
    const probing = new AbortController()
    const cpuBefore = readCpuMs(server.pid)
    const [result, probeMs] = await Promise.all([
      runClient(task).finally(() => probing.abort()),
      probe(server, uids[0] ?? '', probing.signal),
    ])
    if (result.refused !== null) throw new Error(`A report was refused: ${result.refused}`)
    return viewForm(form, { result, probeMs, serverCpuMs: readCpuMs(server.pid) - cpuBefore })
  } finally {
    await server.stop()
    place.remove()
  }
}

type Measured = { result: P1Result; probeMs: number[]; serverCpuMs: number }

function viewForm(form: ReportForm, { result, probeMs, serverCpuMs }: Measured): Figure[] {
  const rate = result.points / result.elapsedMs / 1000
  const name = form === 'binary' ? 'binary' : 'columnar JSON'
  return [
    makeFigure({
      id: 'P1',
      what: `${name}, 1,000 points a report, durable`,
      value: rate,
      unit: 'M points/s',
      atLeast: pointsPerSecondMin[form],
    }),
    makeFigure({
      id: 'P1',
      what: `${name}: acknowledgement p50`,
      value: takePercentile(result.ackMs, 0.5),
      unit: 'ms',
      informs: true,
    }),
    makeFigure({
      id: 'P1',
      what: `${name}: acknowledgement p99`,
      value: takePercentile(result.ackMs, 0.99),
      unit: 'ms',
      atMost: 250,
    }),
    makeFigure({
      id: 'P1',
      what: `${name}: another request meanwhile p99`,
      value: takePercentile(probeMs, 0.99),
      unit: 'ms',
      atMost: 60,
    }),
    makeFigure({
      id: 'P1',
      what: `${name}: CPU of the server a report`,
      value: (serverCpuMs / result.reports) * 1000,
      unit: 'µs',
      informs: true,
    }),
    makeFigure({
      id: 'P1',
      what: `${name}: CPU of the client a report`,
      value: (result.cpuMs / result.reports) * 1000,
      unit: 'µs',
      informs: true,
    }),
  ]
}

async function makeJobs({ url, adminToken }: BenchServer): Promise<string[]> {
  const client = createClient({ baseUrl: url, token: adminToken })
  const uids = Array.from({ length: jobs }, (_, index) => `bench-p1-${index}`)
  for (const uid of uids) await client.call('jobs.put', { params: { uid }, body: { name: uid, project: 'bench' } })
  return uids
}

async function runClient(task: P1Task): Promise<P1Result> {
  const child = fork(new URL('./p1-client.ts', import.meta.url), { serialization: 'advanced' })
  child.send(task)
  const [result] = (await once(child, 'message')) as [P1Result] // our own process sent it
  child.disconnect()
  return result
}

/** How long somebody else's request takes while reports pour in. */
async function probe({ url, adminToken }: BenchServer, uid: string, signal: AbortSignal): Promise<number[]> {
  const connection = await openConnection(url)
  const head = `GET /api/jobs/${uid} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${adminToken}\r\n\r\n`
  const taken: number[] = []
  while (!signal.aborted) {
    const startedAt = performance.now()
    const { status } = await connection.send(head)
    if (status !== 200) throw new Error(`The other request was answered with ${status}.`)
    taken.push(performance.now() - startedAt)
    await pause(probePauseMs)
  }
  connection.close()
  return taken
}
