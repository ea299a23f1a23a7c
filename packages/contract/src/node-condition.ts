/**
 * What a node is to a job that wants GPUs. `open`: it takes jobs and has one to give. `full`: it takes jobs, but all its GPUs,
 * or its CPUs or memory, are in use. `held`: what is idle there is kept for others. `asleep`: switched off until a job wakes it.
 * `broken`: it takes none until it is mended.
 */
export const nodeConditions = ['open', 'full', 'held', 'asleep', 'broken'] as const
export type NodeCondition = (typeof nodeConditions)[number]

/** Why GPUs that would do cannot be had now. `stranded`: the CPUs or the memory beside them are in use. */
export const waitReasons = ['used', 'held', 'stranded', 'asleep', 'broken'] as const
export type WaitReason = (typeof waitReasons)[number]
