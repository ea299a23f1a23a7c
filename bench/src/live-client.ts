/**
 * Many jobs that report at a steady pace, a process of its own: each on its own connection, 40 metrics a report, four reports a
 * second, as the SDK does it. A report that is due while the one before is under way waits for it, and is late then.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { openConnection } from './http-connection.ts'

export type LiveTask = {
  url: string
  token: string
  uids: string[]
  keys: number
  perSecond: number
  warmMs: number
  measureMs: number
}

export type LiveResult = {
  /** Reports that fell due within the time measured. */
  due: number
  /** Acknowledged within one period from when they fell due. */
  inTime: number
  /** From sending to the acknowledgement. */
  ackMs: number[]
  refused: string | null
  cpuMs: number
}

process.once('message', (task: LiveTask) => {
  void run(task).then((result) => process.send?.(result))
})

type Run = { task: LiveTask; result: LiveResult; startedAt: number }

async function run(task: LiveTask): Promise<LiveResult> {
  const cpu = process.cpuUsage()
  const result: LiveResult = { due: 0, inTime: 0, ackMs: [], refused: null, cpuMs: 0 }
  const startedAt = performance.now()
  await Promise.all(task.uids.map((uid, at) => reportJob({ uid, at }, { task, result, startedAt })))
  const { user, system } = process.cpuUsage(cpu)
  result.cpuMs = (user + system) / 1000
  return result
}

async function reportJob({ uid, at }: { uid: string; at: number }, { task, result, startedAt }: Run): Promise<void> {
  const connection = await openConnection(task.url)
  const periodMs = 1000 / task.perSecond
  const keys = Array.from({ length: task.keys }, (_, key) => `metric/${key}`)
  const measureFrom = startedAt + task.warmMs
  const firstDue = startedAt + (at / task.uids.length) * periodMs
  for (let number = 1; result.refused === null; number += 1) {
    const due = firstDue + number * periodMs
    if (due >= measureFrom + task.measureMs) break
    const early = due - performance.now()
    if (early > 0) await pause(early)
    const body = makeReport({ number, keys, seed: at })
    const sentAt = performance.now()
    const answer = await connection.send(makeHead(uid, task, body.length), body)
    const ackAt = performance.now()
    if (answer.status !== 200) result.refused = `${answer.status} ${answer.body}`
    if (due < measureFrom) continue
    result.due += 1
    if (ackAt - due <= periodMs) result.inTime += 1
    result.ackMs.push(ackAt - sentAt)
  }
  connection.close()
}

/** One step of every metric. */
function makeReport({ number, keys, seed }: { number: number; keys: string[]; seed: number }): Uint8Array {
  const time = Date.now()
  const values = keys.map((_, key) => [Math.fround(2 / (1 + key + number / 100 + seed / 500) + Math.random() / 50)])
  const points = [{ source: 'job', keys, steps: [number], times: [time], values }]
  return encodeReport({ attempt: 1, writer: 'live', number, role: 'sdk', sentAt: time, points })
}

function makeHead(uid: string, { url, token }: LiveTask, length: number): string {
  return `POST /api/jobs/${uid}/reports HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${token}\r\ncontent-type: ${frameContentType}\r\ncontent-length: ${length}\r\n\r\n`
}
