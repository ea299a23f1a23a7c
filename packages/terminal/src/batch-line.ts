import type { BatchCard } from '@pilothouse/contract'
import { formatCount, sanitizeForTerminal } from '@pilothouse/signals'
import stringWidth from 'string-width'
import { describeEta, describeSpeed, paintStatus, readPercent } from './batch-style.ts'
import { createPaint, type Paint } from './paint.ts'
import { shorten } from './table.ts'

const noPaint = createPaint({ enabled: false })

/** How a batch stands, in one line that fits into `width`. */
export function viewBatchLine(batch: BatchCard, { paint, width }: { paint: Paint; width: number }): string {
  const { status, counts, eta, trouble } = batch
  const done = counts.completed + counts.failed
  const speed = describeSpeed(batch)
  const parts = [
    ...(counts.total === 0 ? [] : [`${formatCount(done)} of ${formatCount(counts.total)}`, `${readPercent(counts)} %`]),
    ...(counts.failed === 0 ? [] : [`${formatCount(counts.failed)} failed`]),
    ...(speed === null ? [] : [speed]),
    ...(eta === null ? [] : [`${describeEta(eta)} left`]),
  ]
  const words = `${parts.join(', ')}${trouble === null ? '' : `  ! ${trouble}`}`
  const room = Math.max(0, width - stringWidth(paintStatus(status, noPaint)) - 2)
  return `${paintStatus(status, paint)}  ${shorten(sanitizeForTerminal(words), room)}`.trimEnd()
}
