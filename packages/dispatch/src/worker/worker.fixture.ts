import { expect, onTestFinished } from 'vitest'
import {
  type StubEngine,
  type StubEngineOptions,
  startStubEngine,
} from '../../../../lab/stub-engine/start-stub-engine.ts'
import type { ControlRoom } from './control-room.fixture.ts'
import type { WorkerTrouble } from './tell-trouble.ts'
import { Worker, type WorkerOptions } from './worker.ts'

/** Until the end of the test. */
export async function startEngine(options: StubEngineOptions = { instant: true }): Promise<StubEngine> {
  const stub = await startStubEngine(options)
  onTestFinished(async () => stub.close())
  return stub
}

export type RunningWorker = {
  worker: Worker
  troubles: WorkerTrouble[]
  running: Promise<void>
  end: () => Promise<void>
}

/** One whose paces are those of a test, until its end. */
export function startWorker(source: ControlRoom, options: Partial<WorkerOptions> = {}): RunningWorker {
  const troubles: WorkerTrouble[] = []
  const paces = { enginesMs: 20, beatMs: 20, idleMs: 200, openMs: 1_000, graceMs: 5_000, ...options.paces }
  const onTrouble = (trouble: WorkerTrouble): void => void troubles.push(trouble)
  const worker = new Worker({ name: 'w', host: 'test', source, onTrouble, ...options, paces })
  const stop = new AbortController()
  const running = worker.run(stop.signal)
  const end = async (): Promise<void> => {
    stop.abort()
    await running
  }
  onTestFinished(end)
  return { worker, troubles, running, end }
}

/** So many requests are answered, each with an answer to its own question. */
export async function expectDone(room: ControlRoom, id: string, count: number): Promise<void> {
  await expect.poll(() => room.resultsOf(id).size, { timeout: 60_000 }).toBe(count)
  for (const [at, { outcome }] of room.resultsOf(id)) {
    const isOwn = outcome.kind === 'answered' && outcome.body.includes(`${id} ${at}`)
    expect(isOwn, `request ${at}`).toBe(true)
  }
}
