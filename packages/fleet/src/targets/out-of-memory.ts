/**
 * Runs that Slurm ended because they used more memory than they had asked for. With cgroups it has a state for that. Where it
 * watches by JobAcctGatherParams=OverMemoryKill it says FAILED (JobLaunchFailure), killed by signal 9, the wrapper too, and of a
 * step that was killed it says nothing: then only its word in the log tells.
 */
import { randomBytes } from 'node:crypto'
import { readMarked, runLimits, type RunOptions } from '../runs/runs.ts'
import { runFiles } from '../runs/run-wrapper.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { quotePath } from '../ssh/quote-shell.ts'
import type { RunStanding, TargetRun } from './target.ts'

/** Of the end of the log. */
const logBytesMax = 16 * 1024
/** 128 + 9 */
const killedCode = 137

/** One that was killed, and nobody says why. */
function mayLackMemory({ state, cause, exitCode }: RunStanding): boolean {
  if (state === 'lost') return true
  return state === 'ended' && cause === 'failed' && (exitCode === null || exitCode === killedCode)
}

/** One round trip for those of which it is not known, and none without. @throws SshError, ScriptError */
export async function tellOutOfMemory(
  runner: ScriptRunner,
  { runs, standings }: { runs: readonly TargetRun[]; standings: readonly RunStanding[] },
  { signal }: RunOptions,
): Promise<RunStanding[]> {
  const asked = standings.flatMap((standing, at) => (mayLackMemory(standing) ? at : []))
  if (asked.length === 0) return [...standings]
  const mark = `memory-${randomBytes(12).toString('hex')}`
  const script = [
    `look() { tail -c ${logBytesMax} "$2"/${runFiles.log} 2>/dev/null | LC_ALL=C grep -aqE '${memoryPattern}' && printf '\\n%s %s\\n' ${mark} "$1"; }`,
    ...asked.map((at) => `look ${at} ${quotePath(runs[at]?.folder ?? '')}`),
    'true',
  ].join('\n')
  const { timeoutMs } = runLimits
  const output = await runner.run(script, { timeoutMs, outputBytesMax: 64 * 1024, mayRepeat: true, signal })
  const found = new Set(readMarked(output.toString(), mark).map(Number))
  return standings.map((standing, at) =>
    found.has(at)
      ? { ...standing, state: 'ended', cause: 'outOfMemory', exitCode: standing.exitCode ?? killedCode }
      : standing,
  )
}

/** As `slurmstepd-r1: error: StepId=1.batch exceeded memory limit (429211648 > 104857600), being killed`, and with cgroups. */
const memoryPattern =
  '^slurmstepd[^ ]*: error: .*([Ee]xceeded (job |step )?memory limit|[Dd]etected [0-9]+ oom.kill event)'
