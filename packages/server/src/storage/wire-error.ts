/** Errors on their way out of the storage thread: a thrown object would lose its code there. */
import { type ErrorCode, PilothouseError, errorCodes } from '@pilothouse/contract'

export type WireError = {
  code: ErrorCode
  message: string
  field?: string
  expected?: string
  hint: string
  /** Stack of an unforeseen error, for the server's log only. */
  stack?: string
}

/** SQLite's result codes; the low byte is the primary code. */
const fullCode = 13
/** Writing, syncing, growing the shared memory: fails so where a quota is used up. */
const spaceCodes: readonly number[] = [778, 1034, 1546, 4874]

/** PostgreSQL's `disk_full`. */
const postgresFull = '53100'

/** True when `error` says that there is no room to write. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('errcode' in error)
    return (Number(error.errcode) & 0xff) === fullCode || spaceCodes.includes(Number(error.errcode))
  return 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT' || error.code === postgresFull)
}

/** What crosses to the server's thread. */
export function packError(error: unknown): WireError {
  if (error instanceof PilothouseError) return packKnown(error)
  if (isDiskFull(error)) {
    return {
      code: 'diskFull',
      message: 'There is no space left to write to: the disk is full, or a quota is used up.',
      hint: errorCodes.diskFull.hint,
    }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'internal', message: 'The storage failed unexpectedly.', hint: errorCodes.internal.hint, stack }
}

/** The inverse of `packError`. */
export function unpackError(wire: WireError): PilothouseError {
  const { code, message, field, expected, hint, stack } = wire
  return new PilothouseError(code, message, {
    hint,
    ...(field === undefined ? {} : { field }),
    ...(expected === undefined ? {} : { expected }),
    ...(stack === undefined ? {} : { cause: stack }),
  })
}

function packKnown({ code, message, field, expected, hint }: PilothouseError): WireError {
  return {
    code,
    message,
    hint,
    ...(field === undefined ? {} : { field }),
    ...(expected === undefined ? {} : { expected }),
  }
}
