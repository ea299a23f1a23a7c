/** The document of one job: what it was, how it went, and everything needed to understand or repeat it. */
import type { Job } from '@pilothouse/contract'
import { type Figure, type MetricResult, formatCount, formatDuration, formatValue } from '@pilothouse/signals'
import { formatMinute } from './format-time.ts'
import { type Content, type Html, markup } from './markup.ts'
import type { JobDocument } from './read-job-document.ts'
import { renderChart } from './render-chart.ts'
import { renderFailure } from './render-failure.ts'
import { renderPerformance, renderTimeline } from './render-performance.ts'
import { renderMarkdown } from './render-markdown.ts'
import { type Making, type Section, renderPage } from './render-page.ts'
import { renderFacts, renderFigures, renderMore, renderState, renderTable, renderTags } from './render-parts.ts'
import { renderArtifacts, renderConfiguration, renderEnvironment, renderSummary } from './render-settings.ts'
import { makeInTurns, takeTurns } from './take-turns.ts'

const resultsMax = 300
const figuresMax = 3
/** Characters of all notes that are read as Markdown; what is beyond stands as it was written. */
const notesLengthMax = 32 * 1024

/** Renders a job, section after section. */
export async function renderJobDocument(found: JobDocument, making: Making): Promise<string> {
  const { job } = found
  const sections = await makeInTurns<Section | null>([
    () => renderFailure(found),
    () => renderDescription(job),
    () => renderSummary(job),
    () => renderCharts(found),
    () => renderResults(found),
    () => renderTimeline(found),
    () => renderPerformance(found),
    () => renderNotes(found),
    () => renderArtifacts(job),
    () => renderConfiguration(job),
    () => renderEnvironment(job),
  ])
  const head = renderHead(found, making.at)
  return renderPage({ title: `${job.name} · ${job.state}`, kind: job.kind, head, sections, making })
}

function renderHead(found: JobDocument, now: number): Html {
  const { job } = found
  const { state, stateReason, createdAt, startedAt, endedAt, attempts } = job
  return markup`<h1>${job.name}</h1>
${renderFacts(
  [
    renderState(state),
    stateReason,
    startedAt === null ? `created ${formatMinute(createdAt)}` : `began ${formatMinute(startedAt)}`,
    endedAt === null ? null : `ended ${formatMinute(endedAt)}`,
    attempts.length > 1 ? `${attempts.length} attempts` : null,
    endedAt === null ? `as of ${formatMinute(now)}` : null,
  ],
  true,
)}
${renderFacts([
  job.model && markup`model ${job.model}${job.modelType === null ? null : ` (${job.modelType})`}`,
  job.dataset && `dataset ${job.dataset}`,
  job.target && `target ${job.target}`,
  `project ${job.project}`,
  job.group && `group ${job.group}`,
  job.jobType && `type ${job.jobType}`,
  `owner ${job.owner.name}`,
  markup`<code>${job.uid}</code>`,
])}
${renderTags(job.tags)}
${renderFigures(listFigures(found, now))}`
}

/** What somebody who reads nothing else should know. */
function listFigures({ job, results, performance }: JobDocument, now: number): Figure[] {
  const { progress, startedAt, endedAt } = job
  const best = results.filter((one) => one.best !== null).slice(0, figuresMax)
  return [
    ...best.map(toFigure),
    ...(startedAt === null
      ? []
      : [{ label: 'Time', value: formatDuration(performance.busyMs || (endedAt ?? now) - startedAt) }]),
    ...listProgress('Steps', progress?.step, progress?.totalSteps),
    ...listProgress('Epochs', progress?.epoch, progress?.totalEpochs),
  ]
}

type Known = number | null | undefined

function listProgress(label: string, done: Known, total: Known): Figure[] {
  if (typeof done !== 'number') return []
  return [{ label, value: formatValue(done), note: typeof total === 'number' ? `of ${formatValue(total)}` : undefined }]
}

function toFigure({ key, best, final, finalStep, goal }: MetricResult): Figure {
  if (best === null) return { label: key, value: formatValue(final), note: `at step ${formatCount(finalStep)}` }
  const word = goal === 'lower' ? 'lowest' : 'highest'
  return {
    label: `${key}, ${word}`,
    value: formatValue(best.value),
    note: `at step ${formatCount(best.step)}, final ${formatValue(final)}`,
  }
}

function renderDescription({ notes }: Job): Section | null {
  if (notes === null || notes.trim() === '') return null
  return { id: 'description', title: 'Description', body: markup`<div class="box long">${renderMarkdown(notes)}</div>` }
}

function renderCharts({ charts, chartsLeftOut }: JobDocument): Section | null {
  const drawn = charts.map(renderChart).filter((chart) => chart !== null)
  if (drawn.length === 0) return null
  const more = renderMore(chartsLeftOut, 'charts are not drawn; the values of their metrics stand below')
  return { id: 'curves', title: 'Curves', body: markup`<div class="charts">${drawn}</div>${more}` }
}

function renderResults({ results }: JobDocument): Section | null {
  if (results.length === 0) return null
  const columns = ['Metric', 'Final', 'at step', 'Best', 'at step', 'Lowest', 'Highest']
  const table = renderTable(
    'Results',
    columns.map((head, at) => ({ head, isNumber: at > 0 })),
    results.slice(0, resultsMax).map(({ key, final, finalStep, best, min, max }) => ({
      name: key,
      cells: [
        formatValue(final),
        formatCount(finalStep),
        best && markup`<b>${formatValue(best.value)}</b>`,
        best && formatCount(best.step),
        known(min),
        known(max),
      ],
    })),
  )
  const body = markup`${table}${renderMore(results.length - resultsMax, 'metrics')}`
  return { id: 'results', title: 'Results', body }
}

function known(value: number): Content {
  return Number.isNaN(value) ? null : formatValue(value)
}

async function renderNotes({ notes, notesTotal }: JobDocument): Promise<Section | null> {
  if (notes.length === 0) return null
  const written: Html[] = []
  let length = 0
  for (const { author, created, edited, subject, text } of notes) {
    length += text.length
    const about =
      subject.kind === 'point'
        ? markup` · on ${subject.key} at step ${formatCount(subject.step)} (${formatValue(Number(subject.value))})`
        : null
    const words = length > notesLengthMax ? markup`<pre class="words">${text}</pre>` : renderMarkdown(text)
    written.push(
      markup`<article class="box long"><p class="muted small"><b>${author.name}</b> · ${formatMinute(created)}${edited ? ', edited' : ''}${about}</p>${words}</article>`,
    )
    await takeTurns()
  }
  return {
    id: 'notes',
    title: 'Notes',
    body: markup`${written}${renderMore(notesTotal - notes.length, 'older notes')}`,
  }
}
