/**
 * A signal that is aborted with either of two, for their reason. `release` lets go of them; `AbortSignal.any` has no such thing,
 * and signals that live for a whole run would gather what was joined to them.
 */
export function joinSignals(
  first: AbortSignal,
  second: AbortSignal | undefined,
): { signal: AbortSignal; release: () => void } {
  if (!second) return { signal: first, release: () => {} }
  const joined = new AbortController()
  const stop = (): void => joined.abort(first.aborted ? first.reason : second.reason)
  for (const one of [first, second]) one.addEventListener('abort', stop)
  if (first.aborted || second.aborted) stop()
  const release = (): void => {
    for (const one of [first, second]) one.removeEventListener('abort', stop)
  }
  return { signal: joined.signal, release }
}
