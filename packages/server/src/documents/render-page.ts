/** The frame of every document: one file, no network, no scripts. */
import { documentStyle } from './document-style.ts'
import { formatMinute } from './format-time.ts'
import { type Html, markup, trustHtml } from './markup.ts'

/** When, by whom and by what a document was made. */
export type Making = { at: number; by: string; version: string }

export type Section = { id: string; title: string; body: Html }

export type DocumentPage = {
  /** Of the window and of the file in a list of files. */
  title: string
  kind: string
  head: Html
  sections: readonly (Section | null)[]
  making: Making
}

/** What a browser may do with a document: show it. */
export const documentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

export function renderPage({ title, kind, head, sections, making }: DocumentPage): string {
  const shown = sections.filter((section) => section !== null)
  const made = `${formatMinute(making.at)} UTC by ${making.by}`
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${documentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="pilothouse ${making.version}">
<title>${title}</title>
<style>${trustHtml(documentStyle)}</style>
</head>
<body>
<main>
<div class="over"><span>pilothouse · ${kind}</span><span>${made}</span></div>
${head}
<nav class="contents" aria-label="Contents">${shown.map(({ id, title: name }) => markup`<a href="#${id}">${name}</a>`)}</nav>
${shown.map(renderSection)}
<footer>Made ${made}, with pilothouse ${making.version}. All times are UTC. This file needs no network and runs no scripts.</footer>
</main>
</body>
</html>
`.text
}

function renderSection({ id, title, body }: Section): Html {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`
}
