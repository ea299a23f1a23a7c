/**
 * P9, what sends requests: lines of a file to a stand-in engine in a process of its own, results appended and synced in groups.
 * How many a second an instant engine takes; how much of what a bare client reaches where answers take their time; and how
 * memory behaves over many lines.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import {
  type BatchRequest,
  Dispatch,
  EngineClient,
  indexLines,
  LineReader,
  parseEngineMetrics,
  type RequestResult,
} from '@pilothouse/dispatch'
import { Pool } from 'undici'
import type { StubEngineOptions } from '../../lab/stub-engine/start-stub-engine.ts'
import { type Figure, makeFigure } from './figure.ts'

const url = '/v1/chat/completions'
const timeouts = { connectMs: 5_000, requestMs: 60_000, idleMs: 60_000 }
/** Lines that are read at once. */
const rangeLines = 256
const answerTokens = 64
/** What a good engine does with a small model: 64 answers side by side, each in 0.64 s. */
const realistic: StubEngineOptions = { slots: 64, runningMax: 64, tokensPerSecond: 100 }
/** The number of requests at a time is found out in the first seconds. */
const warmMs = 8_000

const sizes = {
  full: { instant: 1_000_000, timed: 4_000 },
  short: { instant: 20_000, timed: 1_500 },
} as const

/** @throws PilothouseError where the input that it wrote is refused. */
export async function measureDispatch({ short }: { short: boolean }): Promise<Figure[]> {
  const { instant, timed } = short ? sizes.short : sizes.full
  const folder = await mkdtemp(join(tmpdir(), 'pilothouse-p9-'))
  try {
    const flood = await runFile(folder, { lines: instant, engine: { instant: true } })
    const paced = await runFile(folder, { lines: timed, engine: realistic })
    const bare = await runBare({ lines: timed, engine: realistic, connections: 64 })
    const figure = (
      what: string,
      value: number,
      unit: string,
      promise: { atLeast: number } | { atMost: number } | { informs: true },
    ) => makeFigure({ id: 'P9', what, value, unit, ...promise })
    return [
      figure(`${instant} lines to an instant engine, results synced`, flood.perSecond, 'requests/s', {
        atLeast: 5_000,
      }),
      figure('reading and checking those lines', flood.indexPerSecond, 'lines/s', { informs: true }),
      figure('memory while they went through, highest', flood.memoryMb, 'MB', { atMost: 250 }),
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

type Ran = { perSecond: number; latePerSecond: number; indexPerSecond: number; memoryMb: number }

async function runFile(folder: string, { lines, engine }: { lines: number; engine: StubEngineOptions }): Promise<Ran> {
  const inputPath = join(folder, `${lines}.jsonl`)
  await writeInput(inputPath, lines)
  const beganMs = performance.now()
  const indexed = await indexLines(inputPath, { endpoint: url, requestsMax: lines, bytesMax: 2 ** 33 })
  if (indexed.kind === 'refused') throw new Error(`The input is refused: ${JSON.stringify(indexed.errors[0])}`)
  const indexMs = performance.now() - beganMs
  const reader = await LineReader.open({ inputPath, index: indexed.index })
  const output = await open(join(folder, `${lines}.out`), 'a')
  const stub = await startStub(engine)
  try {
    const sent = await sendAll({ reader, output, baseUrl: stub.url })
    return { ...sent, indexPerSecond: (1_000 * lines) / indexMs }
  } finally {
    await stub.stop()
    await reader.close()
    await output.close()
  }
}

async function writeInput(path: string, lines: number): Promise<void> {
  const file = await open(path, 'w')
  for (let from = 0; from < lines; from += rangeLines) {
    const part = Array.from({ length: Math.min(rangeLines, lines - from) }, (_, at) => writeLine(from + at))
    await file.write(part.join(''))
  }
  await file.close()
}

function writeLine(number: number): string {
  return `${JSON.stringify({ custom_id: `request-${number}`, method: 'POST', url, body: bodyOf(number) })}\n`
}

function bodyOf(number: number) {
  const content = `Summarise report ${number} in one sentence. ${'It was a calm day at sea. '.repeat(8)}`
  return { model: 'stub', max_tokens: answerTokens, messages: [{ role: 'user', content }] }
}

type Sending = { reader: LineReader; output: FileHandle; baseUrl: string }

async function sendAll({ reader, output, baseUrl }: Sending): Promise<Omit<Ran, 'indexPerSecond'>> {
  const client = new EngineClient({ baseUrl, apiKey: null, connectionsMax: 1_024, timeouts })
  const { signal } = new AbortController()
  const beganMs = performance.now()
  let [memoryMb, late] = [0, 0]
  const save = async (results: readonly RequestResult[]): Promise<void> => {
    await output.appendFile(results.map(writeResult).join(''))
    await output.datasync()
    if (performance.now() - beganMs >= warmMs) late += results.length
    memoryMb = Math.max(memoryMb, process.memoryUsage.rss() / 1e6)
  }
  const dispatch = new Dispatch({
    engines: [
      {
        name: 'stub',
        send: (request, calls) => client.send(request, calls),
        readMetrics: async () =>
          parseEngineMetrics((await client.getText('/metrics', { signal, timeoutMs: 1_000 })).text),
      },
    ],
    save,
  })
  await dispatch.run(readAll(reader), signal)
  const tookMs = performance.now() - beganMs
  await client.close()
  const lateMs = tookMs - warmMs
  const perSecond = (1_000 * reader.count) / tookMs
  return { perSecond, latePerSecond: lateMs > 0 ? (1_000 * late) / lateMs : perSecond, memoryMb }
}

async function* readAll(reader: LineReader): AsyncIterable<BatchRequest> {
  for (let from = 0; from < reader.count; from += rangeLines)
    yield* await reader.readRange(from, Math.min(reader.count, from + rangeLines))
}

function writeResult({ request: { customId }, outcome }: RequestResult): string {
  const { status, requestId, body } = outcome
  return `{"id":"batch_req_${customId}","custom_id":${JSON.stringify(customId)},"response":{"status_code":${status ?? 0},"request_id":${JSON.stringify(requestId)},"body":${body ?? 'null'}},"error":null}\n`
}

/** The same requests through the HTTP client alone, so many at a time, nothing kept. Requests a second. */
async function runBare(given: { lines: number; engine: StubEngineOptions; connections: number }): Promise<number> {
  const stub = await startStub(given.engine)
  const pool = new Pool(stub.url, { connections: given.connections })
  let next = 0
  const sendSome = async (): Promise<void> => {
    while (next < given.lines) {
      const body = JSON.stringify(bodyOf(next++))
      const answer = await pool.request({
        path: url,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      await answer.body.text()
    }
  }
  const beganMs = performance.now()
  await Promise.all(Array.from({ length: given.connections }, sendSome))
  const perSecond = (1_000 * given.lines) / (performance.now() - beganMs)
  await pool.close()
  await stub.stop()
  return perSecond
}

async function startStub(options: StubEngineOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const script = fileURLToPath(new URL('stub-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string] // its first line
  return {
    url: address,
    stop: async () => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
