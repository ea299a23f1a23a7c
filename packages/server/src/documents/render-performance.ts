import type { JobPerformance, ResourceHint } from '@pilothouse/contract'
import {
  type MachineRows,
  type TimelinePart,
  type TimelineRow,
  describeCost,
  formatDuration,
  layoutTimeline,
  listGpuRows,
  listHostRows,
  listPerformanceFigures,
} from '@pilothouse/signals'
import { formatMinute } from './format-time.ts'
import { type Html, markup } from './markup.ts'
import type { JobDocument } from './read-job-document.ts'
import { renderChart } from './render-chart.ts'
import type { Section } from './render-page.ts'
import { renderFigures, renderMore, renderState, renderTable } from './render-parts.ts'

const machinesMax = 64
/** Stages of an attempt that are written out. */
const partsMax = 60

/** What ran when: a bar for each attempt, its stages in it. */
export function renderTimeline({ performance }: JobDocument): Section | null {
  const rows = layoutTimeline(performance)
  if (rows.length === 0) return null
  const longestMs = Math.max(1, ...rows.map(({ from, to }) => to - from))
  const more = renderMore(performance.attemptsLeftOut, 'earlier attempts')
  const body = markup`<div class="box long">${rows.map((row) => renderAttempt(row, longestMs, rows.length === 1))}${more}</div>`
  return { id: 'timeline', title: 'Timeline', body }
}

function renderAttempt({ attempt, state, from, to, parts }: TimelineRow, longestMs: number, isOnly: boolean): Html {
  const span = `${formatMinute(from)} to ${formatMinute(to)}`
  const totalMs = Math.max(1, to - from)
  const shown: readonly TimelinePart[] = parts.length > 0 ? parts : [{ stage: null, state: 'skipped', from, to }]
  return markup`<div class="attempt"><p>${isOnly ? null : markup`<b>Attempt ${attempt}</b> ${renderState(state)} `}<span class="muted">${formatDuration(to - from)}, ${span}</span></p>
<div class="bar" aria-hidden="true" style="width:${Math.max(1, Math.round((totalMs / longestMs) * 100))}%">${shown.map(
    (part, at) =>
      markup`<i class="${shadeOf(part, at)}" style="width:${Number((((part.to - part.from) / totalMs) * 100).toFixed(2))}%"></i>`,
  )}</div>
${
  parts.length === 0
    ? markup`<p class="muted">no stages were reported</p>`
    : markup`<ul class="parts">${parts.slice(0, partsMax).map((part, at) => renderPart(part, at))}</ul>${renderMore(parts.length - partsMax, 'stages')}`
}</div>`
}

function renderPart(part: TimelinePart, at: number): Html {
  const { stage, state, from, to } = part
  const word = state === 'failed' || state === 'active' ? markup` <span class="small">${state}</span>` : null
  return markup`<li><span class="part ${shadeOf(part, at)}"></span><span${state === 'failed' ? markup` class="bad"` : null}>${stage ?? 'no stage'}${word}</span> <span class="muted">${formatDuration(to - from)}</span></li>`
}

function shadeOf({ stage, state }: TimelinePart, at: number): string {
  if (state === 'failed') return 'pf'
  if (stage === null) return 'ph'
  if (state === 'active') return 'pa'
  return at % 2 === 0 ? 'p0' : 'p1'
}

/** Where the time and the hardware went. */
export function renderPerformance({ performance, resources }: JobDocument): Section | null {
  if (performance.attempts.length === 0) return null
  const charts = resources.map(renderChart).filter((chart) => chart !== null)
  const body = markup`${renderFigures(listPerformanceFigures(performance))}
${performance.cost && markup`<p class="more">Cost: ${describeCost(performance.cost)}.</p>`}
${performance.hints.length === 0 ? null : markup`<h3>What stands out</h3>${performance.hints.map(renderHint)}`}
${charts.length === 0 ? null : markup`<div class="charts below">${charts}</div>`}
${renderMachines(performance)}`
  return { id: 'resources', title: 'Time and resources', body }
}

function renderHint({ title, evidence, advice }: ResourceHint): Html {
  return markup`<div class="box"><h3>${title}</h3><p>${evidence}</p><p class="muted">${advice}</p></div>`
}

function renderMachines({ gpus, hosts }: JobPerformance): Html | null {
  if (gpus.length + hosts.length === 0)
    return markup`<p class="more">No figures of its machine were reported, so there is nothing to tell of GPUs, memory or energy.</p>`
  return markup`${renderRows('GPUs', listGpuRows(gpus.slice(0, machinesMax), hosts.length > 1))}
${renderMore(gpus.length - machinesMax, 'GPUs')}
${renderRows('Hosts', listHostRows(hosts.slice(0, machinesMax)))}
${renderMore(hosts.length - machinesMax, 'hosts')}`
}

function renderRows(name: string, { heads, rows }: MachineRows): Html | null {
  if (rows.length === 0) return null
  const columns = [name, ...heads].map((head, at) => ({ head, isNumber: at > 0 }))
  const table = renderTable(
    name,
    columns,
    rows.map((row) => ({
      name: row.title === row.name ? row.name : markup`${row.name} <span class="faint small">${row.title}</span>`,
      cells: row.cells,
    })),
  )
  return markup`<div class="below">${table}</div>`
}
