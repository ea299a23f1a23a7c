/** A line of a file of results, as the page holds it. Pure. */
import { fingerprint, readAnswer, readOldAnswer } from '@pilothouse/signals'

export type ResultLine = {
  customId: string
  kind: 'answered' | 'failed'
  /** The answer, or why there is none. */
  text: string
  /** Two lines with the same one say the same. */
  digest: string
  /** Of the answer, as its engine counted them. */
  tokens: { input: number; output: number } | null
  /** Of HTTP; null where nothing came. */
  status: number | null
  /** Where it stands: which file, and bytes in it, the end not included. */
  place: { part: number; from: number; to: number }
}

/** `batch`: as OpenAI's Batch API writes them; `any`: what an older tool has left. */
export type LineForm = 'batch' | 'any'
type Origin = {
  place: ResultLine['place']
  form: LineForm
  /** Of the line in its file, from 1, without blank ones: it names what nothing else does. */
  number: number
}

/** The line read; undefined for text that is none. */
export function readResultLine(line: string, { place, form, number }: Origin): ResultLine | undefined {
  const answer = form === 'batch' ? readAnswer(line) : readOldAnswer(line)
  if (answer === null) return undefined
  const { customId, isFailure, text, tokens, status } = answer
  return {
    customId: customId ?? `line ${number}`,
    kind: isFailure ? 'failed' : 'answered',
    text,
    digest: `${isFailure ? 'f' : 'a'}${text.length}.${fingerprint(text)}`,
    tokens,
    status,
    place,
  }
}
