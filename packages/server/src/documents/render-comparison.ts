/** The document of a comparison: who is compared, the curves over one another, and where the jobs differ. */
import type { ComparedJob } from '@pilothouse/contract'
import {
  type TableRow,
  formatDuration,
  listEnvironment,
  listResultRows,
  listSettings,
  listTimeRows,
  styleOfPlace,
} from '@pilothouse/signals'
import { formatMinute } from './format-time.ts'
import { type Content, type Html, markup } from './markup.ts'
import type { Comparison } from './read-comparison.ts'
import { renderChart, renderSwatch } from './render-chart.ts'
import { type Making, type Section, renderPage } from './render-page.ts'
import { makeInTurns } from './take-turns.ts'
import { cutText, renderFacts, renderMore, renderState, renderTable } from './render-parts.ts'

/** So many jobs stand beside one another, names down; of more each has a line of its own, names across. */
const acrossMax = 6
/** Names across in one table: as many as paper is wide. */
const blockSize = 6
const namesDownMax = 250
const namesAcrossMax = 48
const textMax = 200
/** Of a job's name, beside its curves and figures; the list of jobs has it whole. */
const nameLengthMax = 60

type Jobs = readonly ComparedJob[]

/** Renders a comparison, section after section. */
export async function renderComparison({ jobs, charts, chartsLeftOut }: Comparison, making: Making): Promise<string> {
  const sections = await makeInTurns<Section | null>([
    () => ({ id: 'jobs', title: 'Jobs', body: renderJobs(jobs, making.at) }),
    () => renderCurves(jobs, charts, chartsLeftOut),
    () => renderRows('settings', 'Settings that differ', { jobs, rows: listSettings(jobs, false) }),
    () => renderRows('results', 'Results', { jobs, rows: listResultRows(jobs) }),
    () => renderRows('time', 'Time and resources', { jobs, rows: listTimeRows(jobs) }),
    () => renderRows('environment', 'Environment, where it differs', { jobs, rows: listEnvironment(jobs, false) }),
  ])
  const title = `Comparison of ${jobs.length} jobs`
  return renderPage({ title, kind: 'comparison', head: renderHead(jobs, making.at), sections, making })
}

function renderHead(jobs: Jobs, now: number): Html {
  const projects = [...new Set(jobs.map(({ project }) => project))]
  const open = jobs.filter(({ endedAt }) => endedAt === null).length
  return markup`<h1>Comparison of ${jobs.length} jobs</h1>
${renderFacts([
  `${projects.length === 1 ? 'project' : 'projects'} ${cutText(projects.join(', '), textMax)}`,
  open === 0 ? 'all have ended' : `${open} ${open === 1 ? 'is' : 'are'} still under way, as of ${formatMinute(now)}`,
])}`
}

function renderJobs(jobs: Jobs, now: number): Html {
  const columns: { head: string; isNumber?: boolean; cellOf: (job: ComparedJob) => Content }[] = [
    { head: 'State', cellOf: ({ state }) => renderState(state) },
    { head: 'Model', cellOf: ({ model }) => model },
    { head: 'Dataset', cellOf: ({ dataset }) => dataset },
    { head: 'Began', cellOf: ({ startedAt }) => (startedAt === null ? null : formatMinute(startedAt)) },
    { head: 'Time', isNumber: true, cellOf: (job) => formatTime(job, now) },
    { head: 'Owner', cellOf: ({ owner }) => owner.name },
    { head: 'Tags', cellOf: ({ tags }) => (tags.length === 0 ? null : cutText(tags.join(', '), textMax)) },
  ]
  const told = columns.filter(({ cellOf }) => jobs.some((job) => cellOf(job) !== null))
  return renderTable(
    'Jobs',
    [{ head: 'Job' }, ...told],
    jobs.map((job, place) => ({
      name: markup`${renderName(job, place, job.name.length)}<br><code class="faint">${job.uid}</code>`,
      cells: told.map(({ cellOf }) => cellOf(job)),
    })),
  )
}

function formatTime({ activeMs, startedAt, endedAt }: ComparedJob, now: number): Content {
  if (activeMs !== null) return formatDuration(activeMs)
  return startedAt === null ? null : formatDuration((endedAt ?? now) - startedAt)
}

function renderName({ name }: ComparedJob, place: number, lengthMax = nameLengthMax): Html {
  return markup`<span class="name">${renderSwatch(styleOfPlace(place, 'train'))}${cutText(name, lengthMax)}</span>`
}

async function renderCurves(jobs: Jobs, charts: Comparison['charts'], leftOut: number): Promise<Section | null> {
  const drawn = (await makeInTurns(charts.map((chart) => () => renderChart(chart)))).filter((chart) => chart !== null)
  if (drawn.length === 0) return null
  const names = jobs.map(
    (job, place) =>
      markup`<span>${renderSwatch(styleOfPlace(place, 'train'))}${cutText(job.name, nameLengthMax)}</span>`,
  )
  const body = markup`<p class="legend over-charts">${names}</p>
<p class="faint small">Each job has its colour; validation and test are dashed. The horizontal axis is the step.</p>
<div class="charts">${drawn}</div>${renderMore(leftOut, 'charts are not drawn; the values of their metrics stand below')}`
  return { id: 'curves', title: 'Curves', body }
}

type Compared = { jobs: Jobs; rows: readonly TableRow[] }

function renderRows(id: string, title: string, compared: Compared): Section | null {
  if (compared.rows.length === 0) return null
  const isAcross = compared.jobs.length <= acrossMax
  const rest = compared.rows.length - (isAcross ? namesDownMax : namesAcrossMax)
  const tables = isAcross ? renderNamesDown(title, compared) : renderNamesAcross(title, compared)
  return { id, title, body: markup`${tables}${renderMore(rest, 'rows')}` }
}

function renderNamesDown(title: string, { jobs, rows }: Compared): Html {
  const columns = [{ head: 'Name' }, ...jobs.map((job, place) => ({ head: renderName(job, place) }))]
  return renderTable(
    title,
    columns,
    rows.slice(0, namesDownMax).map((row) => ({ name: renderRowName(row), cells: listCells(row) })),
  )
}

function renderNamesAcross(title: string, { jobs, rows }: Compared): Html[] {
  const shown = rows.slice(0, namesAcrossMax)
  const blocks = Array.from({ length: Math.ceil(shown.length / blockSize) }, (_, at) =>
    shown.slice(at * blockSize, (at + 1) * blockSize),
  )
  return blocks.map((block, at) => {
    const cells = block.map(listCells)
    const table = renderTable(
      blocks.length > 1 ? `${title}, part ${at + 1}` : title,
      [{ head: 'Job' }, ...block.map((row) => ({ head: renderRowName(row) }))],
      jobs.map((job, place) => ({ name: renderName(job, place), cells: cells.map((column) => column[place]) })),
    )
    return at === 0 ? table : markup`<div class="below">${table}</div>`
  })
}

function renderRowName({ name, note }: TableRow): Html {
  return markup`${cutText(name, textMax)}${note === undefined ? null : markup` <span class="faint small">${note}</span>`}`
}

/** What stands out are few: where more than half of the cells would, none does. */
function listCells({ cells, marked = [] }: TableRow): Content[] {
  const isTelling = marked.filter(Boolean).length <= cells.length / 2
  return cells.map((text, at) => {
    if (text === undefined) return null
    const words = cutText(text, textMax)
    return isTelling && marked[at] ? markup`<span class="stands-out">${words}</span>` : words
  })
}
