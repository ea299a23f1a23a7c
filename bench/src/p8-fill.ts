/** The stored jobs of P8, through the real routes: 40 metrics with 100 points each, some lines, an end. */
import { setTimeout as pause } from 'node:timers/promises'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { openReader } from './bench-database.ts'
import type { BenchServer } from './bench-server.ts'
import { type HttpConnection, openConnection } from './http-connection.ts'

export const storedKeys = 40
const rows = 100
const connections = 16
const bodiesMade = 16
const hourMs = 3_600_000
const states = ['completed', 'completed', 'completed', 'failed', 'cancelled'] as const
const models = ['llama-3-8b', 'resnet-50', 'bert-base', 'whisper-small']

/** Stores `count` ended jobs of the last year in 25 projects. */
export async function fillJobs(server: BenchServer, count: number): Promise<void> {
  const bodies = Array.from({ length: bodiesMade }, (_, seed) => makeReport(seed))
  let next = 0
  const work = async (): Promise<void> => {
    const connection = await openConnection(server.url)
    while (next < count) {
      next += 1
      await fillJob(server, connection, { number: next, body: bodies[next % bodiesMade] ?? new Uint8Array(0) })
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: connections }, work))
}

type Fill = { number: number; body: Uint8Array }

async function fillJob(server: BenchServer, connection: HttpConnection, { number, body }: Fill): Promise<void> {
  const uid = `stored-${number}`
  const model = models[number % models.length] ?? ''
  const job = {
    name: `run ${number} of ${model}`,
    project: `project-${(number * 7) % 25}`,
    model,
    dataset: `data-${number % 11}`,
    target: `node-${number % 40}`,
    tags: [`tag-${number % 13}`, `seed-${number % 5}`],
    createdAt: Date.now() - (number % 8_760) * hourMs,
    config: { lr: number / 1e6, batch: 32, layers: [64, 64, 32] },
  }
  const text = Buffer.from(JSON.stringify(job))
  await send(server, connection, { method: 'PUT', path: `/api/jobs/${uid}`, type: 'application/json', body: text })
  await send(server, connection, { method: 'POST', path: `/api/jobs/${uid}/reports`, type: frameContentType, body })
}

type Request = { method: string; path: string; type: string; body: Uint8Array }

async function send({ url, adminToken }: BenchServer, connection: HttpConnection, request: Request): Promise<void> {
  const { method, path, type, body } = request
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${adminToken}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`
  const answer = await connection.send(head, body)
  if (answer.status !== 200) throw new Error(`${method} ${path} was answered with ${answer.status} ${answer.body}`)
}

function makeReport(seed: number): Uint8Array {
  const now = Date.now()
  const keys = Array.from({ length: storedKeys }, (_, key) => `metric/${key}`)
  const times = Array.from({ length: rows }, (_, row) => now - (rows - row) * 1000)
  const values = keys.map((_, key) =>
    times.map((__, row) => Math.fround(2 / (1 + key + row + seed) + Math.random() / 50)),
  )
  return encodeReport({
    attempt: 1,
    writer: 'fill',
    number: 1,
    role: 'sdk',
    sentAt: now,
    points: [{ source: 'job', keys, steps: times.map((_, row) => row), times, values }],
    logs: [{ stream: 'stdout', times: times.slice(0, 20), lines: times.slice(0, 20).map((at) => `step at ${at}`) }],
    state: { state: states[seed % states.length] ?? 'completed', at: now },
  })
}

/** Resolves when all series are sealed and rewritten, and all jobs measured and ready to be searched by their values. */
export async function waitForUpkeep(dataFolder: string, jobs: number): Promise<void> {
  const reader = await openReader(dataFolder)
  while (
    (await reader.count('select count(*) as count from chunk')) < jobs * storedKeys ||
    (await reader.count('select count(*) as count from ended')) > 0 ||
    (await reader.count('select count(*) as count from job_size')) < jobs ||
    (await reader.count('select count(*) as count from job_digest')) < jobs
  ) {
    await pause(500)
  }
  await reader.close()
}
