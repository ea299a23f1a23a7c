import type { Reporter } from '@pilothouse/client'
import { HostSampler, readHostFacts } from '@pilothouse/fleet'

const everyMs = 2_000

export type SampleOptions = {
  /** Root of the job's processes. */
  pid: number
  folder: string
  env: NodeJS.ProcessEnv
  /** Where the job stands, for the step axis of resource charts. */
  step: () => number
}

/** Reports what this machine and the job's processes use, every two seconds. Returns its undo. */
export function sampleHost(reporter: Reporter, { pid, folder, env, step }: SampleOptions): () => void {
  const sampler = new HostSampler({ pid, diskPath: folder, env, intervalMs: everyMs })
  sampler.start()
  const timer = setInterval(() => void report(), everyMs)
  void readHostFacts({ env }).then((hardware) => reporter.patchJob({ hardware }, 'sampler'))
  return () => {
    clearInterval(timer)
    sampler.stop()
  }

  async function report(): Promise<void> {
    for (const { source, metrics } of await sampler.sample()) {
      reporter.addPoint({ source, step: step(), metrics, role: 'sampler' })
    }
  }
}
