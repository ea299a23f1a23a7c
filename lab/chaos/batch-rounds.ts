/**
 * A batch goes through the server's own worker and one beside it while the server and that worker are killed again and again; in
 * the end each request has one line, and each token was counted once.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type StubEngine, startStubEngine } from '../stub-engine/start-stub-engine.ts'
import { ControlRoom } from './control-room.ts'
import { makeRandom, type Random } from './random.ts'

export type BatchKillOptions = {
  rounds: number
  requests: number
  seed: number
  databaseUrl?: string | undefined
  say?: (text: string) => void
}

export type BatchKillResult = {
  /** As often as something was killed before the batch ended. */
  kills: { server: number; worker: number }
  answered: number
  failed: number
  /** Requests that the engine answered more than once, because nobody was left to keep the answer. */
  answeredAgain: number
}

const launcher = fileURLToPath(new URL('../../packages/app/bin/pilothouse', import.meta.url))
const betweenKillsMs = [100, 1_200] as const
const endMsMax = 300_000
const url = '/v1/chat/completions'
/** About 400 requests a second. */
const pace = { slots: 16, runningMax: 16, tokensPerSecond: 100 }
const answerTokens = 4
/** Every so many requests there is one that the engine refuses. */
const refusedEvery = 100

/**
 * Runs the rounds and checks what came out.
 * @throws Error when a line is missing, there twice, or belongs to another request, or when tokens were counted otherwise.
 */
export async function killDuringBatch(options: BatchKillOptions): Promise<BatchKillResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-chaos-'))
  const dataFolder = join(folder, 'data')
  const engine = await startStubEngine(pace)
  const room = await ControlRoom.open({ dataFolder, databaseUrl: options.databaseUrl })
  const worker = new WorkerProcess(room, await makeToken(room))
  try {
    await room.ask('/api/engines', { name: 'stub', baseUrl: engine.url })
    const id = await submit(room, options.requests)
    worker.start()
    const kills = await killWhileActive({ room, worker, id, random: makeRandom(options.seed), options })
    const batch = await waitForEnd(room, id)
    const result = { kills, ...(await checkResults(room, batch, options.requests)), answeredAgain: countAgain(engine) }
    await worker.kill()
    await room.close()
    rmSync(folder, { recursive: true, force: true })
    return result
  } catch (error) {
    // What is stored stays to be looked at.
    await worker.kill()
    await room.close()
    throw new Error(`With the seed ${options.seed}, data in ${dataFolder}`, { cause: error })
  } finally {
    await engine.close()
  }
}

/** `pilothouse worker`, a process of its own. */
class WorkerProcess {
  readonly #environment: NodeJS.ProcessEnv
  #process: ChildProcess | undefined

  constructor({ url: address }: ControlRoom, token: string) {
    this.#environment = { ...process.env, PILOTHOUSE_URL: address, PILOTHOUSE_TOKEN: token }
  }

  start(): void {
    this.#process = spawn(launcher, ['worker', '--name', 'beside'], { stdio: 'ignore', env: this.#environment })
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

async function makeToken(room: ControlRoom): Promise<string> {
  const made: unknown = JSON.parse(await room.ask('/api/access/tokens', { name: 'worker', role: 'worker' }))
  return (made as { secret: string }).secret // what this route answers with
}

async function submit(room: ControlRoom, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, at) => {
    const messages = [{ role: 'user', content: `question ${at}` }]
    const body = { model: 'stub', messages, max_tokens: answerTokens, ...(isRefused(at) ? { temperature: -1 } : {}) }
    return `${JSON.stringify({ custom_id: `r${at}`, method: 'POST', url, body })}\n`
  })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(lines), 'questions.jsonl')
  const file: unknown = JSON.parse(await room.send('/v1/files', form))
  const { id } = file as { id: string } // what this route answers with
  const batch: unknown = JSON.parse(
    await room.ask('/v1/batches', { input_file_id: id, endpoint: url, completion_window: '24h' }),
  )
  return (batch as Batch).id // as above
}

function isRefused(at: number): boolean {
  return at % refusedEvery === refusedEvery - 1
}

type Batch = {
  id: string
  status: string
  output_file_id: string | null
  error_file_id: string | null
  request_counts: { total: number; completed: number; failed: number }
  usage: { output_tokens: number }
}

type Setting = { room: ControlRoom; worker: WorkerProcess; id: string; random: Random; options: BatchKillOptions }

async function killWhileActive({ room, worker, id, random, options }: Setting): Promise<BatchKillResult['kills']> {
  const kills = { server: 0, worker: 0 }
  for (let round = 1; round <= options.rounds; round += 1) {
    await pause(random.between(...betweenKillsMs))
    const { status, request_counts: counts } = await readBatch(room, id)
    if (status === 'completed') return kills
    const victim = random.pick(['server', 'worker'] as const)
    if (victim === 'server') {
      await room.kill()
      await room.start()
    } else {
      await worker.kill()
      worker.start()
    }
    kills[victim] += 1
    options.say?.(`${victim} killed at ${counts.completed} of ${counts.total}, round ${round}`)
  }
  return kills
}

async function readBatch(room: ControlRoom, id: string): Promise<Batch> {
  return JSON.parse(await room.ask(`/v1/batches/${id}`)) as Batch // what this route answers with
}

async function waitForEnd(room: ControlRoom, id: string): Promise<Batch> {
  const until = performance.now() + endMsMax
  for (;;) {
    const batch = await readBatch(room, id)
    if (batch.status === 'completed') return batch
    if (
      performance.now() > until ||
      (batch.status !== 'in_progress' && batch.status !== 'finalizing' && batch.status !== 'validating')
    )
      throw new Error(`The batch does not come to its end: ${JSON.stringify(batch)}`)
    await pause(250)
  }
}

type Line = {
  custom_id: string
  response: {
    status_code: number
    body: { choices?: { message: { content: string } }[]; usage?: { completion_tokens: number } }
  } | null
}

async function checkResults(
  room: ControlRoom,
  { output_file_id: output, error_file_id: errors, request_counts: counts, usage }: Batch,
  requests: number,
): Promise<Pick<BatchKillResult, 'answered' | 'failed'>> {
  const [answered, failed] = [await readLines(room, output), await readLines(room, errors)]
  const ids = new Set([...answered, ...failed].map(({ custom_id: id }) => id))
  const found = { lines: answered.length + failed.length, different: ids.size, counts }
  const expected = { total: requests, completed: answered.length, failed: failed.length }
  if (found.lines !== requests || ids.size !== requests || JSON.stringify(counts) !== JSON.stringify(expected))
    throw new Error(`Of ${requests} requests there are ${JSON.stringify(found)}`)
  for (const { custom_id: id, response } of answered) {
    const content = response?.body.choices?.[0]?.message.content ?? ''
    if (!content.includes(`question ${id.slice(1)}`)) throw new Error(`${id} has the answer of another: ${content}`)
  }
  const tokens = answered.reduce((sum, { response }) => sum + (response?.body.usage?.completion_tokens ?? 0), 0)
  if (tokens !== usage.output_tokens) throw new Error(`${tokens} tokens were answered, ${usage.output_tokens} counted`)
  return { answered: answered.length, failed: failed.length }
}

async function readLines(room: ControlRoom, fileId: string | null): Promise<Line[]> {
  if (fileId === null) return []
  const text = await room.ask(`/v1/files/${fileId}/content`)
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line])) // written by the server
}

function countAgain({ counts }: StubEngine): number {
  return [...counts.values()].filter((times) => times > 1).length
}
