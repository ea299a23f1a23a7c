/** The live jobs of P1 and P8: made through the real route, reporting from a process of their own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { BenchServer } from './bench-server.ts'
import { openConnection } from './http-connection.ts'
import type { LiveResult, LiveTask } from './live-client.ts'

/** Metrics of a live job, and its reports a second. */
export const livePace = { keys: 40, perSecond: 4 } as const

/** Makes running jobs, one after another. */
export async function makeLiveJobs({ url, adminToken }: BenchServer, count: number): Promise<string[]> {
  const connection = await openConnection(url)
  const uids = Array.from({ length: count }, (_, index) => `live-${index}-${Date.now().toString(36)}`)
  for (const uid of uids) {
    const body = Buffer.from(JSON.stringify({ name: uid, project: 'live', totalSteps: 10_000 }))
    const head = `PUT /api/jobs/${uid} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nauthorization: Bearer ${adminToken}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const answer = await connection.send(head, body)
    if (answer.status !== 200) throw new Error(`A job was refused: ${answer.status} ${answer.body}`)
  }
  connection.close()
  return uids
}

/** Lets them report until the time is over. */
export async function runLiveJobs(task: Omit<LiveTask, keyof typeof livePace>): Promise<LiveResult> {
  const child = fork(new URL('./live-client.ts', import.meta.url), { serialization: 'advanced' })
  child.send({ ...task, ...livePace })
  const [result] = (await once(child, 'message')) as [LiveResult] // our own process sent it
  child.disconnect()
  if (result.refused !== null) throw new Error(`A report was refused: ${result.refused}`)
  return result
}
