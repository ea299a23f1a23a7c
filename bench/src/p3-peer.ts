/**
 * P3 beside a peer: the curves of several jobs as a page asks for them, from our server and from TensorBoard's, in one run.
 * TensorBoard is asked twice: as it comes, with 1,000 points of each curve picked at random, and told to keep all points.
 * Ours are always made from all points.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@pilothouse/client'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, type MeasureOptions, makeFigure, takePercentile } from './figure.ts'
import { findPython } from '../../lab/find-python.ts'
import { TrainingJobs } from './series-workload.ts'

const jobs = 10
const metrics = 4
const script = fileURLToPath(new URL('../python/p3_peer.py', import.meta.url))
const run = promisify(execFile)
/** TensorBoard reads its files after it has begun to answer. */
const loadTries = 600

/** Milliseconds until all curves of all jobs are there; nothing of TensorBoard where it is not installed. */
export async function measureQueryBesidePeer({ short, peers }: MeasureOptions): Promise<Figure[]> {
  if (!peers) return []
  const steps = short ? 5_000 : 20_000
  const times = short ? 20 : 60
  const what = `${jobs} jobs × ${metrics} metrics of ${steps / 1_000} k points over HTTP, p50`
  const ours = await measureOurs(steps, times)
  const figures = [makeFigure({ id: 'P3', unit: 'ms', what, value: ours, informs: true })]
  for (const [name, kept] of [
    ['TensorBoard, 1,000 points of each', 1_000],
    ['TensorBoard, all points', steps],
  ] as const) {
    const peer = await measureTensorBoard({ steps, times: Math.min(times, 20), kept })
    if (peer === null) {
      console.error(`P3: TensorBoard is not installed in ${findPython()}; measured without it`)
      break
    }
    figures.push(makeFigure({ id: 'P3', unit: 'ms', what: `the same from ${name}`, value: peer, informs: true }))
    figures.push(makeFigure({ id: 'P3', unit: '×', what: `${name}: times ours`, value: peer / ours, informs: true }))
  }
  return figures
}

async function measureOurs(steps: number, times: number): Promise<number> {
  const place = makePlace()
  const server = await startBenchServer(place)
  try {
    const client = createClient({ baseUrl: server.url, token: server.adminToken })
    const workload = new TrainingJobs({ jobs, keys: metrics, steps })
    for (let job = 1; job <= jobs; job += 1) await report(job, { server, client, workload, steps })
    return await takeMedian(times, async () => {
      const answers = Array.from({ length: jobs }, (_, at) => client.metrics(nameJob(at + 1), { points: 1_000 }))
      for (const { series } of await Promise.all(answers)) checkCount(series.length, metrics)
    })
  } finally {
    await server.stop()
    place.remove()
  }
}

const nameJob = (job: number): string => `p3-peer-${job}`

type Filling = { server: BenchServer; client: Client; workload: TrainingJobs; steps: number }

async function report(job: number, { server, client, workload, steps }: Filling): Promise<void> {
  const uid = nameJob(job)
  await client.call('jobs.put', { params: { uid }, body: { name: uid, project: 'bench' } })
  const { source, keys, steps: at, times, values } = workload.makeBlock(job, 0, steps)
  const points = [{ source, keys: [...keys], steps: at, times, values: [...values] }]
  const body = encodeReport({ attempt: 1, writer: 'bench', number: 1, role: 'sdk', sentAt: Date.now(), points })
  const headers = { authorization: `Bearer ${server.adminToken}`, 'content-type': frameContentType }
  const answer = await fetch(`${server.url}/api/jobs/${uid}/reports`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`A report was refused: ${answer.status} ${await answer.text()}`)
}

type Asked = { steps: number; times: number; kept: number }

/** null where it is not installed. `kept` is the most points that it keeps of each curve. */
async function measureTensorBoard({ steps, times, kept }: Asked): Promise<number | null> {
  if (!(await isInstalled())) return null
  const place = makePlace()
  const folder = join(place.dataFolder, 'runs')
  try {
    await run(findPython(), [script, folder, String(jobs), String(metrics), String(steps)])
    const flags = ['--logdir', folder, '--port', '0', '--samples_per_plugin', `scalars=${kept}`]
    const child = spawn(findPython(), ['-m', 'tensorboard.main', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      const url = `${await readUrl(child)}/data/plugin/timeseries/timeSeries`
      await waitUntilLoaded(url, kept)
      return await takeMedian(times, async () => checkCount((await askTensorBoard(url)).length, metrics * jobs))
    } finally {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
  } finally {
    place.remove()
  }
}

async function isInstalled(): Promise<boolean> {
  try {
    await run(findPython(), ['-c', 'import tensorboard'])
    return true
  } catch {
    return false
  }
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let words = ''
    child.stderr?.on('data', (bytes: Buffer) => {
      words += bytes.toString()
      const url = /(http:\/\/localhost:\d+)\//.exec(words)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.once('exit', (code) => reject(new Error(`TensorBoard ended with ${code ?? 'a signal'}: ${words}`)))
  })
}

async function waitUntilLoaded(url: string, points: number): Promise<void> {
  for (let tries = 0; tries < loadTries; tries += 1) {
    const lengths = await askTensorBoard(url)
    if (lengths.length === jobs * metrics && lengths.every((length) => length >= points)) return
    await pause(200)
  }
  throw new Error('TensorBoard did not come to have all points.')
}

/** Asks for each curve of each run as its page does; points of each. */
async function askTensorBoard(url: string): Promise<number[]> {
  const requests = Array.from({ length: metrics }, (_, tag) => ({ plugin: 'scalars', tag: `metric/${tag}` }))
  const found = JSON.parse(await post(url, new URLSearchParams({ requests: JSON.stringify(requests) }))) as {
    runToSeries?: Record<string, unknown[]>
  }[] // as its http_api.md says
  return found.flatMap(({ runToSeries = {} }) => Object.values(runToSeries).map(({ length }) => length))
}

/** By node:http: the server ends each answer by closing the connection, which Node's fetch does not always survive. */
async function post(url: string, form: URLSearchParams): Promise<string> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const sent = request(url, { method: 'POST', headers }).end(form.toString())
  const [answer] = (await once(sent, 'response')) as [IncomingMessage] // the event's own argument
  const words = await text(answer)
  if (answer.statusCode !== 200) throw new Error(`TensorBoard answered with ${answer.statusCode ?? 'nothing'} ${words}`)
  return words
}

async function takeMedian(times: number, work: () => Promise<void>): Promise<number> {
  await work()
  const taken: number[] = []
  for (let time = 0; time < times; time += 1) {
    const startedAt = performance.now()
    await work()
    taken.push(performance.now() - startedAt)
  }
  return takePercentile(taken, 0.5)
}

function checkCount(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`${found} curves came instead of ${wanted}.`)
}
