/** Why a checkpoint was made: somebody asked for it, its time had come, the script chose to, or it is the best so far. */
export const checkpointKinds = ['manual', 'scheduled', 'automatic', 'best'] as const
export type CheckpointKind = (typeof checkpointKinds)[number]

/**
 * What is known of its files: there; to be deleted when its time to come back is over; deleted; not where they were; other
 * bytes than were written.
 */
export const checkpointStates = ['present', 'deleting', 'deleted', 'missing', 'corrupt'] as const
export type CheckpointState = (typeof checkpointStates)[number]
