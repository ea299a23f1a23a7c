import type { Evidence, Finding, LogLine } from '@pilothouse/contract'
import { formatCount, stripAnsi } from '@pilothouse/signals'
import { type Html, markup } from './markup.ts'
import type { JobDocument } from './read-job-document.ts'
import type { Section } from './render-page.ts'
import { cutText, renderMore, renderWords } from './render-parts.ts'

const lineLengthMax = 600
const tracebackLengthMax = 12_000
const findingsMax = 5

/** What a job failed of: its error, what the diagnosis makes of it, and the lines that tell most. */
export function renderFailure({ job, diagnosis, tail }: JobDocument): Section | null {
  const { error, errorMessage, state } = job
  const { findings, place } = diagnosis
  if (state !== 'failed' && state !== 'lost' && findings.length === 0) return null
  const lines = place?.lines ?? tail
  if (!error && !errorMessage && findings.length === 0 && lines.length === 0) return null
  const body = markup`${renderError(job)}
${findings.slice(0, findingsMax).map(renderFinding)}
${renderMore(findings.length - findingsMax, 'findings')}
${lines.length === 0 ? null : markup`<h3>${place ? 'In the log' : 'The end of the log'}</h3>${renderLines(lines, place?.n)}`}
${renderTraceback(error?.traceback)}`
  return { id: 'failure', title: state === 'failed' ? 'Why it failed' : 'How it ended', body }
}

function renderError({ error, errorMessage, stateReason }: JobDocument['job']): Html | null {
  const message = error ? `${error.type}: ${error.message}` : (errorMessage ?? stateReason)
  if (message === null) return null
  const facts = [
    error?.stage ? `in the stage ${error.stage}` : null,
    error?.rank === null || error?.rank === undefined ? null : `first on rank ${error.rank}`,
  ].filter((fact) => fact !== null)
  return markup`<div class="box fails"><p class="message">${cutText(message, 4_000)}</p>${
    facts.length === 0 ? null : markup`<p class="muted">${facts.join(', ')}</p>`
  }</div>`
}

function renderFinding({ title, meaning, certainty, evidence, tries }: Finding): Html {
  const standing = certainty === 'certain' ? null : markup` <span class="muted small">${certainty}</span>`
  return markup`<div class="box"><h3>${title}${standing}</h3>
<p class="muted">${renderWords(meaning)}</p>
${evidence.slice(0, 5).map((one) => markup`<p>${renderEvidence(one)}</p>`)}
${tries.length === 0 ? null : markup`<ul class="plain">${tries.map((words) => markup`<li>${renderWords(words)}</li>`)}</ul>`}</div>`
}

function renderEvidence(evidence: Evidence): Html {
  switch (evidence.kind) {
    case 'line':
      return markup`<span class="faint">line ${formatCount(evidence.n + 1)}</span> <code>${cutText(stripAnsi(evidence.text), lineLengthMax)}</code>`
    case 'metric':
      return markup`<code>${evidence.key}</code> was ${evidence.value}${evidence.step === null ? null : ` at step ${formatCount(evidence.step)}`}`
    case 'error':
    case 'outcome':
      return markup`<code>${cutText(evidence.text, lineLengthMax)}</code>`
    default:
      return evidence satisfies never
  }
}

function renderLines(lines: readonly LogLine[], telling: number | undefined): Html {
  return markup`<pre class="log">${lines.map(
    ({ n, text }) =>
      markup`<span${n === telling ? markup` class="tells"` : null}><i>${n + 1}</i><code>${cutText(stripAnsi(text), lineLengthMax)}</code></span>`,
  )}</pre>`
}

/** Its end tells more than its beginning. */
function renderTraceback(traceback: string | null | undefined): Html | null {
  if (!traceback) return null
  const isLong = traceback.length > tracebackLengthMax
  const text = isLong ? `…${traceback.slice(1 - tracebackLengthMax)}` : traceback
  return markup`<h3>Traceback</h3><pre class="log">${stripAnsi(text)}</pre>`
}
