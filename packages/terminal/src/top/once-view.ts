import { formatDuration, formatMoney, formatPrice, formatValue, sanitizeForTerminal } from '@pilothouse/signals'
import { type Cell, type Column, viewTable } from '../table.ts'
import type { TopRow } from './top-state.ts'

const columns: readonly Column[] = [
  { title: 'ID' },
  { title: 'NAME', elastic: true },
  { title: 'GPU' },
  { title: 'STATE' },
  { title: 'HEALTH' },
  { title: 'EPOCH', align: 'right' },
  { title: 'DONE', align: 'right' },
  { title: 'GPU %', align: 'right' },
  { title: 'MEM %', align: 'right' },
  { title: 'LOSS', align: 'right' },
  { title: 'AN HOUR', align: 'right' },
  { title: 'COST', align: 'right' },
  { title: 'LEFT', align: 'right' },
]
const unknown = '–'

/** All rows as a plain table, and below it why some of them have failed, or are not newer. An estimate of a cost begins with «~». */
export function viewTopOnce(rows: readonly TopRow[], width: number): string[] {
  if (rows.length === 0) return ['There is nothing to show.']
  const troubles = new Set(rows.map(({ trouble }) => trouble).filter((one) => one !== null))
  const failures = rows.flatMap(({ name, health }) =>
    health.level === 'error' && health.why !== null ? [`${name}: ${health.why}`] : [],
  )
  return [...viewTable(columns, rows.map(viewRow), width), ...[...failures, ...troubles].map(sanitizeForTerminal)]
}

function viewRow(row: TopRow): Cell[] {
  const { epoch, epochs, currency } = row
  const texts = [
    row.shortId,
    row.name,
    row.gpuName === null ? unknown : row.gpuCount > 1 ? `${row.gpuCount}×${row.gpuName}` : row.gpuName,
    row.state,
    row.health.word,
    epoch === null ? unknown : epochs === null ? formatValue(epoch) : `${formatValue(epoch)}/${epochs}`,
    orUnknown(row.progress, (share) => `${Math.floor(share * 100)} %`),
    orUnknown(row.gpuUse, (use) => use.toFixed(0)),
    orUnknown(row.memoryUse, (use) => use.toFixed(0)),
    orUnknown(row.loss, formatValue),
    orUnknown(row.perHour, (price) => (currency === null ? unknown : formatPrice(price, currency))),
    orUnknown(row.cost, (cost) => (currency === null ? unknown : sign(row) + formatMoney(cost, currency))),
    orUnknown(row.etaMs, formatDuration),
  ]
  return texts.map((text) => ({ text: sanitizeForTerminal(text) }))
}

function sign({ costIs }: TopRow): string {
  return costIs === 'estimate' ? '~' : ''
}

function orUnknown(value: number | null, format: (value: number) => string): string {
  return value === null ? unknown : format(value)
}
