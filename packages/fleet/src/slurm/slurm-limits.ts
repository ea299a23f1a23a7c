/** What of a cluster a user is shown: as its configuration says, and as Slurm lets them. */
import type { StartObstacle } from '@pilothouse/contract'
import type { SlurmPartition } from './parse-scontrol.ts'
import type { SlurmAccess } from './slurm-facts.ts'

/** A GPU type by the name that the configuration gives it, and what Slurm calls it. */
export type GpuTypeName = { name: string; gres: readonly string[] }

export type SlurmLimits = {
  /** null: all. */
  allowedPartitions: readonly string[] | null
  /** null: all, as Slurm calls them. A name always stands for itself, too. */
  gpuTypes: readonly GpuTypeName[] | null
  /** null: nobody knows; then nothing is kept back. */
  access: Omit<SlurmAccess, 'version'> | null
}

/** What keeps the user from a partition; none when they may use it. */
export function findBarriers(partition: SlurmPartition, { allowedPartitions, access }: SlurmLimits): StartObstacle[] {
  if (allowedPartitions !== null && !allowedPartitions.includes(partition.name))
    return [{ kind: 'partition', allowed: [...allowedPartitions] }]
  // Slurm lets root in everywhere.
  if (access === null || access.user === 'root') return []
  return [...checkGroups(partition, access.groups), ...checkAccounts(partition, access)]
}

function checkGroups({ allowedGroups, isRootOnly }: SlurmPartition, groups: readonly string[]): StartObstacle[] {
  if (isRootOnly) return [{ kind: 'group', allowed: ['root'] }]
  if (allowedGroups === null || allowedGroups.some((group) => groups.includes(group))) return []
  return [{ kind: 'group', allowed: allowedGroups }]
}

function checkAccounts(
  partition: SlurmPartition,
  { accounts, enforcesAccounts }: Pick<SlurmAccess, 'accounts' | 'enforcesAccounts'>,
): StartObstacle[] {
  if (accounts === null || (accounts.length === 0 && !enforcesAccounts)) return []
  const { name, allowedAccounts, deniedAccounts, allowedQos, deniedQos } = partition
  const usable = accounts.filter(
    ({ account, partition: only }) =>
      (only === null || only === name) &&
      !deniedAccounts.includes(account) &&
      (allowedAccounts === null || allowedAccounts.includes(account)),
  )
  if (usable.length === 0) return [{ kind: 'account', allowed: allowedAccounts ?? [] }]
  const qos = usable.flatMap((one) => one.qos)
  if (qos.length === 0) return []
  const fits = qos.some((one) => !deniedQos.includes(one) && (allowedQos === null || allowedQos.includes(one)))
  return fits ? [] : [{ kind: 'qos', allowed: allowedQos ?? [] }]
}

/** `name`: null where Slurm names no type. Undefined: a type that is not to be shown. */
export type NameGpuType = (gres: string | null) => { name: string | null } | undefined

export function makeTypeNamer(gpuTypes: SlurmLimits['gpuTypes']): NameGpuType {
  if (gpuTypes === null) return (gres) => ({ name: gres })
  const names = new Map<string, string>()
  for (const { name, gres } of gpuTypes)
    for (const one of [name, ...gres]) if (!names.has(one.toLowerCase())) names.set(one.toLowerCase(), name)
  return (gres) => {
    const name = gres === null ? null : names.get(gres.toLowerCase())
    return name === undefined ? undefined : { name }
  }
}
