/** Puts a cluster or host into the text of `clusters.yaml`, and leaves all else in it as it is. */

export type Entry = { list: 'clusters' | 'hosts'; name: string; host: string }

const indentation = '  '

/** The text with one entry more, at the end of its list; undefined where the list is written in brackets. Pure. */
export function addEntry(text: string, { list, name, host }: Entry): string | undefined {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const item = (indent: string): string[] => [
    `${indent}- name: ${writeScalar(name)}`,
    `${indent}  host: ${writeScalar(host)}`,
  ]
  const head = lines.findIndex((line) => new RegExp(`^${list}\\s*:`).test(line))
  if (head < 0) return join([...lines, ...(lines.at(-1)?.trim() ? [''] : []), `${list}:`, ...item(indentation)])
  const [line = ''] = lines.slice(head)
  const [, before = '', value = '', after = ''] = /^(\w+\s*:)\s*([^#\s].*?)?(\s*#.*)?$/.exec(line) ?? []
  if (value !== '' && value !== '[]') return undefined
  const next = lines.findIndex((one, at) => at > head && isKey(one))
  const end =
    1 + lines.slice(0, next < 0 ? undefined : next).findLastIndex((one) => one.trim() !== '' && !isComment(one))
  const indent = lines.slice(head + 1, end).flatMap((one) => /^(\s*)-(?:\s|$)/.exec(one)?.[1] ?? [])[0] ?? indentation
  return join([
    ...lines.slice(0, head),
    `${before}${after}`,
    ...lines.slice(head + 1, end),
    ...item(indent),
    ...lines.slice(end),
  ])
}

/** Of the outermost level: what stands at the margin and is no item of a list, no comment, nothing. */
function isKey(line: string): boolean {
  return /^[^\s#-]/.test(line)
}

/** At the margin, where it belongs to what follows. */
function isComment(line: string): boolean {
  return line.startsWith('#')
}

function join(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

/** As it is where YAML reads it so, else in quotes. */
function writeScalar(value: string): string {
  return /^[A-Za-z0-9](?:[\w.@/-]|:(?=\S))*$/.test(value) ? value : JSON.stringify(value)
}
