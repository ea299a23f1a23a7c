/** The clock that sources go by; passed in, so that tests pass a week in a moment. */
export type TopTimers = {
  /** ms since 1970. */
  now(): number
  /** Runs it once after so long, ms; returns its undo. */
  after(ms: number, run: () => void): () => void
}

/** Of the machine itself. */
export const realTimers: TopTimers = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
