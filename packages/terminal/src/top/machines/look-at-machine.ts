import type { InstanceFacts } from '@pilothouse/contract'
import type { MachineLook } from './machine-state.ts'

/**
 * Looks at one machine: its log beyond `after`, which the look before gave as its place (null: the end of what is there),
 * and its GPUs. @throws Error with a message for people
 */
export type LookAtMachine = (
  machine: InstanceFacts,
  ask: { after: unknown; linesMax: number; signal: AbortSignal },
) => Promise<MachineLook & { place: unknown }>
