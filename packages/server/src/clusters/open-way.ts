import { access, constants } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ClusterSettings, HostSettings } from '@pilothouse/contract'
import type { Connections } from './connections.ts'
import { makeLocalRunner, makeSshRunner, SshError, SshLink, type ScriptRunner } from '@pilothouse/fleet'

/** A connection to a cluster or host, or none where it is this machine. */
export type ClusterWay = {
  runner: ScriptRunner
  close(): Promise<void>
}

export type SshSettings = ClusterSettings | HostSettings

/** Connects to what `clusters.yaml` names. */
export class Ways {
  /** Keys of hosts that were accepted here. */
  readonly knownHostsPath: string

  /** Those that admins make by hand. */
  readonly connections: Connections

  constructor({ knownHostsPath, connections }: Pick<Ways, 'knownHostsPath' | 'connections'>) {
    this.knownHostsPath = knownHostsPath
    this.connections = connections
  }

  /** As ssh wants them: paths of this machine, whole. */
  toSshOptions({ host, ssh_key_path, ssh_config_path }: SshSettings) {
    return {
      host,
      knownHostsPath: this.knownHostsPath,
      ...(ssh_key_path === undefined ? {} : { keyPath: expandHome(ssh_key_path) }),
      ...(ssh_config_path === undefined ? {} : { configPath: expandHome(ssh_config_path) }),
    }
  }

  /**
   * Connects: over ssh, as the user whom the server runs as, or not at all where Slurm is on this machine.
   * @throws SshError
   */
  async openWay(settings: SshSettings, signal?: AbortSignal): Promise<ClusterWay> {
    if (settings.host === 'local') return { runner: makeLocalRunner(), close: () => Promise.resolve() }
    const link = await this.openLink(settings, signal)
    return { runner: makeSshRunner(link), close: () => link.close() }
  }

  /**
   * The connection that an admin has made, else one that needs nobody.
   * @throws SshError
   */
  async openLink(settings: SshSettings, signal?: AbortSignal): Promise<SshLink> {
    const options = this.toSshOptions(settings)
    const made = this.connections.use(settings.name, options)
    if (typeof made !== 'string') return made
    if (options.keyPath !== undefined) await checkKey(options.keyPath)
    return SshLink.open({ ...options, signal }).catch((error: unknown) => {
      throw error instanceof SshError ? addWay(error, settings.name, made) : error
    })
  }
}

/** What can be done about it here. */
function addWay({ kind, message, hint, cause }: SshError, name: string, made: 'none' | 'ended'): SshError {
  const test = `«Test the connection» of ${name} on the page Clusters`
  if (kind === 'hostKey') {
    const where = `${test}, or «pilothouse clusters trust ${name}», shows its fingerprint.`
    return new SshError(kind, message, `${where} ${hint}`, { cause })
  }
  if (kind !== 'authentication') return new SshError(kind, message, hint, { cause })
  if (made === 'ended') {
    const what = `The connection to ${name} that was made by hand has ended: it needs you to connect again.`
    return new SshError('person', what, `${test} offers it, and asks what ssh asks.`, { cause })
  }
  const where = `Where a key has a passphrase, or the host asks for a second factor, ${test} offers to connect by hand.`
  return new SshError(kind, message, `${hint} ${where}`, { cause })
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
