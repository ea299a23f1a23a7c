import { endOperations, endReads } from './end-operations.ts'
import { leaseOperations } from './lease-operations.ts'
import { resultOperations, resultReads } from './result-operations.ts'

export const workOperations = { ...leaseOperations, ...resultOperations, ...endOperations }
export const workReads = [...resultReads, ...endReads] as const
