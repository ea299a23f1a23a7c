/** Which configuration the ssh client reads, so that keys of hosts that were accepted here count as well. */
import { access, symlink, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readSshTarget } from './read-ssh-target.ts'
import type { SshLinkOptions } from './ssh-link.ts'

export type ConfigOptions = Pick<SshLinkOptions, 'host' | 'configPath' | 'knownHostsPath'>

/**
 * The arguments that name the configuration. With known hosts of our own it is a file in `folder` that adds them to the
 * user's and reads the user's configuration then: an option on the command line would not hold for hosts on the way (ProxyJump),
 * for which the client starts another one with the same file.
 * @param folder only this user can enter it
 * @throws SshError
 */
export async function prepareConfig(options: ConfigOptions, folder: string): Promise<string[]> {
  const { host, configPath, knownHostsPath } = options
  const plain = configPath === undefined ? [] : ['-F', configPath]
  if (knownHostsPath === undefined || !(await exists(knownHostsPath))) return plain
  // Refused here if it is: by its own name, and with what the client asks of its owner and mode.
  const { knownHosts } = await readSshTarget({ host, configPath })
  // Quotes and patterns in paths of the user's mean something in this file.
  const [user, own, file] = ['user', 'known', 'config'].map((name) => join(folder, name)) as [string, string, string]
  await symlink(configPath ?? join(homedir(), '.ssh', 'config'), user)
  await symlink(knownHostsPath, own)
  const files = [...knownHosts.global.filter((one) => !one.includes('"')), own].map((one) => `"${one}"`)
  const includes = configPath === undefined ? [user, '/etc/ssh/ssh_config'] : [user]
  // Those of the user stay as they are: into the first of them the client writes.
  const lines = [`GlobalKnownHostsFile ${files.join(' ')}`, ...includes.map((one) => `Include "${one}"`)]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  return ['-F', file]
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
