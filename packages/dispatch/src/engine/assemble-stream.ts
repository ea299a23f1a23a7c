/**
 * Puts the chunks of a streamed completion together into the object that the engine would have sent without streaming: chunks
 * `chat.completion.chunk` into `chat.completion`, `text_completion` into one of its kind. Pure.
 *
 * Texts grow, lists grow, tool calls grow by their `index`; names and ids are those that came first, and of everything else the
 * last that is not null. What engines add beside OpenAI's fields (`reasoning_content`, `token_ids`, `stop_reason`) follows the same.
 */
import { isRecord, type JsonRecord, parseRecord } from './json-record.ts'

export type StreamEnd =
  | { kind: 'whole'; answer: JsonRecord }
  /** The engine told of an error in the middle; `status` where it named one. `body`: its JSON. */
  | { kind: 'error'; status: number | null; body: string }
  /** It is no stream of an answer, or ended early. */
  | { kind: 'broken'; message: string }

/** Not of the answer: padding of chunks. */
const leftOut: readonly string[] = ['obfuscation', '__proto__']
/** The first that says something stays; hosted engines open a stream with chunks that have them empty. */
const keptFirst: readonly string[] = ['id', 'object', 'created', 'model']
/** Choices of one answer; a request asks for at most 128. */
const choicesMax = 1_024
const toolCallsMax = 10_000

export class StreamAssembler {
  #answer: JsonRecord = {}
  readonly #choices = new Map<number, Choice>()
  #end: StreamEnd | null = null

  /**
   * Takes the data of one event, and its name where it has one. Returns how many of its choices got something to read: about
   * its tokens.
   */
  add(data: string, name = ''): number {
    if (this.#end) return 0
    if (data.trim() === '[DONE]') {
      this.#end = this.#close()
      return 0
    }
    const chunk = parseRecord(data)
    if (!chunk) return this.#stop({ kind: 'broken', message: 'A chunk of the streamed answer is no JSON object.' })
    if (name === 'error' || (chunk['error'] ?? null) !== null) return this.#stop(readErrorChunk(chunk, data))
    mergeTop(this.#answer, chunk)
    return this.#takeChoices(chunk['choices'])
  }

  /** Call it when the stream has ended, or as soon as `isOver`. */
  finish(): StreamEnd {
    return this.#end ?? { kind: 'broken', message: 'The streamed answer ended before its end was told.' }
  }

  /** `[DONE]` has come, or what makes the rest useless. */
  get isOver(): boolean {
    return this.#end !== null
  }

  #stop(end: StreamEnd): number {
    this.#end = end
    return 0
  }

  #takeChoices(choices: unknown): number {
    let told = 0
    for (const part of Array.isArray(choices) ? choices : []) {
      if (!isRecord(part)) continue
      const index = typeof part['index'] === 'number' ? part['index'] : 0
      if (index >= choicesMax) continue
      const choice = this.#choices.get(index) ?? { index, own: {}, message: null, toolCalls: [] }
      this.#choices.set(index, choice)
      if (mergeChoice(choice, part)) told += 1
    }
    return told
  }

  #close(): StreamEnd {
    if (this.#choices.size === 0) return { kind: 'broken', message: 'The streamed answer has no choices.' }
    const choices = [...this.#choices.values()].toSorted((a, b) => a.index - b.index).map(writeChoice)
    const { id, object, created, model, usage, ...others } = this.#answer
    const kind = typeof object === 'string' ? object.replace(/\.chunk$/, '') : object
    const counted = usage === undefined || usage === null ? {} : { usage }
    return { kind: 'whole', answer: { id, object: kind, created, model, choices, ...counted, ...others } }
  }
}

type Choice = {
  index: number
  /** All but its message. */
  own: JsonRecord
  /** Of chats: null as long as no delta has come. */
  message: JsonRecord | null
  toolCalls: JsonRecord[]
}

function readErrorChunk(chunk: JsonRecord, body: string): StreamEnd {
  const error = isRecord(chunk['error']) ? chunk['error'] : chunk
  const code = Number(error['code'] ?? error['status'])
  return { kind: 'error', status: Number.isInteger(code) && code >= 400 && code < 600 ? code : null, body }
}

function mergeTop(answer: JsonRecord, chunk: JsonRecord): void {
  for (const [name, value] of Object.entries(chunk)) {
    if (name === 'choices' || leftOut.includes(name)) continue
    if (keptFirst.includes(name)) answer[name] ||= value
    else keepLast(answer, name, value)
  }
}

function keepLast(into: JsonRecord, name: string, value: unknown): void {
  if (value !== null || !(name in into)) into[name] = value
}

function mergeChoice(choice: Choice, part: JsonRecord): boolean {
  let isTold = false
  for (const [name, value] of Object.entries(part)) {
    if (name === 'index' || leftOut.includes(name)) continue
    if (name === 'delta' && isRecord(value)) {
      choice.message ??= {}
      isTold = mergeDelta(choice.message, choice.toolCalls, value)
    } else if (name === 'text' && typeof value === 'string') {
      grow(choice.own, name, value)
      isTold = value !== ''
    } else mergeExtra(choice.own, name, value)
  }
  return isTold
}

/** Log probabilities are lists inside of an object, other extras lists or single values. */
function mergeExtra(into: JsonRecord, name: string, value: unknown): void {
  const before = into[name]
  if (Array.isArray(value)) grow(into, name, value)
  else if (name === 'logprobs' && isRecord(value) && isRecord(before)) {
    for (const [list, items] of Object.entries(value)) if (list !== '__proto__') mergeExtra(before, list, items)
  } else keepLast(into, name, value)
}

function grow(into: JsonRecord, name: string, value: string | unknown[]): void {
  const before = into[name]
  if (typeof before === 'string' && typeof value === 'string') into[name] = before + value
  else if (Array.isArray(before) && Array.isArray(value)) for (const item of value) before.push(item)
  else into[name] = value
}

function mergeDelta(message: JsonRecord, toolCalls: JsonRecord[], delta: JsonRecord): boolean {
  let isTold = false
  for (const [name, value] of Object.entries(delta)) {
    if (leftOut.includes(name)) continue
    if (name === 'tool_calls' && Array.isArray(value)) {
      for (const part of value) if (isRecord(part)) mergeToolCall(toolCalls, part)
      isTold ||= value.length > 0
    } else if (name === 'function_call' && isRecord(value)) {
      message[name] = mergeCalled(message[name], value)
      isTold = true
    } else if (name === 'role') message[name] ??= value
    else if (typeof value === 'string') {
      grow(message, name, value)
      isTold ||= value !== ''
    } else mergeExtra(message, name, value)
  }
  return isTold
}

/** A part without an index begins a call where it has an id, and goes on with the last one where it has none. */
function mergeToolCall(toolCalls: JsonRecord[], part: JsonRecord): void {
  const next = typeof part['id'] === 'string' ? toolCalls.length : Math.max(0, toolCalls.length - 1)
  const at = typeof part['index'] === 'number' ? part['index'] : next
  if (at < 0 || at >= toolCallsMax) return
  const call = (toolCalls[at] ??= {})
  for (const [name, value] of Object.entries(part)) {
    if (name === 'index' || leftOut.includes(name)) continue
    if (isRecord(value)) call[name] = mergeCalled(call[name], value)
    else call[name] ||= value
  }
}

/** What is called: its name comes once, its arguments bit by bit. */
function mergeCalled(before: unknown, part: JsonRecord): JsonRecord {
  const called: JsonRecord = isRecord(before) ? before : {}
  for (const [name, value] of Object.entries(part)) {
    if ((name === 'arguments' || name === 'input') && typeof value === 'string') grow(called, name, value)
    else if (name !== '__proto__') called[name] ||= value
  }
  return called
}

function writeChoice({ index, own, message, toolCalls }: Choice): JsonRecord {
  if (!message) return { index, ...own }
  const calls = toolCalls.filter(isRecord)
  if (calls.length > 0) message['tool_calls'] = calls
  const isCall = calls.length > 0 || message['function_call'] !== undefined
  // A message that calls has no content; the first delta has an empty one in any case.
  if (message['content'] === undefined || (message['content'] === '' && isCall)) message['content'] = null
  return { index, message, ...own }
}
