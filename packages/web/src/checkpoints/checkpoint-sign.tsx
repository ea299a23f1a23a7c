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

/** What is wrong with its files, if anything is, in words. */
export function describeFate({ state, restorableUntil }: Checkpoint, now: number): string | undefined {
  switch (state) {
    case 'present':
      return undefined
    case 'deleting':
      return restorableUntil !== null && restorableUntil > now
        ? `deleted in ${formatDuration(restorableUntil - now)}`
        : 'being deleted'
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
