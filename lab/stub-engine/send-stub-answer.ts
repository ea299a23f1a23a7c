/** How the stand-in puts an answer on the wire, whole or as a stream, and what it does wrong while doing so. */
import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { Fault } from './stub-faults.ts'
import type { Fields, StubAnswer } from './stub-answers.ts'
import type { StubService } from './stub-service.ts'
import { splitAnswer } from './stub-stream.ts'

export type Sending = {
  response: ServerResponse
  made: StubAnswer
  fault: Fault | null
  /** Null: at once. */
  service: StubService | null
  /** Aborted when the client has gone. */
  signal: AbortSignal
  onTokens: (count: number) => void
}

/** Sends the whole answer. Resolves with whether it went out unharmed. */
export async function sendWhole(sending: Sending): Promise<boolean> {
  const { response, made, fault } = sending
  await work(sending, () => {})
  if (sending.signal.aborted) return false
  const bytes = Buffer.from(JSON.stringify(withId(made.answer, fault)))
  response.setHeader('content-type', 'application/json')
  const half = bytes.subarray(0, Math.floor(bytes.length / 2))
  switch (fault?.kind) {
    case 'reset-midway':
    case 'stall-midway':
      response.setHeader('content-length', bytes.length)
      return breakOff(response, half, fault.kind)
    case 'truncated':
      return end(response, half, false)
    case 'not-utf8':
      return end(response, Buffer.concat([half, Buffer.from([0xff, 0xfe]), bytes.subarray(half.length)]), false)
    default:
      return end(response, bytes, true)
  }
}

/** Sends the answer as server-sent events, as its tokens come. Resolves as `sendWhole`. */
export async function sendStream(sending: Sending, hasUsage: boolean): Promise<boolean> {
  const { response, made, fault } = sending
  const chunks = splitAnswer(withId(made.answer, fault)).filter((chunk) => hasUsage || chunk['usage'] === null)
  const events = chunks.map((chunk) => write(hasUsage ? chunk : leaveOutUsage(chunk)))
  const half = Math.floor(events.length / 2)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  response.flushHeaders()
  let sent = 0
  await work(sending, (share) => {
    const until = Math.floor(share * (isCutShort(fault) ? half : events.length))
    if (until > sent) response.write(events.slice(sent, until).join(''))
    sent = Math.max(sent, until)
  })
  if (sending.signal.aborted) return false
  const rest = events.slice(sent, isCutShort(fault) ? half : undefined).join('')
  switch (fault?.kind) {
    case 'reset-midway':
    case 'stall-midway':
      return breakOff(response, Buffer.from(rest), fault.kind)
    case 'truncated':
    case 'unended':
      return end(response, Buffer.from(rest), false)
    case 'error-chunk':
      return end(response, Buffer.from(`${rest}${write({ error: fault.error })}data: [DONE]\n\n`), false)
    case 'not-utf8':
      return end(response, Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0x0a, 0x0a]), false)
    default:
      return end(response, Buffer.from(`${rest}data: [DONE]\n\n`), true)
  }
}

/** Does the work; `onShare` is told how much of it is done, 0 … 1. */
async function work(
  { made, fault, service, signal, onTokens }: Sending,
  onShare: (share: number) => void,
): Promise<void> {
  if (!service || made.tokens === 0) return onTokens(made.tokens)
  let done = 0
  await service.run(made.tokens, {
    factor: fault?.kind === 'slow' ? fault.factor : 1,
    signal,
    onTokens: (count) => {
      done += count
      onTokens(count)
      onShare(done / made.tokens)
    },
  })
}

function isCutShort(fault: Fault | null): boolean {
  return fault !== null && ['reset-midway', 'stall-midway', 'truncated', 'error-chunk'].includes(fault.kind)
}

function withId(answer: Fields, fault: Fault | null): Fields {
  if (fault?.kind !== 'id') return answer
  const { id: _, ...others } = answer
  return fault.id === null ? others : { ...others, id: fault.id }
}

/** Without being asked for it, an engine says nothing of usage in its chunks. */
function leaveOutUsage({ usage: _, ...chunk }: Fields): Fields {
  return chunk
}

function write(data: Fields): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

async function breakOff(
  response: ServerResponse,
  bytes: Buffer,
  kind: 'reset-midway' | 'stall-midway',
): Promise<false> {
  await new Promise<void>((resolve) => response.write(bytes, () => resolve()))
  if (kind === 'reset-midway') response.socket?.resetAndDestroy()
  return false
}

/** An answer counts once its last byte was handed over. */
async function end(response: ServerResponse, bytes: Buffer, isUnharmed: boolean): Promise<boolean> {
  if (response.destroyed) return false
  const ended = once(response, 'finish')
  response.end(bytes)
  await Promise.race([ended, once(response, 'close')])
  return isUnharmed && response.writableFinished
}
