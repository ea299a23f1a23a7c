/** What a line of a file of answers or errors says, as OpenAI's Batch API writes them. Pure. */
import { type Tokens, describeBody, readTokens } from './describe-body.ts'
import { asNumber, field, parseJson } from './json-fields.ts'

export type Answer = {
  customId: string
  isFailure: boolean
  /** The answer, or why there is none. Of two answers with the same text all that is answered is the same. */
  text: string
  /** Of HTTP; null where nothing came. */
  status: number | null
  /** Of the answer; null where its engine has not counted. */
  tokens: Tokens | null
}

/** null: it is no line of such a file. */
export function readAnswer(line: string): Answer | null {
  const value = parseJson(line)
  const customId = field(value, 'custom_id')
  if (typeof customId !== 'string') return null
  const response = field(value, 'response')
  const body = field(response, 'body')
  const error = field(value, 'error')
  const status = asNumber(field(response, 'status_code'))
  const isFailure = (error !== null && error !== undefined) || (status !== null && status >= 400)
  return {
    customId,
    isFailure,
    text: isFailure ? describeFailure(error, body) : describeBody(body),
    status,
    tokens: readTokens(field(body, 'usage')),
  }
}

/** Its code, and what it says of itself, or else what the engine said. */
export function describeFailure(error: unknown, body: unknown): string {
  if (typeof error === 'string' && error !== '') return error
  const own = field(error, 'message')
  const engines = field(field(body, 'error'), 'message')
  const message = [own, engines].find((one) => typeof one === 'string' && one !== '')
  const words = [field(error, 'code'), message].filter((one) => typeof one === 'string')
  return words.join(': ') || 'failed without a reason'
}
