/** Columns of the table, and which of them a width has room for. */
import { cleanText, cutText, fitText, measureCells } from './cell-text.ts'
import { drawBar, formatGpu, formatHourly, formatMetric, formatPercent, formatSpan, formatTotal } from './figures.ts'
import type { SortKey } from './screen-state.ts'
import type { Role } from './styled-line.ts'
import type { TopRow } from './top-state.ts'

type ColumnKey = Exclude<SortKey, 'source'> | 'gpuName'
export type PlacedColumn = { key: ColumnKey; title: string; align: 'left' | 'right'; width: number }

/** What a width makes of the table. */
type Plan = {
  shown: readonly ColumnKey[]
  nameMax: number
  /** Cells of the bar; 0: none. */
  bar: number
  /** Per cent beside the epochs. */
  percent: boolean
}
export type Layout = { columns: readonly PlacedColumn[]; gap: string; plan: Plan }

const titles: Readonly<Record<ColumnKey, { title: string; align: 'left' | 'right' }>> = {
  id: { title: 'ID', align: 'left' },
  name: { title: 'NAME', align: 'left' },
  gpuName: { title: 'GPU', align: 'left' },
  status: { title: 'STATUS', align: 'left' },
  health: { title: 'HEALTH', align: 'left' },
  progress: { title: 'PROGRESS', align: 'left' },
  gpu: { title: 'GPU%', align: 'right' },
  memory: { title: 'MEM%', align: 'right' },
  loss: { title: 'LOSS', align: 'right' },
  rate: { title: 'COST/H', align: 'right' },
  cost: { title: 'TOTAL', align: 'right' },
  eta: { title: 'ETA', align: 'right' },
}
const order: readonly ColumnKey[] = [
  'id',
  'name',
  'gpuName',
  'status',
  'health',
  'progress',
  'gpu',
  'memory',
  'loss',
  'rate',
  'cost',
  'eta',
]
const widthMax: Partial<Record<ColumnKey, number>> = { id: 12, gpuName: 16, status: 11, health: 12 }
const nameMin = 8
const signs = { good: '●', neutral: '○', warning: '▲', error: '✗' } as const

/** The widest layout that fits into `cols` cells; the least needed goes first. */
export function layoutTable(rows: readonly TopRow[], cols: number, now: number): Layout {
  const gap = cols >= 110 ? '  ' : ' '
  const full: Plan = { shown: order, nameMax: 32, bar: 10, percent: true }
  let layout = place(rows, full, gap, now)
  for (const step of listSteps(rows)) {
    if (measureLayout(layout) <= cols) return layout
    layout = place(rows, step(layout.plan), gap, now)
  }
  return layout
}

/** What gives way, in this order. A machine is known by its number, a job by its name: the other one goes early. */
function listSteps(rows: readonly TopRow[]): readonly ((plan: Plan) => Plan)[] {
  const second = rows.every(({ kind }) => kind === 'instance') ? 'name' : 'id'
  const drop = (key: ColumnKey) => (plan: Plan) => ({ ...plan, shown: plan.shown.filter((shown) => shown !== key) })
  return [
    (plan) => ({ ...plan, nameMax: 20 }),
    (plan) => ({ ...plan, bar: 5 }),
    (plan) => ({ ...plan, percent: false }),
    (plan) => ({ ...plan, nameMax: 14 }),
    drop('status'),
    drop(second),
    (plan) => ({ ...plan, nameMax: nameMin + 2 }),
    drop('memory'),
    drop('gpuName'),
    (plan) => ({ ...plan, bar: 0 }),
    drop('cost'),
    drop('rate'),
    drop('loss'),
    drop('eta'),
    drop('gpu'),
    drop('progress'),
    (plan) => ({ ...plan, nameMax: nameMin }),
  ]
}

function place(rows: readonly TopRow[], plan: Plan, gap: string, now: number): Layout {
  const columns = order
    .filter((key) => plan.shown.includes(key))
    .map((key) => ({ key, ...titles[key], width: measureColumn(rows, key, plan, now) }))
  return { columns, gap, plan }
}

function measureColumn(rows: readonly TopRow[], key: ColumnKey, plan: Plan, now: number): number {
  // Without a bar, the title is longer than what stands below it.
  const title = key === 'progress' && plan.bar === 0 ? 4 : titles[key].title.length
  const widest = rows.reduce((width, row) => Math.max(width, measureCells(viewCell(row, key, plan, now))), title)
  const max = key === 'name' ? plan.nameMax : (widthMax[key] ?? widest)
  return Math.min(widest, max)
}

function measureLayout({ columns, gap }: Layout): number {
  return columns.reduce((sum, { width }) => sum + width, 0) + gap.length * Math.max(0, columns.length - 1)
}

/** A title, with the arrow of the sort beside it where there is room. */
export function viewTitle({ title, align, width }: PlacedColumn, arrow: string): string {
  const short = width < title.length ? title.slice(0, 4) : title
  return fitText(arrow === '' ? short : `${cutText(short, width - 1)}${arrow}`, width, align)
}

/** A cell in its width. */
export function viewPlaced(row: TopRow, { key, width, align }: PlacedColumn, { plan }: Layout, now: number): string {
  return fitText(viewCell(row, key, plan, now), width, align)
}

/** Only what says how a row does is coloured; all else stays calm. */
export function chooseRole(row: TopRow, { key }: PlacedColumn): Role {
  if (key === 'health') return roleOfHealth(row)
  if (row.trouble !== null) return 'dim'
  if (key === 'id') return 'accent'
  if (key === 'progress' && row.health.level !== 'error') return 'curve'
  return row.isActive ? 'plain' : 'dim'
}

/** What is old is neither well nor ill. */
export function roleOfHealth({ health, trouble }: TopRow): Role {
  return trouble !== null && health.level !== 'error' ? 'warning' : health.level
}

/** How a row does, as a sign and a word; what is old says how old. */
export function viewHealth({ health, trouble, seenAt }: TopRow, now: number): string {
  if (trouble !== null && health.level !== 'error') return `◌ ${formatSpan(Math.max(0, now - seenAt))} old`
  return `${signs[health.level]} ${cleanText(health.word)}`
}

function viewCell(row: TopRow, key: ColumnKey, plan: Plan, now: number): string {
  switch (key) {
    case 'id':
      return cleanText(row.shortId)
    case 'name':
      return cleanText(row.name)
    case 'gpuName':
      return cleanText(formatGpu(row))
    case 'status':
      return cleanText(row.state)
    case 'health':
      return viewHealth(row, now)
    case 'progress':
      return viewProgress(row, plan)
    case 'gpu':
      return formatPercent(row.gpuUse)
    case 'memory':
      return formatPercent(row.memoryUse)
    case 'loss':
      return formatMetric(row.loss)
    case 'rate':
      return formatHourly(row.perHour, row.currency)
    case 'cost':
      return formatTotal(row)
    case 'eta':
      return formatSpan(row.etaMs)
    default:
      return key satisfies never
  }
}

/** `███▌····· 41% 1/3`, or as much of it as the plan has room for. */
function viewProgress(row: TopRow, { bar, percent }: Plan): string {
  const epochs = row.epoch === null ? null : `${row.epoch}${row.epochs === null ? '' : `/${row.epochs}`}`
  const share = row.progress === null ? null : `${Math.floor(row.progress * 100)}%`
  const label = percent
    ? `${(share ?? '').padStart(4)} ${epochs ?? ''}`.trimEnd()
    : (epochs ?? share ?? (row.step === null ? '–' : String(row.step)))
  if (bar === 0) return label.trimStart()
  return `${drawBar(row.progress, bar)} ${label}`
}
