/** What `index.ts` gives away of rented machines, costs and budgets, by name. */
export { instanceStatuses, providerKinds } from './instance-status.ts'
export type { InstanceStatus, ProviderKind } from './instance-status.ts'
export { instanceFacts } from './instance.ts'
export type { InstanceFacts } from './instance.ts'
