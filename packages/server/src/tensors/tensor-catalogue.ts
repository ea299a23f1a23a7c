/** What a decoder says of one file: where each tensor lies in it. No element has been read yet. */
import type { CheckpointFile, StoredValue, TensorDtype } from '@pilothouse/contract'
import { countElements } from './element-size.ts'

/** Where the elements of a tensor lie: a view of a storage, as PyTorch has it. Checked to lie within the storage. */
export type TensorPlace = {
  /** First byte of the storage in the file. */
  at: number
  /** Elements from there to the first one of the tensor. */
  offset: number
  /** Elements from one index to the next, for each dimension; 0 repeats the same elements. */
  strides: readonly number[]
  /** The other byte order than this machine's. */
  isSwapped: boolean
}

export type StoredTensor = {
  name: string
  /** Null, as the place, for a kind that is not looked into. */
  dtype: TensorDtype | null
  shape: readonly number[]
  count: number
  place: TensorPlace | null
  note: string | null
}

export type TensorCatalogue = {
  format: CheckpointFile['format']
  tensors: StoredTensor[]
  values: StoredValue[]
  valuesLeftOut: number
  suspicious: { name: string; isCalled: boolean }[]
  notes: string[]
}

/** Bounds of what one file may list. */
export const catalogueLimits = { tensorsMax: 500_000, dimensionsMax: 64, nameLengthMax: 1_000 } as const

/** Strides, in elements, of a tensor whose last dimension is closest together. */
export function makeStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  for (let at = shape.length - 2; at >= 0; at -= 1)
    strides[at] = (strides[at + 1] ?? 1) * Math.max(1, shape[at + 1] ?? 1)
  return strides
}

/** Elements from the first to the last of a view, both included; 0 of an empty one. */
export function measureExtent(shape: readonly number[], strides: readonly number[]): number {
  if (countElements(shape) === 0) return 0
  return shape.reduce((sum, size, at) => sum + (size - 1) * (strides[at] ?? 0), 1)
}

/** Gives names that stand twice a number, so that each names one thing. */
export function makeNamesUnique<One extends { name: string }>(things: One[]): One[] {
  const seen = new Map<string, number>()
  return things.map((thing) => {
    const times = (seen.get(thing.name) ?? 0) + 1
    seen.set(thing.name, times)
    return times === 1 ? thing : { ...thing, name: `${thing.name}#${times}` }
  })
}
