import { limits, type WorkEngine } from '@pilothouse/contract'
import { usualBounds } from '../concurrency/concurrency.ts'
import { EngineClient } from '../engine/engine-client.ts'
import { parseEngineMetrics } from '../metrics/parse-engine-metrics.ts'
import { AnswerPace } from './answer-pace.ts'
import type { DispatchEngine } from '../run/dispatch-engine.ts'

/** A way to an engine that is open until it is closed. */
export type OpenEngine = Pick<DispatchEngine, 'send' | 'readMetrics'> & {
  /** Called once nothing is under way. */
  close: () => Promise<void>
}

/** `requestMs`: of requests that do not say it. A streamed answer may stand still while the engine works on others first. */
const timeouts = { connectMs: 5_000, requestMs: 600_000, idleMs: 120_000 }
const metricsMs = 2_000
/** As a text inside of a delivery an answer may take twice its bytes, and must go into one. */
const answerBytesMax = Math.floor((limits.deliveryBytesMax * 3) / 8)

/** Opens a client of its address. @throws PilothouseError `invalid` for an address or a key that cannot be used. */
export function openEngine({ baseUrl, apiKey, concurrencyMax }: WorkEngine): OpenEngine {
  const connectionsMax = concurrencyMax ?? usualBounds.ceiling
  const client = new EngineClient({ baseUrl, apiKey, connectionsMax, timeouts, streams: true, answerBytesMax })
  const closed = new AbortController()
  const pace = new AnswerPace()
  return {
    send: async (request, calls) => {
      const begunMs = performance.now()
      const attempt = await client.send(request, { ...calls, streams: pace.isSlow })
      if (attempt.kind === 'answered') pace.note(performance.now() - begunMs)
      return attempt
    },
    readMetrics: async () => {
      const { text } = await client.getText('/metrics', { signal: closed.signal, timeoutMs: metricsMs })
      return parseEngineMetrics(text)
    },
    close: async () => {
      closed.abort()
      await client.destroy()
    },
  }
}
