import type { CheckpointComparison, ComparedLayer, ComparedTensor, TensorChange } from '@pilothouse/contract'
import { tensorChanges } from '@pilothouse/contract/wire'
import { formatCount, sanitizeForTerminal } from '@pilothouse/signals'
import type { Paint } from './paint.ts'
import { type Cell, type Column, viewTable } from './table.ts'
import { formatFigure, formatShape, formatShare, viewRest, viewSuspicious } from './tensors-view.ts'

const rowsShownMax = 500

const words: Readonly<Record<TensorChange, string>> = {
  same: 'same',
  changed: 'changed',
  onlyA: 'only in A',
  onlyB: 'only in B',
  shape: 'other shape',
  unread: 'not read',
}

const distanceColumns: readonly Column[] = [
  { title: 'DISTANCE', align: 'right' },
  { title: 'RELATIVE', align: 'right' },
  { title: 'COSINE', align: 'right' },
  { title: 'MAX', align: 'right' },
  { title: 'EQUAL', align: 'right' },
]
const tensorColumns: readonly Column[] = [
  { title: 'TENSOR', elastic: true },
  { title: 'CHANGE' },
  { title: 'DTYPE' },
  { title: 'SHAPE' },
  ...distanceColumns,
]
const layerColumns: readonly Column[] = [
  { title: 'LAYER', elastic: true },
  { title: 'TENSORS', align: 'right' },
  { title: 'ELEMENTS', align: 'right' },
  ...distanceColumns,
]

type Place = { paint: Paint; width: number; all: boolean; layers: boolean }

/** Two checkpoints beside each other: a row for each tensor, or each layer, then totals and what has to be said. */
export function viewTensorComparison(comparison: CheckpointComparison, { paint, width, all, layers }: Place): string[] {
  const rows = layers
    ? comparison.layers.map((layer) => viewLayer(layer))
    : comparison.tensors.map((tensor) => viewTensor(tensor, paint))
  const shown = all ? rows : rows.slice(0, rowsShownMax)
  const [head = '', ...lines] = viewTable(layers ? layerColumns : tensorColumns, shown, width)
  return [
    ...(rows.length === 0 ? [] : [paint('dim', head), ...lines]),
    ...viewRest(rows.length - shown.length, paint),
    viewCounts(comparison),
    viewTotals(comparison.totals),
    ...viewSide('A', comparison.a, paint),
    ...viewSide('B', comparison.b, paint),
    ...viewNotes(comparison.tensors, paint),
  ]
}

function viewTensor(row: ComparedTensor, paint: Paint): Cell[] {
  const { name, change, a, b } = row
  const style = change === 'same' ? 'dim' : change === 'changed' ? undefined : 'yellow'
  return [
    { text: sanitizeForTerminal(name) },
    { text: words[change], ...(style && { paint: (text: string) => paint(style, text) }) },
    { text: viewBoth(a && (a.dtype ?? '?'), b && (b.dtype ?? '?')) },
    { text: viewBoth(a && formatShape(a.shape), b && formatShape(b.shape)) },
    ...viewDistances(row),
  ]
}

function viewLayer(layer: ComparedLayer): Cell[] {
  const about = [sanitizeForTerminal(layer.name), formatCount(layer.tensors), formatCount(layer.count)]
  return [...about.map((text) => ({ text })), ...viewDistances(layer)]
}

function viewDistances({
  distance,
  relative,
  cosine,
  maxDifference,
  equalShare,
}: Omit<ComparedLayer, 'name' | 'tensors'>): Cell[] {
  const [far, share, most] = [distance, relative, maxDifference].map(formatFigure)
  return [far ?? '', share ?? '', formatCosine(cosine), most ?? '', formatShare(equalShare)].map((text) => ({ text }))
}

/** Six digits behind the point: weights of one training are so alike that fewer would make all of them 1. */
function formatCosine(cosine: number | null): string {
  if (cosine === null) return '–'
  return cosine < 1 && cosine > 0.999_999_5 ? '>0.999999' : cosine.toFixed(6)
}

/** What both have, once; else the one and the other. */
function viewBoth(a: string | null, b: string | null): string {
  if (a === null || b === null) return a ?? b ?? ''
  return a === b ? a : `${a} → ${b}`
}

function viewCounts({ counts }: CheckpointComparison): string {
  const told = tensorChanges.filter((change) => counts[change] > 0)
  return told.map((change) => `${formatCount(counts[change])} ${words[change]}`).join(', ') || 'no tensors'
}

function viewTotals({
  count,
  distance,
  relative,
  cosine,
  equalShare,
  nonFinite,
}: CheckpointComparison['totals']): string {
  const broken = nonFinite === null || nonFinite === 0 ? '' : `, ${formatCount(nonFinite)} not finite`
  const parts = [
    `distance ${formatFigure(distance)}`,
    `relative ${formatFigure(relative)}`,
    `cosine ${formatCosine(cosine)}`,
    `${formatShare(equalShare)} equal`,
  ]
  return `${formatCount(count)} elements compared: ${parts.join(', ')}${broken}`
}

function viewSide(
  letter: 'A' | 'B',
  { path, prefix, notes, suspicious }: CheckpointComparison['a'],
  paint: Paint,
): string[] {
  const dropped = prefix === '' ? '' : `, without «${sanitizeForTerminal(prefix)}» in front of its names`
  return [
    paint('dim', `${letter} is ${sanitizeForTerminal(path)}${dropped}`),
    ...notes.map((note) => `${paint('yellow', '!')} ${letter}: ${sanitizeForTerminal(note)}`),
    ...viewSuspicious(suspicious, paint),
  ]
}

function viewNotes(tensors: readonly ComparedTensor[], paint: Paint): string[] {
  const reasons = new Map<string, number>()
  for (const { note } of tensors) if (note !== null) reasons.set(note, (reasons.get(note) ?? 0) + 1)
  return [...reasons].map(
    ([note, count]) => `${paint('yellow', '!')} ${formatCount(count)} not read: ${sanitizeForTerminal(note)}`,
  )
}
