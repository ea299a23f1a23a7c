/** Everything that can be asked of the storage thread, by name. */
import { getStatus } from './get-status.ts'
import type { Operation } from './operation.ts'

export const operations = {
  'storage.status': getStatus,
}

export type OperationName = keyof typeof operations
export type OperationInput<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer Input, infer _Output> ? Input : never
export type OperationOutput<Name extends OperationName> =
  (typeof operations)[Name] extends Operation<infer _Input, infer Output> ? Output : never
