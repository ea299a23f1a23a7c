/**
 * P9, all of it: a file is uploaded to a real server, becomes a batch, and its own worker sends the requests to a stand-in engine in
 * a process of its own. How many a second an instant engine takes from the first request to the last committed result, how much
 * of what a bare client reaches where answers take their time, and what memory the server has meanwhile.
 */
import { openAsBlob, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@pilothouse/client'
import type { BatchDetail } from '@pilothouse/contract'
import { type BenchPlace, type BenchServer, makePlace, startBenchServer } from './bench-server.ts'
import { type Figure, makeFigure } from './figure.ts'
import { answerRealistic, runBare, startStub, url, writeInput } from './p9-input.ts'

const lookMs = 200
/** The number of requests at a time is found out in the first seconds. */
const warmMs = 10_000

const sizes = {
  full: { instant: 1_000_000, timed: 6_000 },
  short: { instant: 20_000, timed: 2_000 },
} as const

/** @throws Error where a batch does not end as it should. */
export async function measureBatch({ short }: { short: boolean }): Promise<Figure[]> {
  const { instant, timed } = short ? sizes.short : sizes.full
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-p9-'))
  try {
    const flood = await runThrough(folder, { lines: instant, engine: { instant: true } })
    const paced = await runThrough(folder, { lines: timed, engine: answerRealistic })
    const bare = await runBare({ lines: Math.round(timed / 2), engine: answerRealistic, connections: 64 })
    const figure = (
      what: string,
      value: number,
      unit: string,
      promise: { atLeast: number } | { atMost: number } | { informs: true },
    ) => makeFigure({ id: 'P9', what: `batch: ${what}`, value, unit, ...promise })
    return [
      figure(`${instant} requests to an instant engine`, flood.perSecond, 'requests/s', { atLeast: 5_000 }),
      figure('from creation to its first request', flood.validationMs, 'ms', { informs: true }),
      figure('memory of the server, highest', Math.max(...Object.values(flood.memoryMb)), 'MB', { atMost: 250 }),
      ...Object.entries(flood.memoryMb).map(([when, mb]) => figure(`memory ${when}`, mb, 'MB', { informs: true })),
      figure('memory of the server before', flood.memoryBeforeMb, 'MB', { informs: true }),
      figure('answers of 0.64 s, 64 at a time: bare client that knows the number', bare, 'requests/s', {
        informs: true,
      }),
      figure('share of that, once the number is found out', (100 * paced.latePerSecond) / bare, '%', { atLeast: 95 }),
      figure('share of that, from the first request on', (100 * paced.perSecond) / bare, '%', { informs: true }),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Ran = {
  perSecond: number
  latePerSecond: number
  validationMs: number
  memoryMb: PhaseMemory
  memoryBeforeMb: number
}

async function runThrough(
  folder: string,
  { lines, engine }: { lines: number; engine: Parameters<typeof startStub>[0] },
): Promise<Ran> {
  const inputPath = join(folder, `${lines}.jsonl`)
  await writeInput(inputPath, lines)
  const place: BenchPlace = makePlace()
  const server = await startBenchServer(place)
  const stub = await startStub(engine)
  try {
    const client = createClient({ baseUrl: server.url, token: server.adminToken })
    await client.call('engines.create', { body: { name: 'stub', baseUrl: stub.url } })
    const memoryBeforeMb = forgetHighest(server)
    const phases = new Phases(server)
    const id = await submit(server, inputPath)
    const { batch, latePerSecond } = await follow({
      id,
      lines,
      read: () => client.call('batches.get', { params: { id } }),
      onLook: ({ status }) => phases.enter(status),
    })
    const [started, ended] = [batch.startedAt ?? Number.NaN, batch.endedAt ?? Number.NaN]
    return {
      perSecond: (1_000 * lines) / (ended - started),
      latePerSecond,
      validationMs: started - batch.createdAt,
      memoryMb: phases.finish(),
      memoryBeforeMb,
    }
  } finally {
    await server.stop()
    await stub.stop()
    place.remove()
  }
}

async function submit(server: BenchServer, path: string): Promise<string> {
  const headers = { authorization: `Bearer ${server.adminToken}` }
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', await openAsBlob(path), 'input.jsonl')
  const uploaded = await fetch(`${server.url}/v1/files`, { method: 'POST', headers, body: form })
  const { id } = (await uploaded.json()) as { id: string } // what this route answers with
  const created = await fetch(`${server.url}/v1/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: id, endpoint: url, completion_window: '24h' }),
  })
  return ((await created.json()) as { id: string }).id // as above
}

type Followed = { batch: BatchDetail; latePerSecond: number }
type Following = {
  id: string
  lines: number
  read: () => Promise<BatchDetail>
  onLook: (batch: BatchDetail) => void
}

/** Until its end. The rate is that from `warmMs` after its begin until nine tenths are done: at the end engines run empty. */
async function follow({ id, lines, read, onLook }: Following): Promise<Followed> {
  let [from, until]: ({ atMs: number; done: number } | null)[] = [null, null]
  for (;;) {
    const batch = await read()
    onLook(batch)
    const [atMs, done] = [performance.now(), batch.counts.completed + batch.counts.failed]
    if (batch.endedAt !== null && batch.status !== 'completed') throw new Error(`${id} is ${batch.status}`)
    if (batch.status === 'completed') {
      const latePerSecond = from && until ? (1_000 * (until.done - from.done)) / (until.atMs - from.atMs) : Number.NaN
      return { batch, latePerSecond }
    }
    if (batch.startedAt !== null && Date.now() - batch.startedAt >= warmMs && done < 0.9 * lines) {
      from ??= { atMs, done }
      until = { atMs, done }
    }
    await pause(lookMs)
  }
}

const phaseNames = [
  'as the file came',
  'as it was checked',
  'as requests were sent',
  'as results were put together',
] as const

/** The most memory that the server had in each part of the life of a batch, MB. */
type PhaseMemory = Record<(typeof phaseNames)[number], number>

class Phases {
  readonly #server: BenchServer
  readonly #highest = Object.fromEntries(phaseNames.map((name) => [name, 0])) as PhaseMemory // a number for each name
  #name: keyof PhaseMemory = 'as the file came'

  constructor(server: BenchServer) {
    this.#server = server
  }

  /** A batch has this status now; right to `lookMs`. */
  enter(status: BatchDetail['status']): void {
    const name = phaseOf(status)
    if (name === this.#name) return
    this.finish()
    forgetHighest(this.#server)
    this.#name = name
  }

  finish(): PhaseMemory {
    this.#highest[this.#name] = Math.max(this.#highest[this.#name], readHighest(this.#server))
    return this.#highest
  }
}

function phaseOf(status: BatchDetail['status']): keyof PhaseMemory {
  if (status === 'validating') return 'as it was checked'
  return status === 'in_progress' ? 'as requests were sent' : 'as results were put together'
}

/** The most memory that the process had since `forgetHighest`, MB. */
function readHighest({ pid }: BenchServer): number {
  const kb = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / 1_000
}

/** The highest is from now on that since now (proc(5), clear_refs); what it is now, MB. */
function forgetHighest(server: BenchServer): number {
  writeFileSync(`/proc/${server.pid}/clear_refs`, '5')
  return readHighest(server)
}
