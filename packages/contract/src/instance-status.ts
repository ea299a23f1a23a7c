/**
 * How a rented machine stands, whatever its provider calls it.
 *
 * `created`: ordered, nothing of it runs. `loading`: its image is fetched, or it starts. `running`. `stopped`: kept and billed for its
 * disk. `exited`: its container ended by itself. `offline`: the provider does not reach it. `gone`: the provider no longer lists it.
 * `unknown`: a word that we do not know.
 */
export const instanceStatuses = [
  'created',
  'loading',
  'running',
  'stopped',
  'exited',
  'offline',
  'gone',
  'unknown',
] as const
export type InstanceStatus = (typeof instanceStatuses)[number]

/** Providers of rented machines. `mock` invents its machines, and says so wherever they are shown. */
export const providerKinds = ['vast', 'runpod', 'mock'] as const
export type ProviderKind = (typeof providerKinds)[number]

/** Those at which there are accounts. */
export const rentedProviderKinds = ['vast', 'runpod'] as const satisfies readonly ProviderKind[]
export type RentedProviderKind = (typeof rentedProviderKinds)[number]

export const instanceActions = ['start', 'stop', 'destroy'] as const
export type InstanceAction = (typeof instanceActions)[number]
