/**
 * How a run ended that Slurm has begun anew since: what accounting says, what the wrapper kept, and what Slurm wrote into its
 * log. Where none of them says more, it was put back into the queue.
 */
import { randomBytes } from 'node:crypto'
import { parseExit, readMarked, runLimits, type RunExit, type RunOptions } from '../runs/runs.ts'
import { runFiles } from '../runs/run-wrapper.ts'
import type { ScriptRunner } from '../script-runner.ts'
import type { AccountedJob } from '../slurm/parse-accounting.ts'
import { quotePath } from '../ssh/quote-shell.ts'
import { endCauses } from './judge-slurm-run.ts'
import type { RunCause, RunEnd } from './target.ts'

/** Of its log, in which Slurm's word stands at the end of each beginning. */
const logBytesMax = 64 * 1024

/** What a run folder tells of earlier beginnings. */
export type EarlierTrace = {
  records: readonly RunExit[]
  /** Slurm's word for the last one, as `PREEMPTION`; null for none. */
  word: string | null
}

export type EarlierEvidence = EarlierTrace & {
  /** Of the beginning that is asked for: how often it was begun anew before. */
  restarts: number
  /** Of the job, the newest last. */
  accounted: readonly AccountedJob[] | null
  /** When it was put back into the queue, ms. */
  requeuedAt: number | null
}

export function judgeEarlierEnd({ restarts, records, word, accounted, requeuedAt }: EarlierEvidence): RunEnd {
  const record = records.find((one) => one.restarts === restarts) ?? null
  const account = accounted?.[restarts] ?? null
  const endedAt = record?.endedAt ?? account?.endedAt ?? requeuedAt
  return { restarts, cause: findCause(record, account, word), exitCode: record?.exitCode ?? null, endedAt }
}

/** A job that puts itself back, because it has to make room, is a requeued one for Slurm. */
function findCause(record: RunExit | null, account: AccountedJob | null, word: string | null): RunCause {
  if (record?.isPreempted) return 'preempted'
  const told = endCauses[account?.state ?? ''] ?? wordCauses[word ?? '']
  if (told !== undefined) return told
  // What Slurm ends, it says of in the log: this ended by itself.
  if (record !== null && account === null && word === null) return record.exitCode === 0 ? 'completed' : 'failed'
  return 'requeued'
}

const wordCauses: Readonly<Record<string, RunCause>> = {
  'NODE FAILURE': 'nodeFailure',
  PREEMPTION: 'preempted',
}

/** In one round trip, in the order of the folders; times by the clock there. @throws SshError, ScriptError */
export async function readEarlierTraces(
  runner: ScriptRunner,
  folders: readonly string[],
  { signal }: RunOptions,
): Promise<EarlierTrace[]> {
  const mark = `earlier-${randomBytes(12).toString('hex')}`
  const script = [
    `say() { sed "s/^/${mark} $1 /"; }`,
    `trace() { cd "$2" 2>/dev/null || return; cat ${runFiles.earlier} ${runFiles.exit} 2>/dev/null | say "$1"; tail -c ${logBytesMax} ${runFiles.log} 2>/dev/null | LC_ALL=C grep -a '${logPattern}' | tail -n 1 | say "$1"; }`,
    ...folders.map((folder, at) => `( trace ${at} ${quotePath(folder)} )`),
  ].join('\n')
  const { timeoutMs } = runLimits
  const output = await runner.run(script, { timeoutMs, outputBytesMax: 1024 * 1024, mayRepeat: true, signal })
  const lines = readMarked(output.toString(), mark)
  return folders.map((_, at) => {
    const own = lines.filter((line) => line.startsWith(`${at} `)).map((line) => line.slice(`${at} `.length))
    return { records: own.flatMap((line) => parseExit(line) ?? []), word: readWord(own) }
  })
}

/** As `slurmstepd-a1: error: *** JOB 3 ON a1 CANCELLED AT 2026-11-30T10:09:40 DUE TO JOB REQUEUE ***`. */
const logPattern =
  '^slurmstepd[^ ]*: error: \\*\\*\\* [JS][OT][BE]P* [^ ]* ON [^ ]* CANCELLED AT .* DUE TO .* \\*\\*\\*$'

function readWord(lines: readonly string[]): string | null {
  return lines.flatMap((line) => / DUE TO ([A-Z ]+) \*\*\*$/.exec(line)?.[1] ?? []).at(-1) ?? null
}
