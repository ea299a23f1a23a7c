/** What the page says of a batch. Pure. */
import type { BatchCard, BatchDetail, BatchPoint, DeadLetter } from '@pilothouse/contract'
import { isEndedBatch } from '@pilothouse/contract/wire'
import { formatCount, formatDuration, formatMoney, formatValue } from '@pilothouse/signals'

type Status = BatchCard['status']
type FailureCode = DeadLetter['code']

/** Left out where nothing is known. */
export const nothing = '–'

export const statusWords: Record<Status, string> = {
  validating: 'validating',
  failed: 'failed',
  in_progress: 'in progress',
  finalizing: 'finalizing',
  completed: 'completed',
  expired: 'expired',
  cancelling: 'cancelling',
  cancelled: 'cancelled',
}

/** Why a request has no answer, as a heading and as a sentence. */
export const failureWords: Record<FailureCode, { name: string; what: string }> = {
  refused: { name: 'refused', what: 'The engine refused the request, and repeating it would not help.' },
  engine_error: { name: 'engine error', what: 'The engine failed at it, as often as it was tried.' },
  timeout: { name: 'time-out', what: 'It took longer than a request may.' },
  connection: { name: 'connection', what: 'The connection broke, or none came about.' },
  bad_answer: { name: 'bad answer', what: 'What came was no answer: broken JSON, or it ended early.' },
}

/** What tells how far a batch is. */
type Standing = Pick<BatchCard, 'status' | 'counts'>

/** Whether what was never sent is counted as failed: the batch ends, or has ended, before its requests. */
export function isCutShort(status: Status): boolean {
  return status === 'cancelling' || status === 'cancelled' || status === 'expired'
}

/** Shares of a whole in percent; all 0 while nothing is known. */
export function sharesOf({ status, counts }: Standing): { completed: number; failed: number } {
  const { total, completed, failed } = counts
  if (total <= 0) return { completed: 0, failed: 0 }
  const percent = (count: number): number => Math.max(0, Math.min(100, (count / total) * 100))
  return { completed: percent(completed), failed: isCutShort(status) ? 0 : percent(failed) }
}

/** `61 %`, and 100 only when all is done. */
export function describeShare({ status, counts: { total, completed, failed } }: Standing): string {
  if (total <= 0) return nothing
  const done = isCutShort(status) ? completed : completed + failed
  return `${done >= total ? 100 : Math.min(99, Math.floor((done / total) * 100))} %`
}

/** `6120 of 10 000, 3 failed`; `6120 of 10 000 answered` of one that was cut short. */
export function describeCounts({ status, counts: { total, completed, failed } }: Standing): string {
  if (total <= 0) return 'not counted yet'
  if (isCutShort(status)) return `${formatCount(completed)} of ${formatCount(total)} answered`
  const done = `${formatCount(completed + failed)} of ${formatCount(total)}`
  return failed === 0 ? done : `${done}, ${formatCount(failed)} failed`
}

/** How long it goes on, with what that lies between; how long it took, once it has ended. */
export function describeTime(card: BatchCard): { text: string; more: string | undefined } {
  if (card.endedAt !== null) {
    if (card.startedAt === null) return { text: nothing, more: undefined }
    return { text: `took ${formatDuration(Math.max(0, card.endedAt - card.startedAt))}`, more: undefined }
  }
  if (card.eta === null) return { text: nothing, more: undefined }
  const { leftMs, leftMsMin, leftMsMax } = card.eta
  if (leftMs < 1_000) return { text: 'nearly done', more: undefined }
  return { text: `${formatDuration(leftMs)} left`, more: describeSpan(leftMsMin, leftMsMax) }
}

function describeSpan(fromMs: number, toMs: number): string | undefined {
  const [from, to] = [formatDuration(fromMs), formatDuration(toMs)]
  return from === to ? undefined : `${from} to ${to}`
}

/** How long a request took: `40 ms`, `12 s`. */
export function formatTook(tookMs: number): string {
  return tookMs < 1_000 ? `${Math.round(tookMs)} ms` : formatDuration(tookMs)
}

/** Three digits, without a unit: `41.8`; `–` for none. */
export function formatSpeed(perSecond: number | null): string {
  if (perSecond === null || !Number.isFinite(perSecond)) return nothing
  return perSecond >= 100 ? formatCount(perSecond) : formatValue(Number(perSecond.toPrecision(3)))
}

/** Of what has a cost and says in which currency. */
export function formatCost({ cost, currency }: Pick<BatchCard, 'cost' | 'currency'>): string {
  return cost === null ? nothing : formatMoney(cost, currency)
}

export type RateLine = { at: number[]; requests: number[]; tokens: number[] }

type Past = Pick<BatchDetail, 'status' | 'startedAt' | 'history'>

/**
 * What was done a second from the start on between each two points, at the time of the later one; of a batch that was cut
 * short, what was answered. Clocks that went back make no rate, and neither does the end if nothing came with it.
 */
export function listRates({ status, startedAt, history }: Past): RateLine {
  const line: RateLine = { at: [], requests: [], tokens: [] }
  const countDone = ({ completed, failed }: BatchPoint): number => completed + (isCutShort(status) ? 0 : failed)
  const start = { at: startedAt ?? 0, completed: 0, failed: 0, inputTokens: 0, outputTokens: 0 }
  history.forEach((point, place) => {
    const before = place === 0 && startedAt !== null ? start : history[place - 1]
    if (before === undefined || point.at <= before.at) return
    const seconds = (point.at - before.at) / 1_000
    const done = Math.max(0, countDone(point) - countDone(before))
    const tokens = Math.max(0, point.inputTokens + point.outputTokens - before.inputTokens - before.outputTokens)
    if (done + tokens === 0 && place === history.length - 1 && isEndedBatch(status)) return
    line.at.push(point.at)
    line.requests.push(done / seconds)
    line.tokens.push(tokens / seconds)
  })
  return line
}

/** Steps of its life in order, each with how long it lasted; the one that goes on until now. */
export function listSteps(
  timeline: BatchDetail['timeline'],
  now: number,
): { status: Status; at: number; lastedMs: number | null }[] {
  return timeline.map(({ status, at }, place) => {
    const next = timeline[place + 1]
    const ends = status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'expired'
    const until = next?.at ?? (ends ? undefined : now)
    return { status, at, lastedMs: until === undefined ? null : Math.max(0, until - at) }
  })
}

/** `3 batches`, `1 request`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
