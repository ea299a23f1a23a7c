/** What a line of a file of requests asks, as OpenAI's Batch API has them; as somebody would read it. Pure. */
import { joinContent } from './describe-body.ts'
import { asList, field, parseJson } from './json-fields.ts'

export type AskedRequest = { customId: string; text: string }

/** null: it is no request with a custom_id. */
export function readRequest(line: string): AskedRequest | null {
  const value = parseJson(line)
  const customId = field(value, 'custom_id')
  if (typeof customId !== 'string') return null
  return { customId, text: describeRequest(field(value, 'body')) }
}

/** Messages under who says them, or the prompt; what has neither as JSON. */
export function describeRequest(body: unknown): string {
  const messages = [field(body, 'messages'), field(body, 'input')].find((one) => asList(one).some(isMessage))
  if (messages !== undefined) return asList(messages).map(describeMessage).join('\n\n')
  const prompts = field(body, 'prompt') ?? field(body, 'input')
  if (typeof prompts === 'string') return prompts
  const texts = asList(prompts).filter((one) => typeof one === 'string')
  if (texts.length > 0) return texts.join('\n\n')
  return body === undefined ? '' : JSON.stringify(body)
}

function isMessage(value: unknown): boolean {
  return typeof field(value, 'role') === 'string'
}

/** What is neither text nor a part with text, as a picture, is JSON. */
function describeMessage(message: unknown): string {
  const role = field(message, 'role')
  const words = joinContent(field(message, 'content')) ?? JSON.stringify(message)
  return typeof role === 'string' ? `${role}: ${words}` : words
}
