/** The lab's real Slurm, for tests. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type LabSlurm = {
  /** For SLURM_CONF. */
  configPath: string
  /** An unprivileged user to submit as. */
  user: string
  folder: string
  /** Ends slurmctld (`controller`), or the slurmd of a node; jobs go on. */
  end(name: string): Promise<void>
  start(name: string): Promise<void>
  /** Leaves it there, without answers. */
  freeze(name: string): Promise<void>
  thaw(name: string): Promise<void>
  /** Ends everything, jobs too. */
  stop(): Promise<void>
}

/**
 * Starts a Slurm with two partitions, four nodes and GPUs of two types, as `lab/slurm` says. It takes root.
 * @param options.args options of `lab/slurm`
 */
export async function startSlurm(options: { args?: readonly string[] } = {}): Promise<LabSlurm> {
  const folder = mkdtempSync(join(tmpdir(), 'ph-slurm-'))
  const script = fileURLToPath(new URL('slurm', import.meta.url))
  const child = spawn(script, [folder, ...(options.args ?? [])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close').then(() => [''])
  const lines = createInterface(child.stdout)
  const readLine = async (): Promise<string> => String((await Promise.race([once(lines, 'line'), closed]))[0])
  const line = await readLine()
  const [, configPath, user] = /^ready (\S+) (\S+)$/.exec(line) ?? []
  if (configPath === undefined || user === undefined) {
    await closed
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`lab/slurm did not start (${line})`)
  }
  const order = async (text: string): Promise<void> => {
    child.stdin.write(`${text}\n`)
    if ((await readLine()) !== 'done') throw new Error(`«${text}» failed`)
  }
  return {
    configPath,
    user,
    folder,
    end: (name) => order(`stop ${name}`),
    start: (name) => order(`start ${name}`),
    freeze: (name) => order(`freeze ${name}`),
    thaw: (name) => order(`thaw ${name}`),
    stop: async () => {
      child.stdin.end()
      await closed
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
