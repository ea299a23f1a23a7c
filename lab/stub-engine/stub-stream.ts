/** Takes a whole completion apart into the chunks that an engine streams, in the order that OpenAI's API has them. */
import { type Fields, isFields } from './stub-answers.ts'

/** At its word borders. */
export function cutWords(text: string): string[] {
  return text === '' ? [] : text.split(/(?<= )/)
}

/**
 * The chunks of a chat or text completion, its usage last. `cut` takes texts apart; each piece is a chunk of its own. Choices
 * come by turns, as in an engine that works on all of them at once.
 */
export function splitAnswer(answer: Fields, cut: (text: string) => string[] = cutWords): Fields[] {
  const { choices, usage, object, ...frame } = answer
  const isChat = object === 'chat.completion'
  const head = { ...frame, object: isChat ? 'chat.completion.chunk' : object }
  const parts = listFields(choices).map((choice) => (isChat ? splitChat(choice, cut) : splitText(choice, cut)))
  const chunks = takeTurns(parts).map((part) => ({ ...head, choices: [part], usage: null }))
  return usage === undefined ? chunks : [...chunks, { ...head, choices: [], usage }]
}

function splitText({ index, text, finish_reason, ...extras }: Fields, cut: (text: string) => string[]): Fields[] {
  const pieces = cut(String(text)).map((piece) => ({ index, text: piece, logprobs: null, finish_reason: null }))
  return [...pieces, { index, text: '', ...extras, finish_reason }]
}

function splitChat(choice: Fields, cut: (text: string) => string[]): Fields[] {
  const { index, message, logprobs, finish_reason, ...extras } = choice
  const { role, content, refusal, tool_calls, function_call, ...texts } = isFields(message) ? message : {}
  const opening = { role, content: content === null ? null : '', ...(refusal === undefined ? {} : { refusal: null }) }
  const deltas: Fields[] = [opening]
  for (const [name, text] of Object.entries({ ...texts, refusal })) {
    if (typeof text === 'string') deltas.push(...cut(text).map((piece) => ({ [name]: piece })))
  }
  for (const [at, call] of listFields(tool_calls).entries()) deltas.push(...splitToolCall(at, call, cut))
  if (isFields(function_call)) deltas.push(...splitCalled(function_call, cut).map((part) => ({ function_call: part })))
  const pieces = typeof content === 'string' ? cut(content) : []
  const plain = deltas.map((delta) => ({ index, delta, logprobs: null, finish_reason: null }))
  const told = pieces.map((piece, at) => {
    const weights = shareLogprobs(logprobs, at, pieces.length)
    return { index, delta: { content: piece }, logprobs: weights, finish_reason: null }
  })
  const rest = pieces.length === 0 ? logprobs : null
  return [...plain, ...told, { index, delta: {}, logprobs: rest, ...extras, finish_reason }]
}

function splitToolCall(index: number, call: Fields, cut: (text: string) => string[]): Fields[] {
  const { function: called, ...named } = call
  const [first, ...others] = splitCalled(isFields(called) ? called : {}, cut)
  const opening = { index, ...named, function: first }
  return [opening, ...others.map((part) => ({ index, function: part }))].map((part) => ({ tool_calls: [part] }))
}

function splitCalled({ name, arguments: text }: Fields, cut: (text: string) => string[]): Fields[] {
  return [{ name, arguments: '' }, ...cut(String(text)).map((piece) => ({ arguments: piece }))]
}

/** The share of one piece in the log probabilities of all: one entry each, the last piece has those that are left. */
function shareLogprobs(logprobs: unknown, at: number, pieces: number): unknown {
  if (!isFields(logprobs) || !Array.isArray(logprobs['content'])) return logprobs
  const isLast = at === pieces - 1
  return { ...logprobs, content: logprobs['content'].slice(at, isLast ? undefined : at + 1) }
}

function takeTurns(rows: readonly Fields[][]): Fields[] {
  const longest = Math.max(0, ...rows.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => rows.flatMap((row) => row.slice(at, at + 1))).flat()
}

function listFields(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}
