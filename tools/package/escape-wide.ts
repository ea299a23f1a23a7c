/**
 * V8 keeps the source of what runs. Where a file is ASCII, Node gives it a byte a character; one arrow in a message, and it is two
 * bytes for each of two million. So other characters are written as escapes, which mean the same in strings, templates, patterns
 * and names.
 */

/** Source that is ASCII, or as it was where that cannot be. */
export function escapeWide(source: string): string {
  const isKept = escapedWide.test(source) || [...source.matchAll(rawTemplate)].some(([text]) => wide.test(text))
  if (isKept) return source
  return source.replaceAll(wideUnits, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const wide = /[^\0-\x7f]/
const wideUnits = /[^\0-\x7f]/g
/** A backslash of its own before it would take the one of the escape for itself. */
const escapedWide = /(?<!\\)(?:\\\\)*\\[^\0-\x7f\\]/
/** It would hold the escape, not what that means. */
const rawTemplate = /\braw`[^`]*`/g
