/**
 * P10: a whole submission, from the launch that somebody sends until Slurm has the job: plan, folder of the run, script,
 * sbatch, and what is noted of each step. Without code; over the connection that the control room keeps.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@pilothouse/client'
import { makePlace, startBenchServer } from './bench-server.ts'

const askMs = 5
const giveUpMs = 60_000

/**
 * How long each of `count` submissions took, ms; one more goes before, which connects.
 * @param configPath of ssh, with the host `lab`
 * @throws Error where Slurm has a job not within a minute
 */
export async function sampleSubmissions(configPath: string, count: number): Promise<number[]> {
  const place = makePlace()
  const server = await startBenchServer(place)
  try {
    const cluster = { name: 'lab', host: 'lab', ssh_config_path: configPath }
    writeFileSync(join(place.dataFolder, 'clusters.yaml'), JSON.stringify({ clusters: [cluster] }))
    const client = createClient({ baseUrl: server.url, token: server.adminToken })
    const submit = async (): Promise<number> => {
      const beganAt = performance.now()
      const { jobs } = await client.call('launches.create', { body: { spec: { target: 'lab', command: ['true'] } } })
      const uid = jobs[0]?.uid ?? ''
      while (performance.now() - beganAt < giveUpMs) {
        const { slurmId } = await client.call('launches.get', { params: { uid } })
        if (slurmId !== null) return performance.now() - beganAt
        await pause(askMs)
      }
      throw new Error(`Slurm did not get ${uid} within ${giveUpMs / 1000} s.`)
    }
    await submit()
    const ms: number[] = []
    while (ms.length < count) ms.push(await submit())
    return ms
  } finally {
    await server.stop()
    place.remove()
  }
}
