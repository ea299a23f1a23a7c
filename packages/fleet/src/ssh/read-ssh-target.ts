import { runSsh } from './run-ssh.ts'
import { explainSshFailure } from './ssh-error.ts'
import { explainMissing, refuseHost, type SshLinkOptions } from './ssh-link.ts'

/** Where a name leads by the configuration of ssh. */
export type SshTarget = {
  hostName: string
  user: string
  port: number
  /** Null: straight there. */ jump: string | null
}

/** Nothing is connected; a configuration with `Match exec` runs its commands. */
const readMsMax = 10_000

/**
 * Asks the ssh client what it makes of a name.
 * @throws SshError
 */
export async function readSshTarget({
  host,
  configPath,
}: Pick<SshLinkOptions, 'host' | 'configPath'>): Promise<SshTarget> {
  refuseHost(host)
  const config = configPath === undefined ? [] : ['-F', configPath]
  const run = await runSsh([...config, '-G', '--', host], {
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
  }
}
