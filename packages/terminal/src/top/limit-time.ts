import type { TopTimers } from './top-timers.ts'

/** What took too long. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError'
}

/**
 * Waits for work for so long at most, ms, and tells it by its signal when that is over, or when `signal` says so. Work that
 * does not listen is left to itself.
 * @throws TimeLimitError; what the work throws
 */
export async function limitTime<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  { ms, timers, signal }: { ms: number; timers: TopTimers; signal: AbortSignal },
): Promise<Result> {
  const own = new AbortController()
  const end = Promise.withResolvers<never>()
  const stop = (error: Error): void => {
    own.abort(error)
    end.reject(error)
  }
  const leave = (): void => stop(new TimeLimitError('It was ended.'))
  const undo = timers.after(ms, () => stop(new TimeLimitError(`No answer within ${Math.round(ms / 1_000)} s.`)))
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([work(own.signal), end.promise])
  } finally {
    undo()
    signal.removeEventListener('abort', leave)
  }
}
