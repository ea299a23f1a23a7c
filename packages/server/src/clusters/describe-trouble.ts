import type { ClusterSettings, ClusterTrouble } from '@pilothouse/contract'
import { SlurmError, SshError } from '@pilothouse/fleet'

/** Why a cluster could not be asked, and what to do about it. */
export function describeTrouble(error: unknown, { host }: Pick<ClusterSettings, 'host'>): ClusterTrouble {
  if (host === 'local' && error instanceof SlurmError && error.kind === 'missing')
    return {
      kind: error.kind,
      message: error.message,
      hint: 'Install the commands of Slurm here (Debian: slurm-client), or name a login node as host.',
    }
  if (error instanceof SshError || error instanceof SlurmError)
    return { kind: error.kind, message: error.message, hint: error.hint }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return { kind: 'slow', message: 'The cluster did not answer in time.', hint: 'It is tried again by itself.' }
  return { kind: 'other', message, hint: 'It is tried again by itself.' }
}
