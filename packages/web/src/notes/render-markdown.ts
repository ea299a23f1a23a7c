/**
 * Markdown as elements. micromark escapes all HTML and drops addresses that could run something; what is left of the outer
 * world are links, which open beside the page, and pictures, which become links: to show one would tell its server who reads.
 */
import { micromark } from 'micromark'
import { gfmAutolinkLiteral, gfmAutolinkLiteralHtml } from 'micromark-extension-gfm-autolink-literal'
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { gfmTaskListItem, gfmTaskListItemHtml } from 'micromark-extension-gfm-task-list-item'

/** The same text as a fragment of the page. */
export function renderMarkdown(text: string): DocumentFragment {
  const template = document.createElement('template')
  template.innerHTML = micromark(text, {
    extensions: [gfmAutolinkLiteral(), gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
    htmlExtensions: [gfmAutolinkLiteralHtml(), gfmStrikethroughHtml(), gfmTableHtml(), gfmTaskListItemHtml()],
  })
  const { content } = template
  for (const image of content.querySelectorAll('img')) image.replaceWith(linkTo(image))
  for (const link of content.querySelectorAll('a')) {
    link.target = '_blank'
    link.rel = 'noreferrer noopener nofollow'
  }
  for (const box of content.querySelectorAll('input')) box.setAttribute('aria-label', box.checked ? 'done' : 'to do')
  return content
}

function linkTo(image: HTMLImageElement): HTMLAnchorElement {
  const link = document.createElement('a')
  link.href = image.getAttribute('src') ?? ''
  link.textContent = `picture: ${image.alt === '' ? link.href : image.alt}`
  return link
}
