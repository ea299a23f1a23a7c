import type { ClusterSettings, GpuAvailability } from '@pilothouse/contract'
import { computeAvailability, type SlurmAccess, type SlurmFacts, type SlurmLimits } from '@pilothouse/fleet'

type Read = { facts: SlurmFacts; access: SlurmAccess }
export type ClusterFacts = {
  facts: SlurmFacts
  limits: SlurmLimits
  availability: GpuAvailability
  /** What the settings name and the cluster does not have. */
  notices: string[]
}

/** What is to be shown of a cluster, as its settings want it. */
export function applySettings(settings: ClusterSettings, { facts, access }: Read): ClusterFacts {
  const { allowed_partitions = null, allowed_gpu_types, gpu_aliases = {} } = settings
  const everything: SlurmLimits = { allowedPartitions: null, gpuTypes: null, access }
  const aliased = Object.entries(gpu_aliases).map(([name, gres]) => ({ name, gres }))
  const gresOf = (name: string): readonly string[] => gpu_aliases[name] ?? []
  const allGres = (): string[] => computeAvailability(facts, everything).types.flatMap(({ gres }) => gres)
  const gpuTypes =
    allowed_gpu_types?.map((name) => ({ name, gres: gresOf(name) })) ??
    (aliased.length === 0 ? null : [...aliased, ...allGres().map((name) => ({ name, gres: [] }))])
  const limits = { ...everything, allowedPartitions: allowed_partitions, gpuTypes }
  const availability = computeAvailability(facts, limits)
  return { facts, limits, availability, notices: [...findMissingPartitions(), ...findMissingTypes()] }

  function findMissingPartitions(): string[] {
    const known = facts.partitions.map(({ name }) => name)
    const missing = (allowed_partitions ?? []).filter((name) => !known.includes(name))
    return missing.map((name) => `allowed_partitions names «${name}»; the cluster has ${known.join(', ')}.`)
  }

  function findMissingTypes(): string[] {
    if (allowed_gpu_types === undefined) return []
    const known = allGres()
    const isKnown = (name: string): boolean => known.some((one) => one.toLowerCase() === name.toLowerCase())
    const missing = allowed_gpu_types.filter((name) => ![name, ...gresOf(name)].some(isKnown))
    const has = known.length > 0 ? `the cluster has ${known.join(', ')}` : 'the cluster names no types'
    return missing.map(
      (name) => `allowed_gpu_types names «${name}»; ${has}. gpu_aliases can tell what it is called there.`,
    )
  }
}
