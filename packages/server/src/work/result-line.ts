/**
 * Lines of result files, as OpenAI's Batch API has them. Each is one line of JSON, and of a request always under the same id:
 *
 *   batch_req_ <24 hexadecimal digits of the batch> <8 of its place in the input>
 *
 * so that a line says where it belongs without being parsed (order-results.ts). Pure.
 */
import { createHash } from 'node:crypto'
import type { WorkOutcome } from '@pilothouse/contract'

const opening = '{"id":"batch_req_'
const batchDigits = 24
const placeDigits = 8

/** A line begins with so many bytes, all ASCII, before anything whose length varies. */
export const lineHeadBytes = opening.length + batchDigits + placeDigits

/** `customId` null: the input is damaged. */
export type LineOf = { batchId: string; at: number; customId: string | null }

/** The line of a request, with its line end. */
export function formatResult(of: LineOf, outcome: WorkOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return formatLine(of, formatResponse(outcome, keepOneLine(outcome.body)), 'null')
    case 'failed': {
      const response =
        outcome.status === null ? 'null' : formatResponse({ ...outcome, status: outcome.status }, toJson(outcome.body))
      return formatLine(of, response, JSON.stringify({ code: outcome.code, message: outcome.message }))
    }
  }
}

/** Why a request was not sent, or its answer not waited for. */
export type LeftOut = 'cancelled' | 'expired'

const leftOutErrors = {
  cancelled: { code: 'batch_cancelled', message: 'This request was not executed: the batch was cancelled before.' },
  expired: {
    code: 'batch_expired',
    message: 'This request could not be executed before the completion window expired.',
  },
} as const

/** The line of a request that has no result because its batch ended, with its line end. */
export function formatLeftOut(of: LineOf, why: LeftOut): string {
  return formatLine(of, 'null', JSON.stringify(leftOutErrors[why]))
}

/** The place in the input of the request whose line begins so; null where that is no line that was written here. */
export function readPlace(head: Buffer): number | null {
  const digits = head.toString('latin1', lineHeadBytes - placeDigits, lineHeadBytes)
  return /^[0-9a-f]{8}$/.test(digits) ? Number.parseInt(digits, 16) : null
}

function formatLine({ batchId, at, customId }: LineOf, response: string, error: string): string {
  const ofBatch = createHash('sha256').update(batchId).digest('hex').slice(0, batchDigits)
  const place = at.toString(16).padStart(placeDigits, '0')
  return `${opening}${ofBatch}${place}","custom_id":${JSON.stringify(customId)},"response":${response},"error":${error}}\n`
}

function formatResponse({ status, requestId }: { status: number; requestId: string | null }, body: string): string {
  return `{"status_code":${status},"request_id":${JSON.stringify(requestId)},"body":${body}}`
}

/** JSON text as it came, so that no number is rounded: outside of texts, where line ends stand escaped, they are space. */
function keepOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, ' ') : json
}

/** What an engine sent that may be JSON or not. */
function toJson(body: string | null): string {
  if (body === null) return 'null'
  try {
    JSON.parse(body)
    return keepOneLine(body)
  } catch {
    return JSON.stringify(body) // any text at all
  }
}
