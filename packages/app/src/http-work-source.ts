import type { CallInput, Client } from '@pilothouse/client'
import { PilothouseError, type RouteAnswer, type WorkEngines } from '@pilothouse/contract'
import type { WorkSource } from '@pilothouse/dispatch'

/** An answer may take so long, ms, beyond what it was asked to wait: a control room whose machine is gone says nothing at all. */
const answerMs = { quick: 15_000, delivery: 120_000 }

type WorkRoute = `work.${'lease' | 'deliver' | 'beat' | 'give-back' | 'engines'}`

/** A control room over HTTP. `limit`: an engine gets so many requests at once at most, whatever the control room says. */
export function makeHttpWorkSource(client: Client, { limit }: { limit: number | null }): WorkSource {
  const call = async <Name extends WorkRoute>(
    name: Name,
    input: CallInput<Name>,
    ms: number = answerMs.quick,
  ): Promise<RouteAnswer<Name>> => callWithin(client, { name, input, ms })
  return {
    lease: async (ask, signal) => call('work.lease', { body: ask, signal }, (ask.waitMs ?? 0) + answerMs.quick),
    deliver: async (delivery) => call('work.deliver', { body: delivery }, answerMs.delivery),
    beat: async (heartbeat) => call('work.beat', { body: heartbeat }),
    giveBack: async (leases) => call('work.give-back', { body: leases }),
    engines: async (query) => limitEngines(await call('work.engines', { query }), limit),
  }
}

type Within<Name extends WorkRoute> = { name: Name; input: CallInput<Name>; ms: number }

/** @throws PilothouseError `unavailable` when the time is over. */
async function callWithin<Name extends WorkRoute>(
  client: Client,
  { name, input, ms }: Within<Name>,
): Promise<RouteAnswer<Name>> {
  const late = AbortSignal.timeout(ms)
  const signal = input.signal === undefined ? late : AbortSignal.any([input.signal, late])
  try {
    return await client.call(name, { ...input, signal })
  } catch (cause) {
    if (!late.aborted || input.signal?.aborted) throw cause
    throw new PilothouseError('unavailable', `The control room did not answer within ${ms / 1000} s.`, { cause })
  }
}

function limitEngines({ engines }: WorkEngines, limit: number | null): WorkEngines {
  if (limit === null) return { engines }
  return { engines: engines.map((one) => ({ ...one, concurrencyMax: Math.min(limit, one.concurrencyMax ?? limit) })) }
}
