/** What the exit code of a command means; `--help` shows this table. `run` and `launch --follow` hand on the code of what ran instead. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done' },
  failed: { code: 1, meaning: 'it did not work' },
  usage: { code: 2, meaning: 'the command line is wrong' },
  noServer: { code: 3, meaning: 'no control room answers' },
  refused: { code: 4, meaning: 'refused: token, key, role or permission' },
  notFound: { code: 5, meaning: 'no such thing' },
  proposed: { code: 6, meaning: 'proposed only: it waits for approval by an admin' },
  notNow: { code: 7, meaning: 'it could not start now (gpus --count, batch submit)' },
} as const

export type ExitName = keyof typeof exitCodes

/** Ends a command with an exit code and words: what, why, what next. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exit: ExitName
  readonly why: string | undefined
  readonly next: string | undefined

  constructor(exit: ExitName, what: string, details: { why?: string; next?: string; cause?: unknown } = {}) {
    super(what, { cause: details.cause })
    this.exit = exit
    this.why = details.why
    this.next = details.next
  }
}
