/** The binary form of a report; its layout stands at the head of report.ts. */
import { encodeFrame } from './frame.ts'
import type { PointBlock, Report } from './report.ts'

/** A report before defaults are filled in: the empty parts may be left out. */
export type ReportInput = Pick<Report, 'attempt' | 'writer' | 'number' | 'role' | 'sentAt'> & Partial<Report>

/** Puts a report into a frame. Every column of a block must be as long as its `steps`. */
export function encodeReport(report: ReportInput): Uint8Array<ArrayBuffer> {
  const { points = [], ...envelope } = report
  const blocks = points.map(({ source, keys, steps, epochs }) => ({
    source,
    keys,
    rows: steps.length,
    ...(epochs === undefined ? {} : { epochs: true }),
  }))
  return encodeFrame({ ...envelope, points: blocks }, points.flatMap(columnsOf))
}

function columnsOf(block: PointBlock): ArrayLike<number>[] {
  return [block.steps, block.times, ...(block.epochs === undefined ? [] : [block.epochs]), ...block.values]
}
