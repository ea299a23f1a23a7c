/** What Slurm's accounting keeps: jobs that have ended (`sacct -X -P -n -D`), and accounts of a user (`sacctmgr`). */
import type { ClusterAccount } from '@pilothouse/contract'
import { parseMoment } from './slurm-time.ts'

/** For `sacct --format`. */
export const accountingFields = [
  'JobID',
  'State',
  'ExitCode',
  'Submit',
  'Start',
  'End',
  'ElapsedRaw',
  'NodeList',
] as const

export type AccountedJob = {
  id: string
  /** In Slurm's words: COMPLETED, FAILED, TIMEOUT, PREEMPTED, REQUEUED, …; what stands behind it is in `by`. */
  state: string
  /** Number of the user who cancelled it; null where nobody did. */
  cancelledBy: number | null
  exitCode: number | null
  /** Signal that ended it, or null. */
  signal: number | null
  submittedAt: number | null
  startedAt: number | null
  endedAt: number | null
  elapsedSeconds: number
  nodeList: string
}

/** One for each time that a job ran: a requeued one stands there again. Lines that are no jobs are left out. Never throws. */
export function parseAccounting(text: string): AccountedJob[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', said = '', exit = '', submit = '', start = '', end = '', elapsed = '', ...nodes] = line.split('|')
    if (!/^\d+(_|$)/.test(id) || said === '') return []
    const [, code, signal] = /^(\d+):(\d+)$/.exec(exit) ?? []
    const [, by] = /^CANCELLED by (\d+)$/.exec(said) ?? []
    return {
      id,
      state: said.split(' ')[0] ?? said,
      cancelledBy: by === undefined ? null : Number(by),
      exitCode: code === undefined ? null : Number(code),
      signal: signal === undefined || signal === '0' ? null : Number(signal),
      submittedAt: parseMoment(submit),
      startedAt: parseMoment(start),
      endedAt: parseMoment(end),
      elapsedSeconds: /^\d{1,12}$/.test(elapsed) ? Number(elapsed) : 0,
      nodeList: nodes.join('|') === 'None assigned' ? '' : nodes.join('|'),
    }
  })
}

/** `sacctmgr -n -P show assoc format=account,partition,qos`: one association a line. Never throws. */
export function parseAssociations(text: string): ClusterAccount[] {
  return text.split('\n').flatMap((line) => {
    const [account = '', partition = '', qos = '', ...more] = line.split('|')
    if (!line.includes('|') || more.length > 0 || account === '') return []
    return { account, partition: partition || null, qos: qos.split(',').filter(Boolean) }
  })
}
