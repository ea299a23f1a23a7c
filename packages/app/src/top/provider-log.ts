/**
 * A look at a machine that ssh does not reach: its log as its provider has it, which comes late and seldom. ssh is tried again
 * from time to time.
 */
import { findNewLines, type Provider } from '@pilothouse/fleet'
import type { LookAtMachine } from '@pilothouse/terminal/top'

/** So long ssh may take before the provider is asked. */
const sshMsMax = 10_000
const sshAgainMs = 2 * 60_000
/** A log of the provider is an order and several questions: it is asked for so seldom. */
const askEveryMs = 60_000
/** The newest lines that it is asked for; what is more than that between two questions is missed. */
const linesMax = 200

/** How far each way has come; `ssh` is the place that looks over ssh go on from. */
type Place = { ssh: unknown; failedAt: number; why: string; askedAt: number; had: readonly string[] }

const start: Place = {
  ssh: null,
  failedAt: Number.NEGATIVE_INFINITY,
  why: '',
  askedAt: Number.NEGATIVE_INFINITY,
  had: [],
}

/** @returns looks by `look`, and by the log of the provider while that fails */
export function withProviderLog(
  look: LookAtMachine,
  provider: Pick<Provider, 'readLog'>,
  now: () => number,
): LookAtMachine {
  return async (machine, ask) => {
    const before = (ask.after ?? start) as Place // what the look before gave
    const isFailing = now() >= before.failedAt && now() - before.failedAt < sshAgainMs
    const place = isFailing ? before : await tryLook()
    if ('lines' in place) return place
    const note = `ssh does not reach it: ${place.why} Its log comes from its provider, once in a minute.`
    const rest = now() - place.askedAt
    if (rest >= 0 && rest < askEveryMs) return { lines: [], gpus: [], note, place }
    const has = await provider.readLog(machine.id, linesMax, { signal: ask.signal })
    return { lines: findNewLines(place.had, has), gpus: [], note, place: { ...place, askedAt: now(), had: has } }

    async function tryLook(): Promise<Place | Awaited<ReturnType<LookAtMachine>>> {
      const signal = AbortSignal.any([ask.signal, AbortSignal.timeout(sshMsMax)])
      try {
        const found = await look(machine, { ...ask, after: before.ssh, signal })
        return { ...found, place: { ...start, ssh: found.place } }
      } catch (error) {
        if (ask.signal.aborted) throw error
        return { ...before, failedAt: now(), why: tellSentence(error) }
      }
    }
  }
}

function tellSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(text) ? text : `${text}.`
}
