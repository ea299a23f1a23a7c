/** Rows of a comparison of what two checkpoints hold: which are shown, and in which order. Pure. */
import type { CheckpointComparison, ComparedTensor } from '@pilothouse/contract'
import { formatCount } from '@pilothouse/signals'

export type TensorRow = {
  name: string
  /** null: several together, as a layer. */
  change: ComparedTensor['change'] | null
  /** Kind and shape; of a layer how many tensors. */
  words: string
  normA: number | null
  normB: number | null
  distance: number | null
  relative: number | null
  cosine: number | null
  nonFinite: number
  note: string | null
}

export const tensorOrders = ['name', 'normA', 'normB', 'distance', 'relative', 'cosine'] as const
export type TensorOrder = (typeof tensorOrders)[number]
export type TensorSort = { by: TensorOrder; isDown: boolean }

export function listTensors({ tensors }: CheckpointComparison): TensorRow[] {
  return tensors.map((one) => ({ ...one, words: describeSides(one), nonFinite: one.nonFinite ?? 0 }))
}

export function listLayers({ layers }: CheckpointComparison): TensorRow[] {
  return layers.map((one) => ({
    ...one,
    change: null,
    words: `${one.tensors === 1 ? '1 tensor' : `${formatCount(one.tensors)} tensors`}, ${formatCount(one.count)} elements`,
    nonFinite: one.nonFinite ?? 0,
    note: null,
  }))
}

/** Those in whose name all the words are, and that have changed in this way; undefined: in any. */
export function chooseTensors(
  rows: readonly TensorRow[],
  { text, change }: { text: string; change: TensorRow['change'] | undefined },
): readonly TensorRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && change === undefined) return rows
  return rows.filter(
    (row) =>
      (change === undefined || row.change === change) && words.every((word) => row.name.toLowerCase().includes(word)),
  )
}

/** By name: as they stand in the model. What has no such figure comes last, whichever way it goes. */
export function sortTensors(rows: readonly TensorRow[], { by, isDown }: TensorSort): readonly TensorRow[] {
  if (by === 'name') return isDown ? rows.toReversed() : rows
  const way = isDown ? -1 : 1
  return rows.toSorted((one, other) => {
    const [first, second] = [one[by], other[by]]
    if (first === null || second === null) return Number(first === null) - Number(second === null)
    return way * (first - second)
  })
}

function describeSides({ a, b }: ComparedTensor): string {
  const [first, second] = [a, b].map((side) => (side === null ? undefined : describeSide(side)))
  if (first === undefined || second === undefined || first === second) return first ?? second ?? ''
  return `${first} → ${second}`
}

function describeSide({ dtype, shape }: NonNullable<ComparedTensor['a']>): string {
  return `${dtype ?? 'other'} ${shape.length === 0 ? 'scalar' : shape.join(' × ')}`
}
