import type { Note } from '@pilothouse/contract'
import { letterOf, type Annotation } from '../charts/annotations.ts'

/** Longer words would fill the screen when somebody points at a mark. */
const titleLengthMax = 120

/** Notes on points as charts show them: letters in the order in which they were written. */
export function listAnnotations(notes: readonly Note[]): Annotation[] {
  return notes
    .flatMap(({ id, author, text, subject }) => (subject.kind === 'point' ? [{ id, author, text, subject }] : []))
    .toSorted((one, other) => one.id - other.id)
    .map(({ id, author, text, subject }, rank) => {
      const { key, source, step, epoch, time } = subject
      const words = text.length > titleLengthMax ? `${text.slice(0, titleLengthMax)}…` : text
      const letter = letterOf(rank)
      const title = `Note ${letter} by ${author.name}: ${words}`
      return { id: String(id), kind: 'note', letter, title, series: { key, source }, step, epoch, time }
    })
}
