import type { CheckpointSummary, TensorSummary } from '@pilothouse/contract'
import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { formatShare, viewTensorProgress, viewTensors, viewVerification } from './tensors-view.ts'

const paint = createPaint({ enabled: false })
const place = { paint, width: 100, all: false }

const tensor: TensorSummary = {
  name: 'layers.0.weight',
  file: 'model.pt',
  dtype: 'float32',
  shape: [512, 64],
  count: 32_768,
  bytes: 131_072,
  norm: 18.02,
  mean: 1.2e-4,
  min: -0.41,
  max: 0.39,
  nonFinite: 0,
  zeroShare: 0,
  note: null,
}

function summarise(tensors: TensorSummary[], more: Partial<CheckpointSummary> = {}): CheckpointSummary {
  return {
    path: '/runs/model.pt',
    files: [{ name: 'model.pt', bytes: 200_000, format: 'torch' }],
    tensors,
    values: [],
    valuesLeftOut: 0,
    suspicious: [],
    notes: [],
    totals: {
      tensors: tensors.length,
      elements: 32_768,
      parameters: 32_768,
      bytes: 131_072,
      norm: 18.02,
      nonFinite: tensors.reduce((sum, { nonFinite }) => sum + (nonFinite ?? 0), 0),
    },
    ...more,
  }
}

it('tensors are a table with totals', () => {
  expect(viewTensors(summarise([tensor]), place)).toEqual([
    'TENSOR           DTYPE    SHAPE       NORM    MEAN    MIN   MAX  ZERO',
    'layers.0.weight  float32  [512, 64]  18.02  1.2e-4  -0.41  0.39',
    '1 tensor, 32\u202f768 parameters, 32\u202f768 elements, 128 KiB, norm 18.02',
  ])
})

it('elements that are not finite have a column where there are some', () => {
  const [head, row, totals] = viewTensors(summarise([{ ...tensor, nonFinite: 3, zeroShare: 0.25 }]), place)
  expect([head, row]).toEqual([expect.stringMatching(/ZERO {2}NOT FINITE$/), expect.stringMatching(/25 % {11}3$/)])
  expect(totals).toContain('3 not finite')
})

it('values, what is not looked into, and what loading would run stand below', () => {
  const complex = {
    ...tensor,
    name: 'phase',
    dtype: 'complex64' as const,
    norm: null,
    mean: null,
    note: 'figures are not worked out',
  }
  const lines = viewTensors(
    summarise([complex], {
      values: [{ name: 'lr', value: 3e-4 }],
      valuesLeftOut: 2,
      suspicious: [
        { file: 'model.pt', name: 'os.system', isCalled: true },
        { file: 'model.pt', name: 'mine.Thing', isCalled: false },
      ],
      notes: ['scheduler.pt is not looked into.'],
    }),
    place,
  )
  expect(lines.slice(3)).toEqual([
    'lr 0.0003',
    '… and 2 more values.',
    '! phase: figures are not worked out',
    '! scheduler.pt is not looked into.',
    '! model.pt would call os.system when it is loaded',
    '! model.pt would import mine.Thing when it is loaded',
    expect.stringContaining('Nothing of it was run here.'),
  ])
})

it('names cannot act on the terminal', () => {
  const name = 'a\u001B]0;title\u0007\u001B[2Jb'
  const suspicious = [{ file: name, name, isCalled: true }]
  const lines = viewTensors(
    summarise([{ ...tensor, name }], { values: [{ name, value: name }], notes: [name], suspicious }),
    place,
  )
  expect(lines.join('\n')).not.toMatch(/[\u001B\u0007]/)
})

it('many rows are shown in part, unless all are asked for', () => {
  const many = summarise(Array.from({ length: 700 }, (_, at) => ({ ...tensor, name: `layers.${at}` })))
  expect(viewTensors(many, place)).toHaveLength(1 + 500 + 1 + 1)
  expect(viewTensors(many, place)[501]).toBe('… and 200 more; --all shows them.')
  expect(viewTensors(many, { ...place, all: true })).toHaveLength(1 + 700 + 1)
})

it.each([
  [null, '–'],
  [0, '0 %'],
  [0.5, '50 %'],
  [1e-6, '<0.1 %'],
  [0.999_999, '>99.9 %'],
  [1, '100 %'],
])('a share of %d reads «%s»', (share, text) => {
  expect(formatShare(share)).toBe(text)
})

it('a file that was looked through is well, or says what is wrong', () => {
  const whole = { name: 'a.pt', state: 'ok' as const, bytes: 2048, sha256: 'ab', detail: null }
  const missing = { name: 'b.pt', state: 'missing' as const, bytes: null, sha256: null, detail: 'There is nothing.' }
  expect(viewVerification({ path: '/runs', state: 'missing', files: [whole, missing] }, paint)).toEqual([
    '✓ a.pt  ok  2 KiB',
    '    sha256 ab',
    '✗ b.pt  missing',
    '    There is nothing.',
  ])
})

it('progress tells how far it is', () => {
  expect(viewTensorProgress(512 * 1024 ** 2, 1024 ** 3)).toBe('512 MiB of 1 GiB read, 50 % …')
})
