/** Finds where a member's value stands in JSON text, so that it can be handed on as it was written. */

/** Positions in the text: `text.slice(start, end)`. */
export type TextSpan = { start: number; end: number }

/**
 * The value of a member of the object that begins at `from`; null where it has none of that name. Of several with one name
 * the last counts, as with `JSON.parse`.
 * @param text JSON that `JSON.parse` takes: it is not checked here
 */
export function findMember(text: string, name: string, from = 0): TextSpan | null {
  let found: TextSpan | null = null
  let at = skipSpace(text, from)
  do {
    const key = skipSpace(text, at + 1) // behind the brace or comma
    if (text[key] !== '"') return found
    const keyEnd = skipString(text, key)
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = skipValue(text, start)
    if (readKey(text.slice(key, keyEnd)) === name) found = { start, end }
    at = skipSpace(text, end)
  } while (text[at] === ',')
  return found
}

/** The first element of the list that begins at `from`; null where it is empty or there is no list. */
export function findFirstElement(text: string, from: number): TextSpan | null {
  if (text[from] !== '[') return null
  const start = skipSpace(text, from + 1)
  return text[start] === ']' ? null : { start, end: skipValue(text, start) }
}

function readKey(quoted: string): unknown {
  return quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1)
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d
}

function skipValue(text: string, at: number): number {
  const first = text[at]
  if (first === '"') return skipString(text, at)
  if (first === '{' || first === '[') return skipNested(text, at)
  while (at < text.length && !isScalarEnd(text.charCodeAt(at))) at += 1
  return at
}

function isScalarEnd(code: number): boolean {
  return code === 0x2c || code === 0x5d || code === 0x7d || isSpace(code)
}

/** Behind the object or list that begins here. It counts, as nesting may be deeper than calls can. */
function skipNested(text: string, at: number): number {
  let depth = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = skipString(text, at)
      continue
    }
    at += 1
    if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) depth -= 1
    if (depth === 0) return at
  }
  return at
}

function skipString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    if (!isEscaped(text, end)) return end + 1
  }
  return text.length
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === 0x5c) before -= 1
  return (at - before) % 2 === 1
}
