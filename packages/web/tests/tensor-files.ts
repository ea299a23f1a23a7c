/** Checkpoints whose files are there: safetensors, with the record that a job writes beside each. */
import { mkdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Steerable } from './steerable.ts'

export type Tensors = Readonly<Record<string, { shape: readonly number[]; values: readonly number[] }>>

/** A tensor of one dimension. */
export function vector(...values: number[]): Tensors[string] {
  return { shape: [values.length], values }
}

/** Has a job write a checkpoint that holds these, as float32, into a folder of this machine. */
export async function writeTensors(
  job: Steerable,
  { folder, name, tensors }: { folder: string; name: string; tensors: Tensors },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const bytes = encodeSafetensors(tensors)
  const uri = join(folder, name)
  await writeFile(uri, bytes)
  await writeFile(`${uri}.pilothouse.json`, JSON.stringify({ version: 1, uid: job.reporter.uid, name }))
  await job.write(name, { uri, host: hostname(), bytes: bytes.byteLength })
}

/** The length of the header in 8 bytes, the header as JSON, the elements. */
function encodeSafetensors(tensors: Tensors): Uint8Array {
  let end = 0
  const header = Object.entries(tensors).map(([name, { shape, values }]) => {
    const begin = end
    end += values.length * 4
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const
  })
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const elements = Object.values(tensors).flatMap(({ values }) => values)
  return Buffer.concat([length, text, Buffer.from(Float32Array.from(elements).buffer)])
}
