import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ClusterSettings, HostSettings } from '@pilothouse/contract'
import { makeLocalRunner, makeSshRunner, SshError, SshLink, type ScriptRunner } from '@pilothouse/fleet'

/** A connection to where Slurm's commands of a cluster run. */
export type ClusterWay = {
  runner: ScriptRunner
  close(): Promise<void>
}

/** As ssh wants them: paths of this machine, whole. */
export function toSshOptions({ host, ssh_key_path, ssh_config_path }: ClusterSettings | HostSettings) {
  return {
    host,
    ...(ssh_key_path === undefined ? {} : { keyPath: expandHome(ssh_key_path) }),
    ...(ssh_config_path === undefined ? {} : { configPath: expandHome(ssh_config_path) }),
  }
}

/**
 * Connects: over ssh, as the user whom the server runs as, or not at all where Slurm is on this machine.
 * @throws SshError
 */
export async function openWay(settings: ClusterSettings, signal?: AbortSignal): Promise<ClusterWay> {
  if (settings.host === 'local') return { runner: makeLocalRunner(), close: () => Promise.resolve() }
  const link = await openLink(settings, signal)
  return { runner: makeSshRunner(link), close: () => link.close() }
}

/** @throws SshError */
export async function openLink(settings: ClusterSettings | HostSettings, signal?: AbortSignal): Promise<SshLink> {
  const options = toSshOptions(settings)
  if (options.keyPath !== undefined) await checkKey(options.keyPath)
  return SshLink.open({ ...options, signal })
}

/** ssh would go on without it, and be refused for a reason that nobody understands. */
async function checkKey(path: string): Promise<void> {
  try {
    await access(path, constants.R_OK)
  } catch (cause) {
    const hint = 'Correct ssh_key_path in clusters.yaml. The user that the server runs as must be able to read the key.'
    throw new SshError('authentication', `The key ${path} cannot be read.`, hint, { cause })
  }
}

function expandHome(path: string): string {
  return path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path
}
