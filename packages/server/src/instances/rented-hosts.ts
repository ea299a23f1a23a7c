/** Ways to rented machines, as targets of launches. */
import { join } from 'node:path'
import type { HostSettings, InstanceFacts } from '@pilothouse/contract'
import { type InstanceWayOptions, prepareInstanceWay } from '@pilothouse/fleet'

/** What stands in a configuration of ssh must be a plain word: what a provider says could be anything. */
const plainHost = /^[A-Za-z0-9._:-]{1,253}$/
const plainUser = /^[a-z_][a-z0-9_-]{0,31}$/

export type RentedHost = { target: string; accountId: number; facts: InstanceFacts; trustsNewHosts: boolean }

/** Whether ssh can be told of it. */
export function isReachable({ ssh, status }: InstanceFacts): boolean {
  return status === 'running' && ssh !== null && plainHost.test(ssh.host) && plainUser.test(ssh.user)
}

/** Where keys of hosts of one account are kept, and which are believed. */
export function describeWays(
  dataFolder: string,
  { accountId, trustsNewHosts }: Pick<RentedHost, 'accountId' | 'trustsNewHosts'>,
): Pick<InstanceWayOptions, 'folder' | 'policy'> {
  const policy = trustsNewHosts ? 'accept-new' : 'known-only'
  return { folder: join(dataFolder, 'rented', String(accountId)), policy }
}

/** Writes down how ssh gets there, and gives what a target is opened by. Keys of hosts are kept apart for each account. */
export async function prepareRentedHost(dataFolder: string, rented: RentedHost): Promise<HostSettings> {
  const { target, facts } = rented
  const { host, configPath } = await prepareInstanceWay({ instance: facts, ...describeWays(dataFolder, rented) })
  return { name: target, host, ssh_config_path: configPath }
}
