/**
 * Names as the database has them. PostgreSQL's text knows no NUL, and UTF-8 no half of a surrogate pair; both, and the
 * backslash, stand as escapes, so every JavaScript string comes back as it was and ordinary names stay readable.
 */

// With the flag u, \p{Surrogate} matches lone halves only.
const special = /[\0\\]|\p{Surrogate}/gu
const escaped = /\\(\\|0|u[0-9a-f]{4})/g

export function encodeText(text: string): string {
  return text.replace(special, (part) => {
    if (part === '\\') return '\\\\'
    return part === '\0' ? '\\0' : `\\u${part.charCodeAt(0).toString(16)}`
  })
}

export function decodeText(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(escaped, (_, code: string) => {
    if (code === '\\') return '\\'
    return code === '0' ? '\0' : String.fromCharCode(Number.parseInt(code.slice(1), 16))
  })
}
