/** What is wrong with an input file, in the words of the Batch API, so that its clients can show it. */

/** Codes of the Batch API, those that can be told from the file alone. */
export type LineErrorCode =
  | 'invalid_json_line'
  | 'too_many_tasks'
  | 'url_mismatch'
  | 'duplicate_custom_id'
  | 'empty_batch'
  | 'model_mismatch'
  | 'invalid_request'

export type LineError = {
  code: LineErrorCode
  /** What is wrong, what was expected, what to do. */
  message: string
  /** From 1; null where it is about the whole file. */
  line: number | null
  /** The field at fault, as `body.model`; null where it is none. */
  param: string | null
}

/** A finding before it is known where it belongs. */
export type LineFault = Omit<LineError, 'line'>

/** Keeps the first errors and counts all. */
export class LineErrors {
  readonly #keptMax: number
  readonly #kept: LineError[] = []
  count = 0

  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  /** Whether one more would only be counted. */
  get isFull(): boolean {
    return this.count >= this.#keptMax
  }

  add(line: number, { code, message, param }: LineFault): void {
    if (!this.isFull) this.#kept.push({ code, message: `Line ${line}: ${message}`, line, param })
    this.count += 1
  }

  /** What is wrong with the whole file stands first, and pushes out the last of its lines. */
  addForFile(fault: LineFault): void {
    this.#kept.unshift({ ...fault, line: null })
    if (this.#kept.length > this.#keptMax) this.#kept.pop()
    this.count += 1
  }

  list(): LineError[] {
    return this.#kept
  }
}

const quotedLengthMax = 80

/** A value out of the file as a message shows it: bounded. */
export function quoteValue(value: unknown): string {
  if (typeof value !== 'string') return nameType(value)
  const short = value.length > quotedLengthMax ? `${value.slice(0, quotedLengthMax)}…` : value
  return `«${short.toWellFormed()}»`
}

/** A count as a message shows it. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

function nameType(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object'
  return `a ${typeof value}`
}
