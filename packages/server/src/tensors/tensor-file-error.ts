/**
 * The one error of this room: why a file cannot be looked into. It holds plain words and crosses threads as `{ kind,
 * message }`.
 */

/**
 * `missing`: not there. `torn`: its end is missing. `malformed`: it breaks its own format. `unsupported`: a format that
 * is known and not read. `tooLarge`: beyond a bound that keeps memory and time small. `unreadable`: the disk or a
 * permission. `cancelled`: the caller gave up. `failed`: a fault of this program.
 */
export type TensorFaultKind =
  | 'missing'
  | 'torn'
  | 'malformed'
  | 'unsupported'
  | 'tooLarge'
  | 'unreadable'
  | 'cancelled'
  | 'failed'

export class TensorFileError extends Error {
  override readonly name = 'TensorFileError'
  readonly kind: TensorFaultKind

  constructor(kind: TensorFaultKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

/** What a pickle, a header or a directory says and does not mean. */
export function malformed(message: string, cause?: unknown): TensorFileError {
  return new TensorFileError('malformed', message, { cause })
}

/** A text of a file inside a message: short, without line breaks. */
export function quote(text: string): string {
  const flat = text.replace(/\s+/g, ' ')
  return `«${flat.length > 80 ? `${flat.slice(0, 79)}…` : flat}»`
}

/** The same fault, saying which file it is about; what is no error of this room stays as it is. */
export function nameFault(name: string, error: unknown): unknown {
  if (!(error instanceof TensorFileError)) return error
  return new TensorFileError(error.kind, `${name}: ${error.message}`, { cause: error })
}
