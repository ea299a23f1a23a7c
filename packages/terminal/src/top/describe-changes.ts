/** What changed between two states of all rows, in sentences for a journal. */
import { cleanText } from './cell-text.ts'
import { formatGpu, formatHourly, formatMetric, formatPercent, formatSpan, formatTotal } from './figures.ts'
import { nameRow } from './frame-view.ts'
import type { TopRow } from './top-state.ts'

/** Progress is told in steps of so much. */
const progressStep = 0.1

/** A sentence for each row that changed its state, its health or its epoch, came or went. */
export function describeChanges(before: readonly TopRow[] | null, after: readonly TopRow[]): string[] {
  const known = new Map((before ?? []).map((row) => [row.id, row]))
  const present = new Set(after.map(({ id }) => id))
  const gone = (before ?? []).filter(({ id }) => !present.has(id)).map((row) => `${nameRow(row)}: no longer listed`)
  return [...after.flatMap((row) => describeRow(known.get(row.id), row)), ...gone]
}

function describeRow(before: TopRow | undefined, row: TopRow): string[] {
  if (before !== undefined && !hasChanged(before, row)) return []
  const figures = listFigures(row).filter((text) => text !== '')
  return [`${nameRow(row)}: ${[cleanText(row.state), describeHealth(row), ...figures].join(', ')}`]
}

function hasChanged(before: TopRow, row: TopRow): boolean {
  return (
    before.state !== row.state ||
    before.health.word !== row.health.word ||
    before.epoch !== row.epoch ||
    (before.trouble === null) !== (row.trouble === null) ||
    countSteps(before) !== countSteps(row)
  )
}

function countSteps({ progress }: TopRow): number | null {
  return progress === null ? null : Math.floor(progress / progressStep)
}

function describeHealth({ health, trouble }: TopRow): string {
  const why = trouble ?? health.why
  return why === null ? cleanText(health.word) : `${cleanText(health.word)} (${cleanText(why)})`
}

function listFigures(row: TopRow): string[] {
  const say = (name: string, value: string): string => (value === '–' ? '' : `${name}${cleanText(value)}`)
  const epochs = row.epoch === null ? '–' : `${row.epoch}${row.epochs === null ? '' : `/${row.epochs}`}`
  return [
    say('', formatGpu(row)),
    say('epoch ', epochs),
    row.progress === null ? '' : `${Math.floor(row.progress * 100)}%`,
    say('loss ', formatMetric(row.loss)),
    row.gpuUse === null ? '' : `GPU ${formatPercent(row.gpuUse)}%`,
    say('cost ', formatTotal(row)),
    row.perHour === null ? '' : `${formatHourly(row.perHour, row.currency)}/h`,
    say('ETA ', formatSpan(row.etaMs)),
  ]
}
