import type { CheckpointComparison, ComparedTensor } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { viewTensorComparison } from './tensor-comparison-view.ts'

const place = { paint: createPaint({ enabled: false }), width: 140, all: false, layers: false }
const distances = {
  count: 16,
  normA: 4,
  normB: 4.1,
  distance: 0.4,
  relative: 0.1,
  cosine: 0.999_95,
  maxDifference: 0.3,
  equalShare: 0.5,
  nonFinite: 0,
}
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
const side = { dtype: 'float32' as const, shape: [4, 4] }
const file = { path: '/runs/a.pt', files: [], tensors: 2, suspicious: [], notes: [], prefix: '' }
const rows: ComparedTensor[] = [
  { name: 'in.weight', change: 'changed', a: side, b: { ...side, dtype: 'bfloat16' }, ...distances, note: null },
  { name: 'out.weight', change: 'shape', a: side, b: { ...side, shape: [8] }, ...nothing, note: null },
  { name: 'phase', change: 'unread', a: side, b: side, ...nothing, note: 'complex' },
  { name: 'new', change: 'onlyB', a: null, b: side, ...nothing, note: null },
]
const comparison: CheckpointComparison = {
  a: file,
  b: {
    ...file,
    path: '/runs/b.pt',
    prefix: 'module.',
    notes: ['a note'],
    suspicious: [{ file: 'b.pt', name: 'os.system', isCalled: true }],
  },
  tensors: rows,
  layers: [{ name: 'in', tensors: 1, ...distances }],
  counts: { same: 0, changed: 1, onlyA: 0, onlyB: 1, shape: 1, unread: 1 },
  totals: distances,
}

it('what differs stands beside each other, what is the same once', () => {
  expect(viewTensorComparison(comparison, place)).toEqual([
    'TENSOR      CHANGE       DTYPE               SHAPE         DISTANCE  RELATIVE    COSINE  MAX  EQUAL',
    'in.weight   changed      float32 → bfloat16  [4, 4]             0.4       0.1  0.999950  0.3   50 %',
    'out.weight  other shape  float32             [4, 4] → [8]         –         –         –    –      –',
    'phase       not read     float32             [4, 4]               –         –         –    –      –',
    'new         only in B    float32             [4, 4]               –         –         –    –      –',
    '1 changed, 1 only in B, 1 other shape, 1 not read',
    '16 elements compared: distance 0.4, relative 0.1, cosine 0.999950, 50 % equal',
    'A is /runs/a.pt',
    'B is /runs/b.pt, without «module.» in front of its names',
    '! B: a note',
    '! b.pt would call os.system when it is loaded',
    expect.stringContaining('Nothing of it was run here.'),
    '! 1 not read: complex',
  ])
})

it('layers are a table of their own', () => {
  const [head, row] = viewTensorComparison(comparison, { ...place, layers: true })
  expect([head, row]).toEqual([
    'LAYER  TENSORS  ELEMENTS  DISTANCE  RELATIVE    COSINE  MAX  EQUAL',
    'in           1        16       0.4       0.1  0.999950  0.3   50 %',
  ])
})

it('a cosine that is not 1 never reads as 1', () => {
  const [, row] = viewTensorComparison(
    { ...comparison, layers: [{ name: 'in', tensors: 1, ...distances, cosine: 1 - 1e-12 }] },
    { ...place, layers: true },
  )
  expect(row).toContain('>0.999999')
})
