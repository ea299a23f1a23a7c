import { homedir } from 'node:os'
import { join } from 'node:path'
import { runSsh } from './run-ssh.ts'
import { explainMissing, explainSshFailure, refuseHost } from './ssh-error.ts'
import type { SshLinkOptions } from './ssh-link.ts'

/** Where a name leads by the configuration of ssh. */
export type SshTarget = {
  hostName: string
  user: string
  port: number
  /** Null: straight there. */ jump: string | null
  /** Files in which keys of hosts are looked up, whether they are there or not. */
  knownHosts: { user: string[]; global: string[] }
}

/** Nothing is connected; a configuration with `Match exec` runs its commands. */
const readMsMax = 10_000

/**
 * Asks the ssh client what it makes of a name.
 * @param options.jump hosts on the way, as behind `ssh -J`, instead of those of the configuration
 * @throws SshError
 */
export async function readSshTarget({
  host,
  configPath,
  jump: way,
}: Pick<SshLinkOptions, 'host' | 'configPath'> & { jump?: string | undefined }): Promise<SshTarget> {
  refuseHost(host)
  const config = configPath === undefined ? [] : ['-F', configPath]
  const over = way === undefined ? [] : ['-J', way]
  const run = await runSsh([...config, ...over, '-G', '--', host], {
    input: '',
    timeoutMs: readMsMax,
    stdoutBytesMax: 1024 * 1024,
  }).catch((cause: unknown) => {
    throw explainMissing(cause)
  })
  if (run.code !== 0) throw explainSshFailure(host, run.stderr)
  const lines = run.stdout.toString().split('\n')
  const find = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1)
  const jump = find('proxyjump')
  return {
    hostName: find('hostname') ?? host,
    user: find('user') ?? '',
    port: Number(find('port') ?? 22),
    jump: jump === undefined || jump === 'none' ? null : jump,
    knownHosts: {
      user: splitPaths(find('userknownhostsfile')),
      global: splitPaths(find('globalknownhostsfile')),
    },
  }
}

/** The client prints paths without quotes: in each, a blank is followed by no beginning of a path. */
function splitPaths(text = ''): string[] {
  return text
    .split(/ (?=[/~%$]|none$)/)
    .filter((path) => path !== '' && path !== 'none')
    .map((path) => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path))
}
