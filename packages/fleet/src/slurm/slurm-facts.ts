/** What is asked of Slurm to know which GPUs are to be had: all in one round trip, three questions to slurmctld. */
import type { ScriptRunner } from '../script-runner.ts'
import type { ClusterAccount } from '@pilothouse/contract'
import { parseAssociations } from './parse-accounting.ts'
import { parseQueue, queueFormat, type QueuedJob } from './parse-queue.ts'
import { parseNodes, parsePartitions, type SlurmNode, type SlurmPartition } from './parse-scontrol.ts'
import { runSlurm, type SlurmAskOptions } from './run-slurm.ts'
import { expectSuccess, type SlurmCommand } from './slurm-script.ts'

export type SlurmFacts = {
  /** When the answer was there, ms, by our clock. */
  at: number
  nodes: SlurmNode[]
  partitions: SlurmPartition[]
  /** Pending and running jobs of all users, as far as the cluster shows them. */
  queue: QueuedJob[]
}

const factCommands: readonly SlurmCommand[] = [
  { words: ['scontrol', '-d', 'show', 'node', '-o'] },
  // Without slurmctld each would block as long as the first.
  { words: ['scontrol', 'show', 'partition', '-o'], afterSuccess: true },
  { words: ['squeue', '-h', '-O', queueFormat], afterSuccess: true },
]

/**
 * Asks for nodes, partitions and queue.
 * @throws SlurmError `controller` or `slow` when nobody knows, `missing` where there is no Slurm; SshError
 */
export async function readSlurmFacts(
  runner: ScriptRunner,
  { now = Date.now, ...options }: SlurmAskOptions & { now?: () => number } = {},
): Promise<SlurmFacts> {
  const [nodes, partitions, queue] = await runSlurm(runner, factCommands, { ...options, mayRepeat: true })
  return {
    nodes: parseNodes(expectSuccess(runner.name, 'scontrol', nodes)),
    partitions: parsePartitions(expectSuccess(runner.name, 'scontrol', partitions)),
    queue: parseQueue(expectSuccess(runner.name, 'squeue', queue)),
    at: now(),
  }
}

/** Who we are to the cluster, and what it lets us do: it changes seldom. */
export type SlurmAccess = {
  user: string
  groups: string[]
  /** `slurm-wlm 22.05.8` */
  version: string
  /** null: the cluster has no accounting, or does not tell. */
  accounts: ClusterAccount[] | null
  /** Whether jobs need an account, and one of its QoS, to start. */
  enforcesAccounts: boolean
}

/** @throws SlurmError, SshError as `readSlurmFacts` */
export async function readSlurmAccess(runner: ScriptRunner, options: SlurmAskOptions = {}): Promise<SlurmAccess> {
  const commands: SlurmCommand[] = [
    { words: ['id', '-un'] },
    { words: ['id', '-Gn'] },
    { words: ['sinfo', '--version'] },
    { words: ['scontrol', 'show', 'config'], afterSuccess: true },
  ]
  const ask = { ...options, mayRepeat: true }
  const [name, groups, version, config] = await runSlurm(runner, commands, ask)
  const user = name?.stdout.trim() ?? ''
  const settings = expectSuccess(runner.name, 'scontrol', version?.code === 0 ? config : version)
  const read = (key: string): string => new RegExp(`^${key}\\s*= (.*)$`, 'm').exec(settings)?.[1] ?? ''
  const hasAccounting = read('AccountingStorageType') === 'accounting_storage/slurmdbd'
  return {
    user,
    groups: groups?.stdout.trim().split(/\s+/).filter(Boolean) ?? [],
    version: version?.stdout.trim() ?? '',
    accounts: hasAccounting ? await readAccounts(runner, user, options) : null,
    enforcesAccounts: /\b(associations|limits|qos|safe)\b/i.test(read('AccountingStorageEnforce')),
  }
}

/** null where accounting does not answer: then nobody is kept from anything. */
async function readAccounts(
  runner: ScriptRunner,
  user: string,
  options: SlurmAskOptions,
): Promise<ClusterAccount[] | null> {
  const words = ['sacctmgr', '-n', '-P', 'show', 'assoc', `user=${user}`, 'format=account,partition,qos']
  const [answer] = await runSlurm(runner, [{ words }], { ...options, mayRepeat: true })
  return answer?.code === 0 ? parseAssociations(answer.stdout) : null
}
