/**
 * HTML in which everything is escaped: a template's own words are markup, whatever is put into it is text, unless a
 * template made it. There is no other way to make `Html`, except by name in `trustHtml`.
 */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[]

/** Writes markup (not called `html`: formatters would put blanks into it); `null`, `undefined` and `false` are nothing, lists stand one behind the other. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  let text = parts[0] ?? ''
  contents.forEach((content, at) => {
    text += writeContent(content) + (parts[at + 1] ?? '')
  })
  return new Html(text)
}

/** Takes as markup what another renderer has escaped already. */
export function trustHtml(text: string): Html {
  return new Html(text)
}

function writeContent(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Html) return content.text
  if (typeof content === 'object') return content.map(writeContent).join('')
  return escapeText(String(content))
}

const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For text and for attributes in quotes. Control characters, which HTML has no way to write, become «�». */
function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => names[sign] ?? sign).replaceAll(controls, '\uFFFD')
}

const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g
