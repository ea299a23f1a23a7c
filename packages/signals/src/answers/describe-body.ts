/** What the body of an answer says, of whichever of OpenAI's endpoints; as somebody would read it. Pure. */
import { fingerprint } from './fingerprint.ts'
import { asList, asNumber, field } from './json-fields.ts'

/** Numbers of a vector that are shown: nobody reads all of them. */
const numbersShown = 4

export type Tokens = { input: number; output: number }

/** The words of all its choices or parts, each on lines of its own; what has none as JSON. */
export function describeBody(body: unknown): string {
  const words = findWords(body)
  if (words !== undefined) return words
  const vectors = asList(field(body, 'data')).map((one) => field(one, 'embedding'))
  if (vectors.some((vector) => vector !== undefined)) return vectors.map(describeVector).join('\n')
  return body === undefined || body === null ? '' : JSON.stringify(body)
}

/** Of chats, completions and responses; undefined: it is none of them. */
export function findWords(body: unknown): string | undefined {
  const choices = asList(field(body, 'choices')).map(readChoice)
  if (choices.length > 0) return choices.every((one) => one === undefined) ? undefined : choices.join('\n')
  const output = asList(field(body, 'output')).flatMap((one) => joinContent(field(one, 'content')) ?? [])
  return output.length > 0 ? output.join('\n') : undefined
}

/** As its engine counted them; chats and responses name them differently. */
export function readTokens(usage: unknown): Tokens | null {
  const input = asNumber(field(usage, 'prompt_tokens') ?? field(usage, 'input_tokens'))
  const output = asNumber(field(usage, 'completion_tokens') ?? field(usage, 'output_tokens'))
  return input === null && output === null ? null : { input: input ?? 0, output: output ?? 0 }
}

function readChoice(choice: unknown): string | undefined {
  const text = field(choice, 'text')
  return typeof text === 'string' ? text : readMessage(field(choice, 'message'))
}

/** Content or refusal, and below it the functions that are called. */
export function readMessage(message: unknown): string | undefined {
  const content = joinContent(field(message, 'content')) ?? joinContent(field(message, 'refusal'))
  const calls = asList(field(message, 'tool_calls')).map((call) => JSON.stringify(field(call, 'function') ?? call))
  return content === undefined && calls.length === 0 ? undefined : [content ?? '', ...calls].filter(Boolean).join('\n')
}

/** Text, or the texts of its parts. */
export function joinContent(content: unknown): string | undefined {
  if (typeof content === 'string') return content
  const texts = asList(content)
    .map((part) => field(part, 'text') ?? field(part, 'refusal'))
    .filter((one) => typeof one === 'string')
  return texts.length === 0 ? undefined : texts.join('\n')
}

/** How many numbers, the first ones, and a mark of all: two vectors that read the same are the same. */
function describeVector(vector: unknown): string {
  const mark = `#${fingerprint(JSON.stringify(vector) ?? '')}`
  if (!Array.isArray(vector)) return `embedding as text, ${mark}`
  const first = vector
    .slice(0, numbersShown)
    .map((one: unknown) => (typeof one === 'number' ? one.toPrecision(4) : '?'))
  return `${vector.length} numbers: ${first.join(', ')} … ${mark}`
}
