/**
 * Points as a Parquet file, one row each, a row group for each slice of an export. So memory holds one slice, and of each
 * group written some hundred bytes of what the end of the file says of it.
 *
 *   branch INT32 · source, key UTF8 · step INT64 · fractional_step DOUBLE (steps that are not whole; `step` is null there) ·
 *   epoch DOUBLE or null · time TIMESTAMP in µs, UTC · value DOUBLE, non-finite ones included
 *
 * Measured on 2 busy cores: 20,000 points of random values about 45 ms and 380 kB; pyarrow reads it all back.
 */
import type { SchemaElement } from 'hyparquet-writer'
import type { ExportRun } from './export-metrics.ts'

const schema: SchemaElement[] = [
  { name: 'metrics', num_children: 8 },
  { name: 'branch', type: 'INT32', repetition_type: 'REQUIRED' },
  { name: 'source', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'step', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 'fractional_step', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  { name: 'epoch', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  { name: 'time', type: 'INT64', converted_type: 'TIMESTAMP_MICROS', repetition_type: 'REQUIRED' },
  { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
]

/** Bytes after bytes. The library is loaded by the first who asks for such a file. */
export async function* writeParquet(job: string, slices: AsyncIterable<readonly ExportRun[]>): AsyncGenerator<Buffer> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer')
  const bytes = new ByteWriter()
  const kvMetadata = [{ key: 'pilothouse.job', value: job }]
  const file = new ParquetWriter({ writer: bytes, schema, kvMetadata, createdBy: 'pilothouse' })
  const take = (): Buffer => {
    const taken = Buffer.from(bytes.getBytes())
    // Offsets go on counting; only what has been handed out is overwritten.
    bytes.index = 0
    return taken
  }
  for await (const runs of slices) {
    const columnData = listColumns(runs)
    await file.write({ columnData, rowGroupSize: Math.max(1, columnData[0]?.data.length ?? 1) })
    yield take()
  }
  await file.finish()
  yield take()
}

/** Plain doubles: a dictionary would take −0 for 0. */
const exact = { encoding: 'PLAIN' as const, offsetIndex: false }
const named = { offsetIndex: false }

function listColumns(runs: readonly ExportRun[]) {
  const rows = runs.flatMap((run) => Array.from(run.steps, (step, row) => ({ run, step, row })))
  const isWhole = (step: number): boolean => Math.abs(step) < 2 ** 63 && Number.isInteger(step)
  return [
    { name: 'branch', data: rows.map(({ run }) => run.branch), ...named },
    { name: 'source', data: rows.map(({ run }) => run.source), ...named },
    { name: 'key', data: rows.map(({ run }) => run.key), ...named },
    { name: 'step', data: rows.map(({ step }) => (isWhole(step) ? BigInt(step) : null)), ...exact },
    { name: 'fractional_step', data: rows.map(({ step }) => (isWhole(step) ? null : step)), ...exact },
    { name: 'epoch', data: rows.map(({ run, row }) => readEpoch(run.epochs[row])), ...exact },
    { name: 'time', data: rows.map(({ run, row }) => BigInt(Math.round((run.times[row] ?? 0) * 1000))), ...exact },
    { name: 'value', data: Float64Array.from(rows, ({ run, row }) => run.values[row] ?? Number.NaN), ...exact },
  ]
}

function readEpoch(epoch: number | undefined): number | null {
  return epoch === undefined || Number.isNaN(epoch) ? null : epoch
}
