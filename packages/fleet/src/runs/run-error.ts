/** What went wrong with a run folder on a target. */

export const runFaultKinds = [
  'taken', // another run, or something else, has the folder
  'unmade', // it cannot be made: permission, a file in the way, a full disk
  'gone', // there is no such run
  'busy', // it is under way, or holds reports that nobody has collected
  'unable', // targets of this kind do no such thing
  'slow', // it was not done in time
  'answer', // what came back cannot be read
] as const
export type RunFaultKind = (typeof runFaultKinds)[number]

/** Thrown when a target does not do with a run what it is asked for. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly kind: RunFaultKind
  /** What to do next. */
  readonly hint: string

  constructor(kind: RunFaultKind, message: string, hint: string) {
    super(message)
    this.kind = kind
    this.hint = hint
  }
}
