/**
 * A shell on a rented machine: by the OpenSSH client, with the user's own configuration, keys and agent. Addresses of rented
 * machines are given to others after them, so keys of hosts are kept by machine and not by address, in a file of the caller's.
 */
import { access, mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { InstanceFacts } from '@pilothouse/contract'
import { SshError } from '../ssh/ssh-error.ts'
import { SshLink, type SshLinkOptions } from '../ssh/ssh-link.ts'

/** `known-only`: no other key than one that is in the file. `accept-new`: the first that is seen, and no other from then on. */
export type HostKeyPolicy = 'known-only' | 'accept-new'

export type InstanceWayOptions = {
  instance: Pick<InstanceFacts, 'provider' | 'id' | 'ssh'>
  /** For the keys of hosts of one account; only this user can enter it. */
  folder: string
  policy: HostKeyPolicy
  /** In place of the user's own configuration of ssh. */
  configPath?: string | undefined
}

export type InstanceWay = Pick<SshLinkOptions, 'host'> & {
  configPath: string
  /** What the machine's key stands under in the file. */
  alias: string
  knownHostsPath: string
}

/**
 * Writes down how ssh gets to a machine, for whoever connects by themselves.
 * @throws SshError `usage` where it has no address (yet)
 */
export async function prepareInstanceWay({
  instance,
  folder,
  policy,
  configPath = join(homedir(), '.ssh', 'config'),
}: InstanceWayOptions): Promise<InstanceWay> {
  const { provider, id, ssh } = instance
  const alias = `${provider}-${id}`
  if (ssh === null || !/^[\w-]+$/.test(alias))
    throw new SshError(
      'usage',
      `${alias} has no address for ssh.`,
      'It may still be starting, or was made without ssh.',
    )
  const [file, knownHostsPath] = [join(folder, `${alias}.config`), join(folder, 'known_hosts')]
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const settings = [
    `HostKeyAlias ${alias}`,
    `UserKnownHostsFile ${quoteConfig(knownHostsPath)}`,
    'GlobalKnownHostsFile /dev/null',
    `StrictHostKeyChecking ${policy === 'accept-new' ? 'accept-new' : 'yes'}`,
    'CheckHostIP no',
    'HashKnownHosts no',
  ]
  // For this host alone: what is on the way to it reads the same file.
  const own = [`Host ${ssh.host}`, ...settings.map((line) => `  ${line}`), 'Match all']
  const others = (await exists(configPath)) ? [`  Include ${quoteConfig(configPath)}`] : []
  await writeFile(file, `${[...own, ...others].join('\n')}\n`, { mode: 0o600 })
  const host = ssh.host.includes(':') ? `[${ssh.host}]` : ssh.host
  return { host: `ssh://${ssh.user}@${host}:${ssh.port}`, configPath: file, alias, knownHostsPath }
}

/**
 * Connects to a machine.
 * @throws SshError
 */
export async function openInstanceShell({
  keyPath,
  signal,
  ...options
}: InstanceWayOptions & Pick<SshLinkOptions, 'keyPath' | 'signal'>): Promise<SshLink> {
  const { host, configPath } = await prepareInstanceWay(options)
  return SshLink.open({ host, configPath, keyPath, signal })
}

/** In a configuration these mean something, and not the same in every line. */
function quoteConfig(path: string): string {
  if (/["\n*?[\]\\$%]/.test(path))
    throw new SshError('usage', `ssh cannot be told of ${path}.`, 'Choose a folder whose path has no such characters.')
  return `"${path}"`
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
