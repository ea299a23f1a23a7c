/**
 * Markdown as markup. micromark escapes all HTML and drops addresses that could run something. A document needs no network,
 * so pictures become words; links stay, and are followed only by who clicks on them.
 */
import { micromark } from 'micromark'
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal'
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { gfmTaskListItem, gfmTaskListItemHtml } from 'micromark-extension-gfm-task-list-item'
import { type Html, markup, trustHtml } from './markup.ts'

/** Characters that are read as Markdown: 10 to 40 ms of work a thousand. A longer text stands as it was written. */
export const markdownLengthMax = 8 * 1024

export function renderMarkdown(text: string): Html {
  if (text.length > markdownLengthMax) return markup`<pre class="words">${text}</pre>`
  const written = micromark(text, {
    extensions: [gfmAutolinkLiteral(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
    htmlExtensions: [gfmAutolinkLiteralHtml(), gfmStrikethroughHtml(), gfmTableHtml(), gfmTaskListItemHtml()],
  })
  return markup`<div class="prose">${trustHtml(settle(written))}</div>`
}

/** Tags in it are micromark's own: whatever «<» and quotes the text itself had are escaped by now. */
function settle(written: string): string {
  return written
    .replaceAll(/<img src="([^"]*)" alt="([^"]*)"(?: title="[^"]*")? \/>/g, (_, src: string, alt: string) => {
      return `<span class="faint">picture: ${alt === '' ? src : alt}</span>`
    })
    .replaceAll('<a href="', '<a rel="noreferrer noopener nofollow" target="_blank" href="')
    .replaceAll(/<input type="checkbox"([^>]*)\/?>/g, (_, rest: string) =>
      rest.includes('checked')
        ? '<span aria-label="done" role="img">☑</span>'
        : '<span aria-label="to do" role="img">☐</span>',
    )
    .replaceAll(/<(\/?)h[1-6]>/g, '<$1h4>')
}
