/** Pieces that documents are put together from. */
import type { JobState } from '@pilothouse/contract'
import { type Figure, formatCount } from '@pilothouse/signals'
import { type Content, type Html, markup } from './markup.ts'

const tones: Record<JobState, string> = {
  queued: 'faint',
  submitting: 'faint',
  pending: 'warn',
  running: 'accent',
  paused: 'warn',
  completed: 'good',
  failed: 'bad',
  cancelled: 'faint',
  lost: 'faint',
}

/** Strokes of each sign, in a square of fourteen: a state is never told by colour alone. */
const signs: Record<JobState, string> = {
  queued: '',
  submitting: 'M4.5 7h5',
  pending: 'M7 4.2V7l2 1.2',
  running: 'M5.7 4.7v4.6L9.3 7z',
  paused: 'M5.6 4.8v4.4M8.4 4.8v4.4',
  completed: 'M4.6 7.2l1.7 1.7 3.2-3.6',
  failed: 'M5 5l4 4M9 5l-4 4',
  cancelled: 'M2.8 11.2l8.4-8.4',
  lost: 'M2.8 11.2l8.4-8.4',
}

export function renderState(state: JobState): Html {
  return markup`<span class="state ${tones[state]}"><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="6"/><path d="${signs[state]}"/></svg>${state}</span>`
}

/** A line of facts; what is not known is left out. */
export function renderFacts(facts: readonly Content[], isFirst = false): Html {
  const known = facts.filter((fact) => fact !== null && fact !== undefined && fact !== false && fact !== '')
  return markup`<ul class="facts${isFirst ? ' first' : ''}">${known.map((fact) => markup`<li>${fact}</li>`)}</ul>`
}

export function renderTags(tags: readonly string[]): Html | null {
  if (tags.length === 0) return null
  return markup`<ul class="tags" aria-label="Tags">${tags.map((tag) => markup`<li>${tag}</li>`)}</ul>`
}

export function renderFigures(figures: readonly Figure[]): Html | null {
  if (figures.length === 0) return null
  return markup`<dl class="cells">${figures.map(
    ({ label, value, note }) =>
      markup`<div><dt>${label}</dt><dd>${value}</dd>${note === undefined ? null : markup`<dd class="note">${note}</dd>`}</div>`,
  )}</dl>`
}

export type Column = { head: Content; isNumber?: boolean }
export type Row = { name: Content; cells: readonly Content[] }

/** A table that scrolls on a narrow screen and repeats its head on paper. */
export function renderTable(name: string, columns: readonly Column[], rows: readonly Row[]): Html {
  const classOf = (at: number) => (columns[at]?.isNumber ? markup` class="number"` : null)
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table>
<thead><tr>${columns.map(({ head }, at) => markup`<th scope="col"${classOf(at)}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      markup`<tr><th scope="row">${row.name}</th>${row.cells.map((cell, at) => markup`<td${classOf(at + 1)}>${cell ?? '–'}</td>`)}</tr>
`,
  )}</tbody>
</table></div>`
}

/** Names and values in columns. */
export function renderValues(values: readonly (readonly [name: string, value: Content])[], isNarrow = false): Html {
  return markup`<dl class="values${isNarrow ? ' narrow' : ''}">${values.map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>`
}

/** Says what does not stand here; nothing where all does. */
export function renderMore(count: number, what: string): Html | null {
  return count > 0 ? markup`<p class="more">and ${formatCount(count)} more ${what}</p>` : null
}

/** Words with \`code\` in them. */
export function renderWords(words: string): Html {
  return markup`${words.split('`').map((part, at) => (at % 2 === 0 ? part : markup`<code>${part}</code>`))}`
}

/** At most so many characters; the cut shows. */
export function cutText(text: string, lengthMax: number): string {
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text
}
