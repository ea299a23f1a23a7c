import type { WorkSource } from '@pilothouse/dispatch'
import { Worker } from '@pilothouse/dispatch/sending'
import { sanitizeForTerminal } from '@pilothouse/signals'
import { viewWorkerDrain, viewWorkerEnd } from '@pilothouse/terminal'
import { watchWorker } from './watch-worker.ts'
import type { World } from './world.ts'

export type WorkerRun = {
  name: string
  host: string
  source: WorkSource
  /** What is under way at its end may take so long, ms. */
  graceMs: number
  isJson: boolean
}

/** Runs a worker until a signal comes; it ends in order then. A second signal ends the process as if nobody listened. */
export async function runWorker({ isJson, graceMs, ...options }: WorkerRun, world: World): Promise<void> {
  const { stderr } = world
  const say = (line: string): void => stderr.write(`${stderr.isTerminal ? '\r\u001B[K' : ''}${line}\n`)
  const onTrouble = ({ message }: { message: string }): void =>
    say(`${stderr.paint('yellow', '!')} ${sanitizeForTerminal(message)}`)
  const worker = new Worker({ ...options, onTrouble, paces: { graceMs } })
  const stop = new AbortController()
  const watch = watchWorker(worker, { isJson, world })
  const undo = world.onStop(() => {
    undo()
    if (!isJson) say(viewWorkerDrain(watch.status()))
    stop.abort()
  })
  try {
    await worker.run(stop.signal)
  } finally {
    undo()
    watch.end()
  }
  if (!isJson) say(viewWorkerEnd(watch.status()))
}
