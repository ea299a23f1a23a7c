/**
 * P9, what sends requests: lines of a file to a stand-in engine in a process of its own, results appended and synced in groups.
 * How many a second an instant engine takes; how much of what a bare client reaches where answers take their time; and how
 * memory behaves over many lines.
 */
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BatchRequest, indexLines, LineReader, parseEngineMetrics, type RequestResult } from '@pilothouse/dispatch'
import { Dispatch, EngineClient } from '@pilothouse/dispatch/sending'
import type { StubEngineOptions } from '../../lab/stub-engine/start-stub-engine.ts'
import { type Figure, makeFigure } from './figure.ts'
import { answerRealistic, rangeLines, runBare, startStub, url, writeInput } from './p9-input.ts'

const timeouts = { connectMs: 5_000, requestMs: 60_000, idleMs: 60_000 }
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
    const paced = await runFile(folder, { lines: timed, engine: answerRealistic })
    const bare = await runBare({ lines: timed, engine: answerRealistic, connections: 64 })
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
