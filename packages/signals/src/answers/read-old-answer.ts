/**
 * What a line of a file of results says that an older tool, or one unknown, has left: any JSON object. Names that such tools
 * use are looked for; a line of which nothing is understood is shown as it is. Pure.
 */
import { describeBody, findWords, readMessage, readTokens } from './describe-body.ts'
import { asNumber, field, parseJson } from './json-fields.ts'
import { type Answer, describeFailure } from './read-answer.ts'

/** Tried in this order. */
const idNames = ['custom_id', 'id', 'request_id', 'prompt_id', 'key'] as const
const textNames = [
  'response',
  'output',
  'outputs',
  'text',
  'completion',
  'generated_text',
  'generation',
  'answer',
  'prediction',
  'content',
  'body',
  'result',
] as const
/** Objects inside of each other that are looked into. */
const depthMax = 5

/** `customId` is null where nothing names the request. */
export type OldAnswer = Omit<Answer, 'customId'> & { customId: string | null }

/** null: it is no JSON object. */
export function readOldAnswer(line: string): OldAnswer | null {
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const response = field(value, 'response')
  const body = field(response, 'body') ?? response
  const error = field(value, 'error')
  const status = asNumber(field(response, 'status_code'))
  const isFailure = tellsFailure(error) || (status !== null && status >= 400)
  return {
    customId: findId(value),
    isFailure,
    text: isFailure ? describeError(error, body) : (findText(value, depthMax) ?? describeRest(value)),
    status,
    tokens: readTokens(field(body, 'usage') ?? field(value, 'usage')),
  }
}

function findId(value: object): string | null {
  const id = idNames.map((name) => field(value, name)).find((one) => typeof one === 'string' || typeof one === 'number')
  return id === undefined ? null : String(id)
}

/** Tools without errors write null, false or nothing. */
function tellsFailure(error: unknown): boolean {
  return error !== undefined && error !== null && error !== false && error !== ''
}

function describeError(error: unknown, body: unknown): string {
  const isKnown = typeof error === 'string' || typeof (field(error, 'message') ?? field(error, 'code')) === 'string'
  return isKnown || !tellsFailure(error) || error === true ? describeFailure(error, body) : JSON.stringify(error)
}

/** The first text below one of the names; undefined where there is none. */
function findText(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || depth === 0) return undefined
  if (Array.isArray(value)) {
    const texts = value.flatMap((one: unknown) => findText(one, depth - 1) ?? [])
    return texts.length === 0 ? undefined : texts.join('\n')
  }
  const own = findWords(value) ?? readMessage(field(value, 'message')) ?? readMessage(value)
  if (own !== undefined) return own
  for (const name of textNames) {
    const text = findText(field(value, name), depth - 1)
    if (text !== undefined) return text
  }
  return undefined
}

/** Vectors as such; all else is the line itself. */
function describeRest(value: object): string {
  const body = field(field(value, 'response'), 'body') ?? field(value, 'response') ?? value
  return field(body, 'data') === undefined ? JSON.stringify(value) : describeBody(body)
}
