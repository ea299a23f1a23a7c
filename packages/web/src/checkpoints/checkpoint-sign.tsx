import type { Checkpoint, CheckpointKind } from '@pilothouse/contract'
import { formatDuration } from '@pilothouse/signals'

const kindWords: Record<CheckpointKind, string> = {
  manual: 'Somebody asked for it',
  scheduled: 'Its time had come',
  automatic: 'The script chose to write it',
  best: 'The best so far, when it was written',
}

export function KindWord({ kind }: { kind: CheckpointKind }) {
  return (
    <span title={kindWords[kind]} className="rounded-sm bg-hover px-1.5 text-12 text-muted">
      {kind}
    </span>
  )
}

/** Longer than this nothing can be had back: what is due later, a job was told to delete. */
const restorableMsMax = 660_000

/** What is wrong with its files, if anything is, in words. */
export function describeFate(
  { state, stateReason, restorableUntil, hidden }: Checkpoint,
  now: number,
): string | undefined {
  const leftMs = (restorableUntil ?? 0) - now
  switch (state) {
    case 'present':
      if (stateReason !== null) return 'could not be deleted'
      return hidden === null ? undefined : 'cannot be looked at'
    case 'deleting':
      return leftMs > 0 && leftMs <= restorableMsMax ? `deleted in ${formatDuration(leftMs)}` : 'being deleted'
    case 'deleted':
      return 'deleted'
    case 'missing':
      return 'missing'
    case 'corrupt':
      return 'corrupt'
    default:
      return state satisfies never
  }
}
