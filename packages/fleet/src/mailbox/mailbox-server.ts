import type { CommandTaken, ReportAck } from '@pilothouse/contract'

/** What a collector needs of the control room; the app wires it to HTTP. */
export type MailboxServer = {
  /**
   * Makes the job or finds it; the answer has the last word on both numbers.
   * @throws an error with the answer's `status`, or without one when there was no answer.
   */
  createJob(uid: string, body: Record<string, unknown>, signal: AbortSignal): Promise<MadeJob>
  /** @throws as `createJob`. */
  sendReport(uid: string, frame: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<ReportAck>
  /**
   * Several, within `reportsInRowMax` and `reportRowBytesMax`: an answer each, stored or refused for good. As if they were sent
   * one after the other, but quicker.
   * @throws as `createJob`; then none of them is known to be stored.
   */
  sendRow(
    uid: string,
    frames: readonly Uint8Array<ArrayBuffer>[],
    signal: AbortSignal,
  ): Promise<readonly (ReportAck | Error)[]>
  /**
   * Open commands of an attempt behind the last one that is known; waits for one for a while.
   * @throws as `createJob`.
   */
  takeCommands(uid: string, asked: { attempt: number; after: number }, signal: AbortSignal): Promise<CommandTaken>
}

export type MadeJob = {
  uid: string
  attempt: number
  /** Address of its page. */
  page: string | null
}

/**
 * What a failure of the server means.
 *   later     it is away, or takes nothing now, from anybody: all wait
 *   run       this run is not taken now (whose token that is, another's job): it waits, the others go on
 *   never     this very request will never be taken
 */
export type Refusal = 'later' | 'run' | 'never'

/** 500: something in this run is beyond the server; that must not hold up the others. */
const runStatuses: readonly number[] = [403, 421, 423, 500]
const laterStatuses: readonly number[] = [401, 407, 408, 425, 429]

/** Sorts a failure by the status it carries. */
export function classifyRefusal(error: unknown): Refusal {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  if (typeof status !== 'number') return 'later'
  if (runStatuses.includes(status)) return 'run'
  return status >= 500 || status < 400 || laterStatuses.includes(status) ? 'later' : 'never'
}

/** A sentence, and what to do next where the error knows it. */
export function describeFailure(error: unknown): { message: string; hint: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), hint: undefined }
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined
  return { message: error.message, hint }
}
