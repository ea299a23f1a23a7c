/** Ends an exchange when its caller does, when it takes too long in all, or when an answer that has begun stands still. */
export type Deadline = {
  /** Called by each of the three; at once where one has come already. It takes the place of one that was given before. */
  onCut: (cut: (reason: unknown) => void) => void
  /** Whether one has come. */
  isOver: () => boolean
  /** A piece of the answer came. From the first one on, the next must come in time. */
  touch: () => void
  /** What ran out, as a sentence; null while nothing did. */
  ranOut: () => string | null
  /** Lets go of clocks and of the caller's signal. */
  end: () => void
}

/** Times in ms. Before its first piece an answer may take all of `totalMs`: it may be waiting in the engine's queue. */
export function startDeadline({
  signal,
  totalMs,
  idleMs,
}: {
  signal: AbortSignal
  totalMs: number
  idleMs: number
}): Deadline {
  let message: string | null = null
  let reason: { of: unknown } | null = null
  let cut: (reason: unknown) => void = () => {}
  let idle: NodeJS.Timeout | null = null
  const come = (why: unknown) => {
    reason ??= { of: why }
    cut(reason.of)
  }
  const runOut = (sentence: string) => {
    message ??= sentence
    come(new Error(sentence))
  }
  const stop = () => come(signal.reason)
  const total = setTimeout(runOut, totalMs, `There was no whole answer within ${totalMs / 1_000} s.`)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return {
    onCut: (listener) => {
      cut = listener
      if (reason) cut(reason.of)
    },
    isOver: () => reason !== null,
    touch: () => {
      if (idle) idle.refresh()
      else idle = setTimeout(runOut, idleMs, `The answer stood still for ${idleMs / 1_000} s.`)
    },
    ranOut: () => message,
    end: () => {
      clearTimeout(total)
      if (idle) clearTimeout(idle)
      signal.removeEventListener('abort', stop)
    },
  }
}
