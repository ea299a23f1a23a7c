/**
 * The intake: a group of reports in one transaction. Each is decoded, checked and applied on its own, so a bad one fails
 * alone; then every job, attempt and writer that they touched is written once, all points go into one WAL row of the
 * series, and all lines of an attempt into one segment.
 */
import {
  type Report,
  type ReportAck,
  PilothouseError,
  decodeReportFrame,
  decodeReportJson,
  limits,
} from '@pilothouse/contract'
import type { Actor, Operation } from '../storage/operation.ts'
import { type WireError, packError } from '../storage/wire-error.ts'
import { ReportGroup } from './report-group.ts'

export type AppendInput = {
  uid: string
  actor: Actor
  /** By content type. */
  format: 'frame' | 'json'
  bytes: Uint8Array
}

export type AppendResult = { value: ReportAck } | { error: WireError }

/** Stores the reports that can be stored; the answers stand in the order of the reports. */
export const appendReports: Operation<readonly AppendInput[], AppendResult[]> = async (context, inputs) => {
  await context.alerts.prepare(context.db)
  const group = new ReportGroup(context)
  const results: AppendResult[] = []
  for (const input of inputs) results.push(await takeReport(group, input))
  await group.write()
  return results
}

/** One report by itself. */
export const appendReport: Operation<AppendInput, ReportAck> = async (context, input) => {
  await context.alerts.prepare(context.db)
  const group = new ReportGroup(context)
  const ack = await group.add(input, decodeReport(input))
  await group.write()
  return ack
}

async function takeReport(group: ReportGroup, input: AppendInput): Promise<AppendResult> {
  try {
    return { value: await group.add(input, decodeReport(input)) }
  } catch (error) {
    if (error instanceof PilothouseError) return { error: packError(error) }
    throw error
  }
}

/** @throws PilothouseError `malformed`, `invalid` or `tooLarge`. */
function decodeReport({ bytes, format }: AppendInput): Report {
  if (bytes.byteLength > limits.reportBytesMax) {
    throw new PilothouseError(
      'tooLarge',
      `A report has at most ${limits.reportBytesMax} bytes, this one ${bytes.byteLength}.`,
    )
  }
  return format === 'frame' ? decodeReportFrame(bytes) : decodeReportJson(bytes)
}
