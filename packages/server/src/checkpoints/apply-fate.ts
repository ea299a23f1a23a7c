/** What of a checkpoint changes when its files were looked for. Pure. */
import type { CheckpointFate, CheckpointState } from '@pilothouse/contract'
import type { Updateable } from 'kysely'
import type { CheckpointTable } from '../storage/steering-tables.ts'

type Known = { state: CheckpointState; fault_ms: number | null; hidden_ms: number | null }

type Change = Pick<Updateable<CheckpointTable>, 'state_reason' | 'delete_ms' | 'fault_ms' | 'seen_ms'> & {
  state?: CheckpointState
  hidden_reason: string | null
  hidden_ms: number | null
}

export function applyFate(
  { state: before, fault_ms, hidden_ms }: Known,
  fate: Pick<CheckpointFate, 'state' | 'reason'>,
  nowMs: number,
): Change {
  const { state, reason } = fate
  if (state === 'hidden')
    return { hidden_reason: reason ?? 'Its files cannot be looked at.', hidden_ms: hidden_ms ?? nowMs }
  const seen = { hidden_reason: null, hidden_ms: null }
  const isFault = state === 'missing' || state === 'corrupt'
  if (isFault)
    return { ...seen, state, state_reason: reason, delete_ms: null, fault_ms: before === state ? fault_ms : nowMs }
  // Being there is no news for one that is on its way out, and why one could not be deleted stays true. A reason is news.
  const stays = state === 'present' && reason === null && (before === 'deleting' || before === 'present')
  if (stays) return { ...seen, seen_ms: nowMs }
  return {
    ...seen,
    state,
    state_reason: reason,
    delete_ms: null,
    fault_ms: null,
    ...(state === 'present' ? { seen_ms: nowMs } : {}),
  }
}
