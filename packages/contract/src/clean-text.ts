import { z } from 'zod'

/** Text of at most `lengthMax` characters, without NULs. */
export function cleanText(lengthMax: number, lengthMin = 0) {
  return z.string().min(lengthMin).max(lengthMax).transform(replaceNul)
}

/** No text of PostgreSQL can hold a NUL: it becomes «�». */
export function replaceNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}
