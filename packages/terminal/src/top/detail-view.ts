/** One row with all that is known: charts, stages, parameters, checkpoints, facts. */
import { cleanText, fitText, measureCells } from './cell-text.ts'
import { viewChart, viewSparkline } from './chart-view.ts'
import {
  drawBar,
  formatAmount,
  formatClock,
  formatGpu,
  formatHourly,
  formatMetric,
  formatPercent,
  formatSpan,
  formatTotal,
} from './figures.ts'
import { type Keys, listActionKeys, nameRow, viewFoot, viewHeader } from './frame-view.ts'
import { findRow, type ScreenState } from './screen-state.ts'
import { type Line, measureLine, say, type Segment, viewRule, wrapLine, wrapParts } from './styled-line.ts'
import { roleOfHealth, viewHealth } from './table-columns.ts'
import type { TopCurve, TopDetail, TopRow } from './top-state.ts'

type Size = { cols: number; rows: number }

const sideBySideCols = 100
/** Of the reason for how it does. */
const whyLinesMax = 3
const chartRowsMax = 12
const chartRowsMin = 4

const keys: Keys = [
  ['Esc', 'back'],
  ['↑↓', 'scroll'],
  ['←→', 'other row'],
  ['l', 'log'],
  ['?', 'help'],
]

/** The screen behind Enter. */
export function viewDetailScreen(state: ScreenState, { cols, rows }: Size, now: number): Line[] {
  const row = findRow(state, state.watched)
  const header = viewHeader(state, cols, now).slice(0, Math.max(1, rows - 3))
  const foot = viewFoot(state, [...keys, ...listActionKeys(state, row)], { cols, now })
  const room = Math.max(0, rows - header.length - 1)
  const body = row === undefined ? [viewGone(state)] : viewBody(row, state, { size: { cols, rows: room }, now })
  const start = Math.min(state.detailScroll, Math.max(0, body.length - room))
  const shown = body.slice(start, start + room)
  const space = Array.from({ length: room - shown.length }, (): Line => [])
  return [...header, ...shown, ...space, foot]
}

/** How far the details can be scrolled. */
export function countDetailLines(state: ScreenState, size: Size, now: number): number {
  const row = findRow(state, state.watched)
  return row === undefined ? 1 : viewBody(row, state, { size, now }).length
}

function viewGone({ watched }: ScreenState): Line {
  return [say(`${watched ?? 'It'} is no longer listed. Esc goes back.`, 'dim')]
}

function viewBody(row: TopRow, state: ScreenState, { size, now }: { size: Size; now: number }): Line[] {
  const head = viewHead(row, size.cols, now)
  const details = state.details?.rowId === row.id ? state.details : null
  if (details === null) return [...head, [], [say('Asking for its details …', 'dim')]]
  return [...head, ...viewCurves(details.curves, size), ...viewSections(details, size.cols, now)]
}

function viewHead(row: TopRow, cols: number, now: number): Line[] {
  const why = row.trouble ?? row.health.why
  const state = row.state === row.health.word && row.trouble === null ? [] : [[say(row.state)]]
  const first = wrapParts(
    [[say(nameRow(row), 'title')], [say(viewHealth(row, now), roleOfHealth(row))], ...state],
    cols,
  )
  const reason = why === null ? [] : wrapLine([say(why, row.trouble === null ? 'plain' : 'warning')], cols, whyLinesMax)
  return [...first, ...reason, ...wrapParts(listFigures(row), cols)]
}

function listFigures(row: TopRow): Line[] {
  const parts: Line[] = []
  const add = (name: string, value: string): void => {
    if (value !== '–') parts.push([say(`${name} `, 'dim'), say(value)])
  }
  if (row.progress !== null)
    parts.push([say(drawBar(row.progress, 10), 'curve'), say(` ${Math.floor(row.progress * 100)}%`)])
  if (row.epoch !== null) add('epoch', `${row.epoch}${row.epochs === null ? '' : `/${row.epochs}`}`)
  if (row.step !== null) add('step', `${row.step}${row.steps === null ? '' : `/${row.steps}`}`)
  add(row.lossKey ?? 'loss', formatMetric(row.loss))
  add('ETA', formatSpan(row.etaMs))
  add('GPU', row.gpuUse === null ? formatGpu(row) : `${formatGpu(row)} ${formatPercent(row.gpuUse)}%`)
  add('memory', row.memoryUse === null ? '–' : `${formatPercent(row.memoryUse)}%`)
  add('cost', formatTotal(row))
  if (row.perHour !== null) parts.push([say(formatHourly(row.perHour, row.currency)), say('/h', 'dim')])
  if (row.costAtEnd !== null) add('at its end', `≈${formatAmount(row.costAtEnd, row.currency)}`)
  return parts
}

/** The first loss and the first utilisation large, beside each other where there is room; the others as sparklines. */
function viewCurves(curves: readonly TopCurve[], { cols, rows }: Size): Line[] {
  const drawn = curves.filter(({ values }) => values.length > 0)
  const large = [drawn.find(({ unit }) => unit === 'number'), drawn.find(({ unit }) => unit === '%')].filter(
    (curve) => curve !== undefined,
  )
  const small = drawn.filter((curve) => !large.includes(curve)).map((curve) => viewSparkline(curve, cols))
  if (large.length === 0) return []
  const beside = cols >= sideBySideCols && large.length === 2
  const share = Math.floor((rows * 0.5) / (beside ? 1 : large.length))
  const height = Math.max(chartRowsMin, Math.min(chartRowsMax, share))
  const width = beside ? Math.floor((cols - 3) / 2) : cols
  const charts = large.map((curve, at) =>
    viewChart(curve, { cols: width, rows: height }, at === 0 ? 'curve' : 'curve2'),
  )
  return [[], ...(beside ? placeBeside(charts, width) : charts.flat()), ...small]
}

function placeBeside([left = [], right = []]: readonly Line[][], width: number): Line[] {
  return left.map((line, at) => [
    ...line,
    say(' '.repeat(Math.max(0, width - measureLine(line)) + 3)),
    ...(right[at] ?? []),
  ])
}

function viewSections(details: TopDetail, cols: number, now: number): Line[] {
  const { stages, checkpoints, parameters, facts } = details
  return [
    ...viewSection('Stages', cols, stages.map(viewStage)),
    ...viewSection(
      'Checkpoints',
      cols,
      checkpoints.map((checkpoint) => viewCheckpoint(checkpoint, now)),
    ),
    ...viewSection('Parameters', cols, viewPairs(parameters, cols)),
    ...viewSection('Facts', cols, viewPairs(facts, cols)),
  ]
}

function viewSection(title: string, cols: number, lines: readonly Line[]): Line[] {
  return lines.length === 0 ? [] : [viewRule(title, cols), ...lines]
}

function viewStage({ name, state, progress }: TopDetail['stages'][number]): Line {
  const bar = progress === null ? '' : `${drawBar(progress, 10)} ${Math.floor(progress * 100)}%`
  return [say(fitText(cleanText(name), 20)), say(` ${fitText(cleanText(state), 12)} `, 'dim'), say(bar, 'curve')]
}

function viewCheckpoint({ name, step, at, metric }: TopDetail['checkpoints'][number], now: number): Line {
  const place = step === null ? '' : `step ${step}`
  const age = `${formatSpan(Math.max(0, now - at))} ago`
  return [
    say(fitText(cleanText(name), 28)),
    say(` ${fitText(place, 12)} ${formatClock(at)} ${fitText(age, 12)} `, 'dim'),
    say(metric ?? ''),
  ]
}

type Pair = { name: string; value: string }

/** Of one value, which is a sentence then. */
const valueLinesMax = 4

/** Names and values in two columns where there is room; below them, over the whole width, the values that are too long for that. */
function viewPairs(pairs: readonly Pair[], cols: number): Line[] {
  const across = cols >= sideBySideCols ? 2 : 1
  const width = Math.floor(cols / across)
  const nameWidth = Math.min(24, Math.max(0, ...pairs.map(({ name }) => measureCells(cleanText(name)))))
  const room = Math.max(0, width - nameWidth - 1)
  const isShort = ({ value }: Pair): boolean => measureCells(cleanText(value)) <= room
  const short = pairs.filter(isShort)
  const half = Math.ceil(short.length / across)
  const lines = Array.from({ length: half }, (_, at): Line =>
    Array.from({ length: across }, (_unused, column) => short[at + column * half]).flatMap((pair) =>
      pair === undefined ? [] : [sayName(pair, nameWidth), say(fitText(cleanText(pair.value), room))],
    ),
  )
  const long = pairs.filter((pair) => !isShort(pair))
  return [...lines, ...long.flatMap((pair) => viewLong(pair, nameWidth, cols))]
}

function viewLong(pair: Pair, nameWidth: number, cols: number): Line[] {
  const lines = wrapLine([say(pair.value)], Math.max(1, cols - nameWidth - 1), valueLinesMax)
  return lines.map((line, at) => [at === 0 ? sayName(pair, nameWidth) : say(' '.repeat(nameWidth + 1)), ...line])
}

function sayName({ name }: Pair, nameWidth: number): Segment {
  return say(`${fitText(cleanText(name), nameWidth)} `, 'dim')
}
