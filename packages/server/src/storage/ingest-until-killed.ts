/**
 * A process that reports into a storage of its own until somebody kills it: for the test that does so. Each line that it
 * prints is the number of a report whose acknowledgement it has seen. Arguments: data folder, first number,
 * address of a PostgreSQL database if it is to be there.
 */
import { PilothouseError, encodeReport, jobCreate } from '@pilothouse/contract'
import { startStorage } from './start-storage.ts'

const [dataFolder = '', first = '1', url] = process.argv.slice(2)
const onDeath = (error: unknown) => {
  process.stderr.write(`${String(error)}\n`)
  process.exit(3)
}
const storage = await startStorage({ dataFolder, databaseUrl: url || undefined, lostAfterMs: 900_000, onDeath })
const { id } = await storage.call('access.ensure-admin', { name: 'admin' })
const actor = { memberId: id, all: true, jobUid: null }
await storage.call('jobs.put', { uid: 'job-1', body: jobCreate.parse({ attempt: { number: 1 } }), actor })

/** What report `number` carries: told anew after the kill, it must be the same. */
function makeReport(number: number): Uint8Array {
  const steps = Array.from({ length: 50 }, (_, row) => number * 50 + row)
  const lines = [`report ${number} line 0`, `report ${number} line 1`]
  return encodeReport({
    attempt: 1,
    writer: 'w',
    number,
    role: 'sdk',
    sentAt: Date.now(),
    points: [{ source: 'job', keys: ['loss', 'acc'], steps, times: steps, values: [steps, steps] }],
    logs: [{ stream: 'stdout', times: [0, 0], lines }],
  })
}

/** As every sender does: what is not acknowledged is sent again. */
async function send(number: number): Promise<void> {
  try {
    await storage.call('telemetry.append', { uid: 'job-1', actor, format: 'frame', bytes: makeReport(number) })
  } catch (error) {
    if (!(error instanceof PilothouseError) || error.code !== 'unavailable') throw error
    await new Promise((resolve) => setTimeout(resolve, 20))
    return send(number)
  }
}

async function sendFrom(start: number): Promise<never> {
  for (let number = start; ; number += 8) {
    await send(number)
    process.stdout.write(`${number}\n`)
  }
}

// Eight senders: groups of several reports, and reports out of order.
await Promise.all(Array.from({ length: 8 }, (_, at) => sendFrom(Number(first) + at)))
