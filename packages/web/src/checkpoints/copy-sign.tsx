import type { Checkpoint } from '@pilothouse/contract'
import { formatBytes } from '@pilothouse/signals'
import { Archive } from 'lucide-react'

/** Beside the name in the table. */
export function CopySign({ checkpoint: { copy } }: { checkpoint: Checkpoint }) {
  if (copy === null) return null
  if (copy.state === 'copied') {
    return (
      <span title={`Copied to the control room, ${formatBytes(copy.bytes)}`} className="inline-flex text-good">
        <Archive size={12} aria-hidden />
        <span className="sr-only">copied to the control room</span>
      </span>
    )
  }
  if (copy.state === 'failed') {
    return (
      <span title={copy.reason ?? undefined} className="rounded-sm bg-warn-soft px-1.5 text-12 text-warn">
        copy failed
      </span>
    )
  }
  return (
    <span className="text-12 text-muted">copying {Math.floor((100 * copy.received) / Math.max(1, copy.bytes))} %</span>
  )
}
