/** A real script that is steered, seen from outside: how long it takes until a value that is sent takes effect. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pilothouse/client'
import type { BenchServer } from './bench-server.ts'
import { findPython } from '../../lab/find-python.ts'

const script = fileURLToPath(new URL('../python/p6.py', import.meta.url))
const sdk = fileURLToPath(new URL('../../python/src', import.meta.url))
const giveUpMs = 60_000

export type SteeredLoop = {
  /** Of one control point with nothing waiting, ns; null where it was not measured. */
  costNs: number | null
  /** From `PUT` to the moment when it has been applied, ms, by the same clock. */
  set(): Promise<number>
  stop(): Promise<void>
}

type LoopOptions = {
  server: BenchServer
  uid: string
  /** How long a step takes, ms. */
  stepMs: number
  ranks?: number
  environment: Record<string, string>
}

/** Starts it and waits until it can be told something. */
export async function startSteeredLoop(options: LoopOptions): Promise<SteeredLoop> {
  const { server, uid, stepMs, ranks = 1, environment } = options
  const launcher = ranks > 1 ? ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(ranks)] : []
  const child = spawn(findPython(), [...launcher, script, '--pause', String(stepMs / 1_000)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment, PILOTHOUSE_JOB: uid, PYTHONPATH: sdk, OMP_NUM_THREADS: '1' },
  })
  const heard = new Map<string, number>()
  let costNs: number | null = null
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, value = '', at] = line.split(' ')
    if (word === 'cost') costNs = Number(value)
    if (word === 'applied') heard.set(value, Number(at) * 1_000)
  })
  const client = createClient({ baseUrl: server.url, token: server.adminToken })
  await waitFor(async () => {
    const page = await client.call('commands.list', { params: { uid } }).catch(() => null) // not there yet
    return page?.controls?.kinds.includes('set') ?? false
  })
  if (ranks === 1) await waitFor(() => Promise.resolve(costNs !== null))
  let value = 0
  return {
    costNs,
    set: async () => {
      value += 1
      const sentAt = performance.timeOrigin + performance.now()
      await client.call('parameters.set', { params: { uid, key: 'lr' }, body: { value } })
      await waitFor(() => Promise.resolve(heard.has(String(value))))
      return (heard.get(String(value)) ?? 0) - sentAt
    },
    // In order: a launcher of ranks that is ended by a signal complains at length.
    stop: async () => {
      const ended = once(child, 'exit')
      await client.call('jobs.stop', { params: { uid }, body: { checkpointFirst: false } })
      await ended
    },
  }
}

async function waitFor(isReached: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + giveUpMs
  while (performance.now() < until) {
    if (await isReached()) return
    await pause(2)
  }
  throw new Error(`The script did not answer within ${giveUpMs / 1_000} s.`)
}
