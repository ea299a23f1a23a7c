/** The closed table of errors that leave the server: status, and a hint that says what to do next. */
export const errorCodes = {
  malformed: { status: 400, hint: 'Send valid JSON, or a binary frame as described in docs/report-format.md.' },
  invalid: { status: 400, hint: 'Correct the field named in the message and send it again.' },
  unauthenticated: {
    status: 401,
    hint: 'Send a token («Authorization: Bearer …») or sign in by the link that the server printed. `pilothouse link` prints a new one.',
  },
  expired: { status: 401, hint: 'Sign in again; `pilothouse link` prints a new link.' },
  forbidden: { status: 403, hint: 'Ask an admin for a role that carries the permission named in the message.' },
  wrongHost: { status: 403, hint: 'Open the address that the server printed, or start it with --allow-host NAME.' },
  wrongOrigin: { status: 403, hint: 'Use the page that this server itself serves.' },
  notFound: { status: 404, hint: 'Check the address. What belongs to others is not found either.' },
  conflict: { status: 409, hint: 'Read the current state and decide again.' },
  tooLarge: { status: 413, hint: 'Split it; the limit stands in the message.' },
  unsupportedMediaType: { status: 415, hint: 'Use application/json or application/x-pilothouse-frame.' },
  rateLimited: { status: 429, hint: 'Wait for the time in Retry-After.' },
  internal: { status: 500, hint: 'This is a fault of the server; its log has the details under the request id.' },
  unavailable: { status: 503, hint: 'The server is starting or stopping. Try again in a moment.' },
  diskFull: {
    status: 507,
    hint: 'Free disk space where the server, or its PostgreSQL, keeps its data. Reading goes on; what was refused is kept by the sender and sent again.',
  },
} as const satisfies Record<string, { status: number; hint: string }>
export type ErrorCode = keyof typeof errorCodes

/** What stands in the body of every answer that is not a success. */
export type ErrorBody = {
  error: {
    code: ErrorCode
    /** What happened and why, one sentence. */
    message: string
    /** Path of the field at fault, as `points[0].keys`. */
    field?: string
    /** What was expected there. */
    expected?: string
    /** What to do next. */
    hint: string
    requestId?: string
  }
}

/** The one error class. It is thrown where a request cannot be served; the edge turns it into an `ErrorBody`. */
export class PilothouseError extends Error {
  override readonly name = 'PilothouseError'
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly expected: string | undefined
  readonly hint: string

  constructor(
    code: ErrorCode,
    message: string,
    details: { field?: string; expected?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.code = code
    this.field = details.field
    this.expected = details.expected
    this.hint = details.hint ?? errorCodes[code].hint
  }

  get status(): number {
    return errorCodes[this.code].status
  }

  toBody(requestId?: string): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.field === undefined ? {} : { field: this.field }),
        ...(this.expected === undefined ? {} : { expected: this.expected }),
        hint: this.hint,
        ...(requestId === undefined ? {} : { requestId }),
      },
    }
  }
}
