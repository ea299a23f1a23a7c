/** P3 over HTTP: the same chart from a real server process as a frame, beside the store alone on the same points. */
import { type Client, createClient } from '@pilothouse/client'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { type BenchStore, openBenchStore, TrainingJobs } from './series-workload.ts'

const buckets = 1_000
const rowsPerReport = 50_000
const group = 1
/** Calls before the first that counts: until then the server runs code that nothing has compiled yet. */
const warmCalls = 300

type Chart = { what: string; points: number; atMost: number }
const charts: readonly Chart[] = [
  { what: '1 series of 20 k points', points: 20_000, atMost: 1 + 3 },
  { what: '1 series of 1 M points', points: 1_000_000, atMost: 2 + 3 },
]

/** Milliseconds for one chart: over HTTP, and by the store alone. The two are measured in turn. */
export async function measureQueryOverHttp({ short }: { short: boolean }): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const chart of charts) figures.push(...(await measureChart(chart, short ? 40 : 200)))
  return figures
}

async function measureChart(chart: Chart, times: number): Promise<Figure[]> {
  const place = makePlace()
  const server = await startBenchServer(place)
  const store = await openBenchStore()
  try {
    const client = createClient({ baseUrl: server.url, token: server.adminToken })
    await fill(chart.points, { server, client, store })
    const overHttp: number[] = []
    const alone: number[] = []
    for (let time = -warmCalls; time < times; time += 1) {
      const measured = [await timeHttp(client), await timeStore(store)] as const
      if (time < 0) continue
      overHttp.push(measured[0])
      alone.push(measured[1])
    }
    return viewChart(chart, { overHttp, alone })
  } finally {
    await store.close()
    await server.stop()
    place.remove()
  }
}

type Parts = { server: BenchServer; client: Client; store: BenchStore }

/** The same points into both. */
async function fill(points: number, { server, client, store }: Parts): Promise<void> {
  const jobs = new TrainingJobs({ jobs: 1, keys: 1, steps: points })
  await client.call('jobs.put', { params: { uid }, body: { name: 'p3', project: 'bench' } })
  for (let from = 0; from < points; from += rowsPerReport) {
    const block = jobs.makeBlock(group, from, Math.min(rowsPerReport, points - from))
    await store.append([block])
    while (await store.store.maintain());
    const { source, keys, steps, times, epochs, values } = block
    const body = encodeReport({
      attempt: 1,
      writer: 'bench',
      number: from / rowsPerReport + 1,
      role: 'sdk',
      sentAt: Date.now(),
      points: [{ source, keys: [...keys], steps, times, epochs, values: [...values] }],
    })
    await send(server, body)
  }
}

const uid = 'p3-over-http'

async function send({ url, adminToken }: BenchServer, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': frameContentType }
  const answer = await fetch(`${url}/api/jobs/${uid}/reports`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`A report was refused: ${answer.status} ${await answer.text()}`)
}

async function timeHttp(client: Client): Promise<number> {
  const startedAt = performance.now()
  const { series } = await client.metrics(uid, { key: ['loss'], points: buckets })
  const ms = performance.now() - startedAt
  if (series[0]?.x.length !== buckets)
    throw new Error(`${series[0]?.x.length ?? 0} buckets came instead of ${buckets}.`)
  return ms
}

async function timeStore({ store }: BenchStore): Promise<number> {
  const selectors = [{ group, branch: 0, source: 'job', keys: ['loss'] }]
  const startedAt = performance.now()
  await store.query({ selectors, x: 'step', points: buckets })
  return performance.now() - startedAt
}

function viewChart({ what, atMost }: Chart, { overHttp, alone }: { overHttp: number[]; alone: number[] }): Figure[] {
  const named = { id: 'P3', unit: 'ms' }
  const p50 = takePercentile(overHttp, 0.5)
  const adds = p50 - takePercentile(alone, 0.5)
  return [
    makeFigure({ ...named, what: `over HTTP: ${what}, warm, p50`, value: p50, atMost }),
    makeFigure({ ...named, what: `HTTP adds to ${what}, p50`, value: adds, atMost: 3 }),
  ]
}
