/** All operations of the storage on batches. */
import { intakeOperations, intakeReads } from './intake-operations.ts'
import { letterOperations } from './letter-operations.ts'
import { readOperations } from './read-operations.ts'

export const batchOperations = { ...intakeOperations, ...letterOperations, ...readOperations }
const ownReads = Object.keys({ ...letterOperations, ...readOperations }) as (
  | keyof typeof letterOperations
  | keyof typeof readOperations
)[] // keys of literal objects
export const batchReads = [...intakeReads, ...ownReads]
