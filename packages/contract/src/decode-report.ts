/** Both forms of a report, parsed and checked. */
import { z } from 'zod'
import { PilothouseError } from './error-code.ts'
import { type ColumnReader, decodeFrame } from './frame.ts'
import { limits } from './limits.ts'
import {
  type PointBlock,
  type PointBlockHeader,
  type Report,
  pointBlock,
  pointBlockHeader,
  reportEnvelope,
} from './report.ts'

const reportHeader = reportEnvelope.extend({ points: z.array(pointBlockHeader).default([]) })

/** The schema of `report` with its columns left to `readColumn`: zod takes 150 µs for a thousand numbers, the loop 8. */
const column = z.array(z.unknown())
const looseBlock = pointBlock.extend({
  steps: column,
  times: column,
  epochs: column.optional(),
  values: z.array(column),
})
const looseReport = reportEnvelope.extend({ points: z.array(looseBlock).default([]) })

/**
 * Reads a report from a binary frame.
 * @throws PilothouseError `malformed`, `invalid` (with the field) or `tooLarge`.
 */
export function decodeReportFrame(bytes: Uint8Array): Report {
  const { header, columns } = decodeFrame(bytes)
  const { points: blocks, ...envelope } = parseOrRefuse(reportHeader, header)
  const points = blocks.map((block) => takeBlock(block, columns))
  columns.finish()
  return checkReport({ ...envelope, points })
}

/**
 * Reads a report from JSON text.
 * @throws PilothouseError `malformed`, `invalid` (with the field) or `tooLarge`.
 */
export function decodeReportJson(bytes: Uint8Array): Report {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new PilothouseError('malformed', 'The report is not valid JSON.', { cause })
  }
  const { points: blocks, ...envelope } = parseOrRefuse(looseReport, value)
  return checkReport({ ...envelope, points: blocks.map(readBlock) })
}

/**
 * Parses `value`, or says which field is wrong and what was expected there.
 * @throws PilothouseError `invalid`.
 */
export function parseOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const field = formatPath(issue?.path ?? [])
  const expected = issue?.message ?? 'another value'
  throw new PilothouseError('invalid', `${field || 'The body'} is wrong: ${expected}.`, {
    ...(field ? { field } : {}),
    expected,
  })
}

function takeBlock(header: PointBlockHeader, columns: ColumnReader): PointBlock {
  const { source, keys, rows } = header
  const steps = columns.take(rows)
  const times = columns.take(rows)
  const epochs = header.epochs ? columns.take(rows) : undefined
  return { source, keys, steps, times, epochs, values: keys.map(() => columns.take(rows)) }
}

function readBlock(block: z.output<typeof looseBlock>, at: number): PointBlock {
  const field = `points[${at}]`
  return {
    source: block.source,
    keys: block.keys,
    steps: readColumn(block.steps, `${field}.steps`),
    times: readColumn(block.times, `${field}.times`),
    epochs: block.epochs && readColumn(block.epochs, `${field}.epochs`),
    values: block.values.map((values, index) => readColumn(values, `${field}.values[${index}]`)),
  }
}

function readColumn(values: readonly unknown[], field: string): Float64Array {
  const read = new Float64Array(values.length)
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]
    read[row] = typeof value === 'number' ? value : readNonFinite(value, `${field}[${row}]`)
  }
  return read
}

function readNonFinite(value: unknown, field: string): number {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value)
  const expected = 'a number, "NaN", "Infinity" or "-Infinity"'
  throw new PilothouseError('invalid', `${field} is not a number.`, { field, expected })
}

function checkReport(candidate: Report): Report {
  candidate.points.forEach(checkBlock)
  candidate.logs.forEach((block, at) => {
    if (block.times.length !== block.lines.length)
      throw unevenAt(`logs[${at}].times`, block.lines.length, block.times.length)
  })
  const points = candidate.points.reduce((sum, block) => sum + block.keys.length * block.steps.length, 0)
  const lines = candidate.logs.reduce((sum, block) => sum + block.lines.length, 0)
  if (points > limits.reportPointsMax)
    throw new PilothouseError('tooLarge', `A report has at most ${limits.reportPointsMax} points, this one ${points}.`)
  if (lines > limits.reportLinesMax)
    throw new PilothouseError('tooLarge', `A report has at most ${limits.reportLinesMax} lines, this one ${lines}.`)
  return candidate
}

function checkBlock(block: PointBlock, at: number): void {
  const rows = block.steps.length
  const columns: [string, ArrayLike<number>][] = [
    ['times', block.times],
    ...(block.epochs ? [['epochs', block.epochs] satisfies [string, ArrayLike<number>]] : []),
    ...block.values.map((column, index): [string, ArrayLike<number>] => [`values[${index}]`, column]),
  ]
  for (const [name, column] of columns) {
    if (column.length !== rows) throw unevenAt(`points[${at}].${name}`, rows, column.length)
  }
  if (block.values.length !== block.keys.length)
    throw unevenAt(`points[${at}].values`, block.keys.length, block.values.length)
  if (new Set(block.keys).size !== block.keys.length) {
    throw new PilothouseError('invalid', 'A key stands twice in one block.', {
      field: `points[${at}].keys`,
      expected: 'each key once',
    })
  }
  checkFinite(block.steps, `points[${at}].steps`)
  checkFinite(block.times, `points[${at}].times`)
}

function checkFinite(column: ArrayLike<number>, field: string): void {
  for (let row = 0; row < column.length; row += 1) {
    if (!Number.isFinite(column[row])) {
      throw new PilothouseError('invalid', `${field}[${row}] is not a finite number.`, {
        field: `${field}[${row}]`,
        expected: 'a finite number',
      })
    }
  }
}

function unevenAt(field: string, expected: number, found: number): PilothouseError {
  return new PilothouseError('invalid', `${field} has ${found} entries where ${expected} were expected.`, {
    field,
    expected: `${expected} entries`,
  })
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
