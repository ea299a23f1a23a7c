/**
 * Text as both databases can keep it. PostgreSQL refuses NUL, and UTF-8 has no half of a surrogate pair; SQLite would take
 * the one and change the other. So that an answer never depends on the database, both become the replacement character.
 */
export function toStorableText(text: string): string {
  const whole = text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
  return whole.isWellFormed() ? whole : whole.toWellFormed()
}
