/** Keys of hosts that an admin looks at, accepts and takes back. Those that were accepted here stand in a file of our own. */
import { type HostKeyChoice, type HostKeys, PilothouseError } from '@pilothouse/contract'
import { addKnownKey, type HostKeyReport, readHostKeys, removeKnownKey, SshError } from '@pilothouse/fleet'
import type { SshSettings, Ways } from './open-way.ts'

export type LookedAt = { settings: SshSettings; ways: Ways; signal: AbortSignal }

/** @throws SshError when a host on the way cannot be asked */
export async function lookAtHostKeys(lookedAt: LookedAt): Promise<HostKeys> {
  return describe(await read(lookedAt), lookedAt.ways)
}

/**
 * Accepts exactly the key that was shown.
 * @throws PilothouseError `conflict` when the host shows another by now, or another was known
 */
export async function trustHostKey(lookedAt: LookedAt, { lookup, fingerprint }: HostKeyChoice): Promise<void> {
  const report = await read(lookedAt)
  const key = report.lookup === lookup ? report.keys.find((one) => one.fingerprint === fingerprint) : undefined
  if (report.state === 'changed')
    throw new PilothouseError('conflict', `Another key of ${report.host} was known: the new one is not accepted.`, {
      hint: 'Ask who runs it. If the new key is right, forget the old one first.',
    })
  if (key === undefined)
    throw new PilothouseError('conflict', `${report.host} does not show the key ${fingerprint} now.`, {
      hint: 'Look at its keys again. If they differ each time, somebody may stand in between.',
    })
  if (report.state === 'unknown') await addKnownKey(lookedAt.ways.knownHostsPath, lookup, key)
}

/**
 * Takes back a key that was accepted here.
 * @throws PilothouseError `notFound` when none such was
 */
export async function forgetHostKey(
  { ways }: Pick<LookedAt, 'ways'>,
  { lookup, fingerprint }: HostKeyChoice,
): Promise<void> {
  if (!(await removeKnownKey(ways.knownHostsPath, lookup, fingerprint)))
    throw new PilothouseError('notFound', `The key ${fingerprint} of ${lookup} was not accepted here.`, {
      hint: `From a file of your own, «ssh-keygen -R '${lookup}' -f FILE» removes it.`,
    })
}

async function read({ settings, ways, signal }: LookedAt): Promise<HostKeyReport> {
  if (settings.host === 'local')
    throw new PilothouseError('invalid', `«${settings.name}» is this machine: no ssh leads there.`)
  try {
    return await readHostKeys({ ...ways.toSshOptions(settings), signal })
  } catch (error) {
    if (!(error instanceof SshError)) throw error
    throw new PilothouseError('unavailable', error.message, { hint: error.hint, cause: error })
  }
}

function describe({ keys, known, ...report }: HostKeyReport, { knownHostsPath }: Ways): HostKeys {
  const plain = known.filter(({ mark }) => mark !== 'authority')
  return {
    ...report,
    keys: keys.map(({ type, fingerprint }) => ({ type, fingerprint })),
    known: plain.map(({ type, fingerprint, file, line, mark }) => ({
      type,
      fingerprint,
      file,
      line,
      isOurs: file === knownHostsPath,
      isRevoked: mark === 'revoked',
    })),
  }
}
