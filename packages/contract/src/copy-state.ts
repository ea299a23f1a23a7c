/**
 * The life of a copy of a checkpoint in the control room.
 *
 *   waiting     asked for; nothing of it has come
 *   copying     its bytes come, or are compared with their checksums
 *   copied      whole, and what was written
 *   failed      it says why; it can be asked for again
 */
export const copyStates = ['waiting', 'copying', 'copied', 'failed'] as const
export type CopyState = (typeof copyStates)[number]
