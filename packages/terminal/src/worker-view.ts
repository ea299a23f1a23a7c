import { formatCount, formatRate, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { shorten } from './table.ts'

/** How a worker stands. Counts are since it started. */
export type WorkerStatus = {
  leases: number
  batches: number
  inFlight: number
  answered: number
  failed: number
  requestsPerSecond: number
  tokensPerSecond: number
}

/** Before it works. */
export function viewWorkerStart(name: string, url: string, paint: Paint): string {
  return `${paint('green', '●')} ${sanitizeForTerminal(`${name} takes requests of ${url}`)}`
}

/** In one line that fits into `width`. */
export function viewWorker(status: WorkerStatus, { paint, width }: { paint: Paint; width: number }): string {
  const { leases, batches, inFlight, answered, failed, requestsPerSecond, tokensPerSecond } = status
  const counts = `${formatCount(answered)} answered${failed === 0 ? '' : `, ${formatCount(failed)} failed`}`
  const work = [
    `${count(leases, 'lease')} of ${count(batches, 'batch', 'batches')}`,
    `${formatCount(inFlight)} in flight`,
    `${formatRate(requestsPerSecond, 'request')}, ${formatCount(tokensPerSecond)} tokens/s`,
  ]
  const words = [leases === 0 ? 'waits for work' : work.join(', '), counts].join('; ')
  return `${leases === 0 ? paint('dim', '○') : paint('blue', '●')} ${shorten(words, Math.max(0, width - 2))}`
}

/** Once it is told to end. */
export function viewWorkerDrain({ leases, inFlight }: WorkerStatus): string {
  return `It ends: ${count(inFlight, 'request')} of ${count(leases, 'lease')} under way. A second signal ends it at once.`
}

export function viewWorkerEnd({ answered, failed }: WorkerStatus): string {
  return `${formatCount(answered)} requests answered, ${formatCount(failed)} failed.`
}

function count(number: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(number)} ${number === 1 ? noun : many}`
}
