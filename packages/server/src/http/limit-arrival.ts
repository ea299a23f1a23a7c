/** How long a request may take to arrive, its body included. Node has one time for all, and some bodies are large. */
import type { IncomingMessage } from 'node:http'

const timers = new WeakMap<IncomingMessage, NodeJS.Timeout>()

/** Cuts a request off that has not arrived after `ms`. Called again, this time holds, from then on. */
export function limitArrival(request: IncomingMessage, ms: number): void {
  if (request.complete || !hasBody(request)) return
  const before = timers.get(request)
  clearTimeout(before)
  const timer = setTimeout(() => request.complete || request.destroy(), ms)
  timer.unref()
  timers.set(request, timer)
  if (before === undefined) request.once('close', () => clearTimeout(timers.get(request)))
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}
