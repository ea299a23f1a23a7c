/** Whether a line is a request that the Batch API takes; pure. */
import { isUtf8 } from 'node:buffer'
import { formatCount, type LineFault, quoteValue } from './line-error.ts'

/** What the Batch API's own clients keep to. */
export const customIdLengthMax = 512

const hintOfLine =
  'Each line has to be one whole JSON object, as {"custom_id": …, "method": "POST", "url": …, "body": {…}}.'

export type JsonObject = Record<string, unknown>

type Found<T> = { fault: null; value: T } | { fault: LineFault }

/** The object that a line is. */
export function parseLine(bytes: Buffer): Found<{ text: string; object: JsonObject }> {
  if (!isUtf8(bytes)) return blame('invalid_json_line', 'it is not UTF-8. Save the file as UTF-8.', null)
  const text = bytes.toString('utf8')
  try {
    const object: unknown = JSON.parse(text)
    if (isJsonObject(object)) return { fault: null, value: { text, object } }
    return blame('invalid_json_line', `it is ${quoteValue(object)}. ${hintOfLine}`, null)
  } catch (error) {
    return blame('invalid_json_line', `it is not JSON (${tellReason(error)}). ${hintOfLine}`, null)
  }
}

/** V8 adds line and column, which are those inside of this one line. */
function tellReason(error: unknown): string {
  return String(error instanceof Error ? error.message : error).replace(/ \(line \d+ column \d+\)/, '')
}

export function readCustomId({ custom_id: id }: JsonObject): Found<string> {
  if (typeof id !== 'string' || id === '') {
    const what = id === '' ? 'it is empty' : `it is ${quoteValue(id)}`
    const message = `custom_id has to be a text, and ${what}. Give each request one that no other has.`
    return blame('invalid_request', message, 'custom_id')
  }
  if (id.length <= customIdLengthMax) return { fault: null, value: id }
  const message = `custom_id has ${formatCount(id.length)} characters, and it may have ${customIdLengthMax}. Shorten it.`
  return blame('invalid_request', message, 'custom_id')
}

export type LineDemands = {
  /** What `url` has to be, as `/v1/chat/completions`. */
  endpoint: string
  /** Whether `body.model` is replaced, so that it may be anything. */
  isModelReplaced: boolean
}

/** The body of a request, once all of it is as it has to be. */
export function readBody({ method, url, body }: JsonObject, demands: LineDemands): Found<JsonObject> {
  const { endpoint } = demands
  if (method !== 'POST') {
    return blame('invalid_request', `method has to be «POST», and it is ${quoteValue(method)}.`, 'method')
  }
  if (typeof url !== 'string') {
    return blame('invalid_request', `url has to be «${endpoint}», and it is ${quoteValue(url)}.`, 'url')
  }
  if (url !== endpoint) {
    const message = `url is ${quoteValue(url)}, and the endpoint of the batch «${endpoint}». Write that, or put the request into a batch of its own endpoint.`
    return blame('url_mismatch', message, 'url')
  }
  if (!isJsonObject(body)) {
    const message = `body has to be an object, and it is ${quoteValue(body)}. Write there what would be sent to ${endpoint}.`
    return blame('invalid_request', message, 'body')
  }
  return checkBody(body, demands)
}

function checkBody(body: JsonObject, { isModelReplaced }: LineDemands): Found<JsonObject> {
  const model = body['model']
  if (!isModelReplaced && (typeof model !== 'string' || model === '')) {
    const what = model === '' ? 'it is empty' : `it is ${quoteValue(model)}`
    const message = `body.model has to name a model, and ${what}. Name the one that the batch is for.`
    return blame('invalid_request', message, 'body.model')
  }
  if (body['stream'] === true) {
    const message = 'body.stream is true, and a batch takes answers whole. Leave it out, or set it to false.'
    return blame('invalid_request', message, 'body.stream')
  }
  return { fault: null, value: body }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function blame(code: LineFault['code'], message: string, param: string | null): { fault: LineFault } {
  return { fault: { code, message, param } }
}
