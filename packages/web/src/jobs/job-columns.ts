/** Columns of the table: those that every job has, and values by name as `metric:loss` or `config:lr`. */
import type { JobQuery, ValueName } from '@pilothouse/contract'
import { valueKinds } from '@pilothouse/contract/wire'

export const plainColumns = [
  'state',
  'project',
  'model',
  'dataset',
  'target',
  'owner',
  'tags',
  'headline',
  'progress',
  'stage',
  'duration',
  'cost',
  'created',
  'started',
  'ended',
  'heard',
  'group',
  'type',
  'kind',
  'attempts',
  'reason',
] as const
export type PlainColumn = (typeof plainColumns)[number]
export type Column = PlainColumn | ValueName

export const defaultColumns: readonly Column[] = [
  'state',
  'model',
  'dataset',
  'headline',
  'progress',
  'duration',
  'started',
]

/** As many as one question for values takes. */
export const columnsMax = 24

const names: Record<PlainColumn, string> = {
  state: 'State',
  project: 'Project',
  model: 'Model',
  dataset: 'Dataset',
  target: 'Target',
  owner: 'Owner',
  tags: 'Tags',
  headline: 'Metric',
  progress: 'Progress',
  stage: 'Stage',
  duration: 'Time',
  cost: 'Cost',
  created: 'Created',
  started: 'Started',
  ended: 'Ended',
  heard: 'Last heard',
  group: 'Group',
  type: 'Type',
  kind: 'Kind',
  attempts: 'Attempts',
  reason: 'What went wrong',
}

/** Width in px: fixed, so that nothing shifts while values change. */
const widths: Partial<Record<PlainColumn, number>> = {
  state: 108,
  tags: 200,
  headline: 168,
  progress: 232,
  duration: 136,
  cost: 104,
  created: 104,
  started: 104,
  ended: 104,
  heard: 104,
  kind: 96,
  attempts: 80,
  reason: 320,
}
const plainWidth = 144
const valueWidth = 120

export function isValueName(text: string): text is ValueName {
  return valueKinds.some((kind) => text.startsWith(`${kind}:`) && text.length > kind.length + 1)
}

export function readColumn(text: string): Column | undefined {
  return isValueName(text) ? text : plainColumns.find((column) => column === text)
}

/** What stands above it: the last value of a metric is called as the metric is. */
export function nameColumn(column: Column): string {
  if (!isValueName(column)) return names[column]
  const at = column.indexOf(':')
  const [kind, key] = [column.slice(0, at), column.slice(at + 1)]
  if (kind === 'metric') return key
  if (kind === 'min') return `lowest ${key}`
  return kind === 'max' ? `highest ${key}` : key
}

export function widthOf(column: Column): number {
  return isValueName(column) ? valueWidth : (widths[column] ?? plainWidth)
}

export type Sort = NonNullable<JobQuery['sort']>

/** What the list is sorted by when the head of a column is pressed; undefined where that is not possible. */
export function sortOf(column: Column): Sort | undefined {
  if (isValueName(column)) return column
  switch (column) {
    case 'state':
    case 'project':
    case 'model':
    case 'dataset':
    case 'target':
    case 'created':
    case 'started':
    case 'ended':
    case 'heard':
    case 'duration':
    case 'cost':
      return column
    default:
      return undefined
  }
}

/** Numbers and times begin with the largest, words with the first letter. */
export function firstOrder(sort: Sort): 'asc' | 'desc' {
  return sort === 'name' ||
    sort === 'state' ||
    sort === 'project' ||
    sort === 'model' ||
    sort === 'dataset' ||
    sort === 'target'
    ? 'asc'
    : 'desc'
}
