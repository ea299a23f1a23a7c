/** Launches to a machine behind a real sshd, whose way there can be cut. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LaunchStepName, launchSteps } from '@pilothouse/contract'
import { expect, vi } from 'vitest'
import { type SlowLine, startSlowLine, writeSlowConfig } from '../../../../lab/start-slow-line.ts'
import { type LabSshd, startSshd } from '../../../../lab/start-sshd.ts'

/** Each way takes so long: a step lasts long enough to be seen under way. */
const delayMs = 30

/** Goes on until the file that it is told lies in the home folder; each beginning is kept, with the process. */
export const lasting = `echo "$PILOTHOUSE_JOB $$" >> ~/begun
echo first
until [ -e ~/"$1" ]; do sleep 0.1; done
echo last
`

export type Far = {
  sshd: LabSshd
  lines: Record<LaunchStepName, SlowLine>
  /** For clusters.yaml: a host named as each step, with a line and a workspace of its own. */
  clusters: string
  /** Lets the lasting job that was told this word end. */
  go(word: string): void
  /** Processes of this job, one for each time that it began. */
  begun(uid: string): number[]
  /** What lies there that is no whole folder of this job, its code or its SDK. */
  findHalves(workspace: string, uid: string): string[]
  stop(): Promise<void>
}

/** @param args options of `lab/sshd` */
export async function startFar(args: readonly string[] = []): Promise<Far> {
  const sshd = await startSshd({ args })
  const home = join(sshd.folder, 'home')
  const started = await Promise.all(
    launchSteps.map(async (name) => [name, await startSlowLine(sshd.port, delayMs)] as const),
  )
  const hosts = started.map(([name, line]) => ({
    name,
    host: 'lab',
    ssh_config_path: writeSlowConfig(sshd, line),
    workspace: `~/${name}`,
  }))
  const list = (...path: string[]): string[] => {
    const folder = join(home, ...path)
    return existsSync(folder) ? readdirSync(folder) : []
  }
  return {
    sshd,
    lines: Object.fromEntries(started) as Far['lines'], // one for each step
    clusters: JSON.stringify({ hosts }),
    go: (word) => writeFileSync(join(home, word), ''),
    begun: (uid) => {
      const text = list().includes('begun') ? readFileSync(join(home, 'begun'), 'utf8') : ''
      const lines = text.split('\n').map((one) => one.split(' '))
      return lines.flatMap(([job, pid]) => (job === uid ? [Number(pid)] : []))
    },
    findHalves: (workspace, uid) => [
      ...list(workspace, 'runs').filter((name) => name !== uid),
      ...list(workspace, 'code').filter((name) => !/^[0-9a-f]{64}$/.test(name)),
    ],
    stop: async () => {
      for (const [, line] of started) await line.stop()
      await sshd.stop()
    },
  }
}

type Steps = { step: LaunchStepName; state: string }[]

/** Resolves in the middle of a step, as nearly as it can be seen; of the last one: once the job was started. */
export async function untilUnderWay(read: () => Promise<{ steps: Steps }>, step: LaunchStepName): Promise<void> {
  const wanted = step === 'start' ? 'submit' : step
  const early = step === 'start' ? ['waiting', 'active'] : ['waiting']
  await vi.waitFor(
    async () => expect(early).not.toContain((await read()).steps.find((one) => one.step === wanted)?.state),
    { timeout: 60_000, interval: 5 },
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
