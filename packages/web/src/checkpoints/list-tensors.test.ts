import type { CheckpointComparison } from '@pilothouse/contract'
import { expect, test } from 'vitest'
import { chooseTensors, listLayers, listTensors, sortTensors } from './list-tensors.ts'

const figures = { count: 4, cosine: 1, maxDifference: 1, equalShare: 0, nonFinite: 0 }
const side = { dtype: 'float32', shape: [2, 2] } as const
const nothing = {
  count: 0,
  normA: null,
  normB: null,
  distance: null,
  relative: null,
  cosine: null,
  maxDifference: null,
  equalShare: null,
  nonFinite: null,
}
const one = { name: '', a: { ...side, shape: [2, 2] }, b: { ...side, shape: [2, 2] }, note: null }
const comparison = {
  tensors: [
    { ...one, name: 'layer.2.weight', change: 'changed', ...figures, normA: 2, normB: 3, distance: 1, relative: 0.5 },
    { ...one, name: 'layer.10.weight', change: 'changed', ...figures, normA: 1, normB: 9, distance: 8, relative: 8 },
    { ...one, name: 'head.bias', b: null, change: 'onlyA', ...nothing },
    { ...one, name: 'head.weight', b: { dtype: 'float16', shape: [] }, change: 'shape', ...nothing },
  ],
  layers: [{ name: 'layer.2', tensors: 1, ...figures, normA: 2, normB: 3, distance: 1, relative: 0.5 }],
} satisfies Pick<CheckpointComparison, 'tensors' | 'layers'>
const rows = listTensors(comparison as unknown as CheckpointComparison) // what it reads of one

const namesOf = (some: readonly { name: string }[]) => some.map(({ name }) => name)

test('rows say what a tensor is, on both sides where they differ', () => {
  expect(rows.map(({ words }) => words)).toEqual([
    'float32 2 × 2',
    'float32 2 × 2',
    'float32 2 × 2',
    'float32 2 × 2 → float16 scalar',
  ])
  const layers = listLayers(comparison as unknown as CheckpointComparison) // what it reads of one
  expect(layers).toMatchObject([{ name: 'layer.2', words: '1 tensor, 4 elements', change: null }])
})

test('rows are sorted by how far they have moved; what was not compared comes last either way', () => {
  expect(namesOf(sortTensors(rows, { by: 'distance', isDown: true }))).toEqual([
    'layer.10.weight',
    'layer.2.weight',
    'head.bias',
    'head.weight',
  ])
  expect(namesOf(sortTensors(rows, { by: 'distance', isDown: false }))[0]).toBe('layer.2.weight')
  expect(namesOf(sortTensors(rows, { by: 'name', isDown: false }))).toEqual(namesOf(rows))
})

test('rows are found by the words of their names, and by what has become of them', () => {
  expect(namesOf(chooseTensors(rows, { text: 'WEIGHT layer', change: undefined }))).toEqual([
    'layer.2.weight',
    'layer.10.weight',
  ])
  expect(namesOf(chooseTensors(rows, { text: '', change: 'onlyA' }))).toEqual(['head.bias'])
  expect(chooseTensors(rows, { text: 'weight', change: 'onlyA' })).toEqual([])
})
