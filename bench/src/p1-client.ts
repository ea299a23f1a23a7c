/**
 * The reporting side of P1, a process of its own: several jobs, each on its own connection, each sending its next report
 * once the last one was acknowledged, as the SDK does. Tells its parent how many points were acknowledged, and how long
 * each acknowledgement took.
 */
import { encodeReport, frameContentType } from '@pilothouse/contract/wire'
import { openConnection } from './http-connection.ts'

export type ReportForm = 'binary' | 'json'
export type P1Task = { url: string; token: string; uids: string[]; form: ReportForm; warmMs: number; measureMs: number }
export type P1Result = {
  points: number
  elapsedMs: number
  ackMs: number[]
  refused: string | null
  /** Reports sent, warm-up included. */
  reports: number
  /** What this process itself took meanwhile. */
  cpuMs: number
}

const keys = Array.from({ length: 10 }, (_, index) => `metric/${index}`)
const rows = 100
const pointsPerReport = keys.length * rows
/** Ready-made bodies that are sent in turn with their number put in: encoding is not what is measured. */
const bodiesMade = 32
/** Ten digits wide, so that every later number fits into its place. */
const numberPlace = 9_999_999_999

process.once('message', (task: P1Task) => {
  void run(task).then((result) => process.send?.(result))
})

async function run(task: P1Task): Promise<P1Result> {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()]
  const measureFrom = startedAt + task.warmMs
  const measureTo = measureFrom + task.measureMs
  const result: P1Result = { points: 0, elapsedMs: task.measureMs, ackMs: [], refused: null, reports: 0, cpuMs: 0 }
  await Promise.all(task.uids.map((uid) => reportJob(uid, { task, result, measureFrom, measureTo })))
  const { user, system } = process.cpuUsage(cpu)
  result.cpuMs = (user + system) / 1000
  return result
}

type Run = { task: P1Task; result: P1Result; measureFrom: number; measureTo: number }

async function reportJob(uid: string, { task, result, measureFrom, measureTo }: Run): Promise<void> {
  const connection = await openConnection(task.url)
  const bodies = Array.from({ length: bodiesMade }, (_, index) => makeBody(task.form, index))
  for (let number = 1; performance.now() < measureTo && result.refused === null; number += 1) {
    const body = bodies[number % bodiesMade]
    if (body === undefined) break
    body.bytes.set(Buffer.from(String(number).padStart(10, ' ')), body.numberAt)
    const head = makeHead(uid, task, body.bytes.length)
    const sentAt = performance.now()
    const answer = await connection.send(head, body.bytes)
    const ackAt = performance.now()
    result.reports += 1
    if (answer.status !== 200) result.refused = `${answer.status} ${answer.body}`
    if (ackAt < measureFrom || ackAt > measureTo) continue
    result.points += pointsPerReport
    result.ackMs.push(ackAt - sentAt)
  }
  connection.close()
}

function makeHead(uid: string, { url, token, form }: P1Task, length: number): string {
  const type = form === 'binary' ? frameContentType : 'application/json'
  return `POST /api/jobs/${uid}/reports HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${token}\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`
}

/** One report of a hundred steps of ten metrics that wander as losses do. */
function makeBody(form: ReportForm, seed: number): { bytes: Uint8Array; numberAt: number } {
  const now = Date.now()
  const block = {
    source: 'job',
    keys,
    steps: Array.from({ length: rows }, (_, row) => seed * rows + row),
    times: Array.from({ length: rows }, (_, row) => now + seed * 1000 + row * 10),
    values: keys.map((_, key) =>
      Array.from({ length: rows }, (__, row) => Math.fround(2 / (1 + key + row + seed) + Math.random() / 50)),
    ),
  }
  const report = {
    attempt: 1,
    writer: 'bench',
    number: numberPlace,
    role: 'sdk' as const,
    sentAt: now,
    points: [block],
  }
  const bytes = form === 'binary' ? encodeReport(report) : new TextEncoder().encode(JSON.stringify(report))
  return { bytes, numberAt: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(String(numberPlace)) }
}
