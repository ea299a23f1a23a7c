/**
 * JSON has no word for NaN and the infinities, so they come as strings. Where the contract promises numbers, numbers are
 * handed on; everything else stays as it came.
 */
import type { RouteName } from '@pilothouse/contract'
import { metricColumns } from '@pilothouse/contract/wire'

/** The answer of a route with its words for numbers read. */
export function decodeAnswer(name: RouteName, answer: unknown): unknown {
  switch (name) {
    case 'metrics.latest':
    case 'admin.latest':
    case 'training.status':
      return mapList(answer, 'metrics', (metric) => mapFields(metric, ['value', 'min', 'max'], readNumber))
    case 'metrics.query':
    case 'admin.metrics':
    case 'training.losses':
    case 'training.resources':
      return mapList(answer, 'series', (series) => mapFields(series, metricColumns, readColumn))
    default:
      return answer
  }
}

function mapList(answer: unknown, field: string, change: (entry: object) => object): unknown {
  if (!isObject(answer)) return answer
  const list: unknown = Reflect.get(answer, field)
  return Array.isArray(list)
    ? { ...answer, [field]: list.map((entry: unknown) => (isObject(entry) ? change(entry) : entry)) }
    : answer
}

function mapFields(entry: object, names: readonly string[], change: (value: unknown) => unknown): object {
  const changed = names.map((name): [string, unknown] => [name, change(Reflect.get(entry, name))])
  return { ...entry, ...Object.fromEntries(changed) }
}

function readColumn(column: unknown): unknown {
  return Array.isArray(column) ? column.map(readNumber) : column
}

function readNumber(value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
