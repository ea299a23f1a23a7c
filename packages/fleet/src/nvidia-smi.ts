/** Reads what `nvidia-smi --query-gpu=… --format=csv,noheader,nounits` prints. */
import type { GpuResourceKey } from '@pilothouse/contract'

/** What is asked for, in this order, behind the index. */
export const gpuQuery = 'index,utilization.gpu,temperature.gpu,memory.used,memory.total,power.draw'

export type GpuReading = { index: number; values: Map<GpuResourceKey, number> }

const mebibyte = 1024 ** 2
const columns = [
  ['gpu.utilization', 1],
  ['gpu.temperature', 1],
  ['gpu.memory.used', mebibyte],
  ['gpu.memory.total', mebibyte],
  ['gpu.power', 1],
] as const satisfies [GpuResourceKey, number][]

/** One row; null for anything that is none (an error message, a blank line). What a GPU does not measure is left out. */
export function parseGpuRow(line: string): GpuReading | null {
  const [index = '', ...cells] = parseCsvRow(line)
  if (!/^\d{1,4}$/.test(index) || cells.length < columns.length) return null
  const values = new Map<GpuResourceKey, number>()
  for (const [at, [key, factor]] of columns.entries()) {
    const measure = parseMeasure(cells[at] ?? '')
    if (measure !== null) values.set(key, measure * factor)
  }
  return { index: Number(index), values }
}

export function parseCsvRow(line: string): string[] {
  return line.split(',').map((cell) => cell.trim())
}

/** A number, or null for `[N/A]`, `[Not Supported]` and the like. */
export function parseMeasure(text: string): number | null {
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
}

/** Which GPUs a job may use by CUDA_VISIBLE_DEVICES; names other than numbers (UUIDs) do not limit. */
export function selectGpus(env: NodeJS.ProcessEnv): (index: number) => boolean {
  const text = env['CUDA_VISIBLE_DEVICES']
  if (text === undefined) return () => true
  const parts = text.split(',').map((part) => part.trim())
  if (text.trim() === '' || parts[0] === '-1') return () => false
  if (!parts.every((part) => /^\d+$/.test(part))) return () => true
  return (index) => parts.includes(String(index))
}
