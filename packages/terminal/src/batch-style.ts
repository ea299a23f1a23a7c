/** How batches look in a terminal: a sign and a colour beside the word, and how far they are. */
import type { BatchCard, BatchStatus } from '@pilothouse/contract'
import { formatCount, formatDuration, formatRate } from '@pilothouse/signals'
import type { Paint, PaintStyle } from './paint.ts'

const styles: Readonly<Record<BatchStatus, { sign: string; style: PaintStyle }>> = {
  validating: { sign: '◌', style: 'dim' },
  in_progress: { sign: '●', style: 'blue' },
  finalizing: { sign: '◔', style: 'blue' },
  completed: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  expired: { sign: '✗', style: 'red' },
  cancelling: { sign: '⊘', style: 'yellow' },
  cancelled: { sign: '⊘', style: 'dim' },
}

export function paintStatus(status: BatchStatus, paint: Paint): string {
  return paint(styles[status].style, `${styles[status].sign} ${status}`)
}

/** For tables, which paint by themselves. */
export function statusCell(status: BatchStatus, paint: Paint): { text: string; paint: (text: string) => string } {
  const { sign, style } = styles[status]
  return { text: `${sign} ${status}`, paint: (text) => paint(style, text) }
}

/** How much of it is done, rounded down: what is not all never reads as if it were. */
export function readPercent({ total, completed, failed }: BatchCard['counts']): number {
  return total === 0 ? 0 : Math.floor((100 * (completed + failed)) / total)
}

/** `41.8 requests/s, 2100 tokens/s`; null where nothing is known. */
export function describeSpeed({ requestsPerSecond, tokensPerSecond }: BatchCard): string | null {
  const rates = [
    ...(requestsPerSecond === null ? [] : [formatRate(requestsPerSecond, 'request')]),
    ...(tokensPerSecond === null ? [] : [`${formatCount(tokensPerSecond)} tokens/s`]),
  ]
  return rates.length === 0 ? null : rates.join(', ')
}

/** `3 m 20 s (3 m – 4 m)`. */
export function describeEta({ leftMs, leftMsMin, leftMsMax }: NonNullable<BatchCard['eta']>): string {
  return `${formatDuration(leftMs)} (${formatDuration(leftMsMin)} – ${formatDuration(leftMsMax)})`
}
