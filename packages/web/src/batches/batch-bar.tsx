import type { BatchCard } from '@pilothouse/contract'
import { describeCounts, describeShare, isCutShort, sharesOf } from './batch-words.ts'

type BarProps = { card: Pick<BatchCard, 'name' | 'status' | 'counts'>; className?: string }

/** How much is answered, and how much has failed, of all requests. */
export function BatchBar({ card, className = 'h-1.5' }: BarProps) {
  const { name, status, counts } = card
  const shares = sharesOf(card)
  const isKnown = counts.total > 0
  return (
    <div
      role="progressbar"
      aria-label={`Progress of ${name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(isKnown ? { 'aria-valuenow': Math.floor(shares.completed + shares.failed) } : {})}
      aria-valuetext={isKnown ? `${describeShare(card)}, ${describeCounts(card)}` : 'total not known'}
      className={`flex w-full overflow-hidden rounded-full bg-line ${className}`}
    >
      <div className={fillOf(status)} style={{ width: `${shares.completed}%` }} />
      <div className="bg-bad" style={{ width: `${shares.failed}%` }} />
    </div>
  )
}

function fillOf(status: BatchCard['status']): string {
  if (status === 'completed') return 'bg-good'
  return isCutShort(status) || status === 'failed' ? 'bg-muted' : 'bg-accent'
}
