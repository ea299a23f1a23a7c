/**
 * What the stand-in answers: always the same to the same request, and with the text of its prompt inside, so that an answer can be
 * told to belong to its request. It generates nothing.
 */
import { createHash } from 'node:crypto'

export type Fields = Record<string, unknown>
export type StubAnswer = { prompt: string; tokens: number; promptTokens: number; answer: Fields }

/** Fixed, as everything in an answer follows from its request alone. */
const createdSeconds = 1_790_000_000
const dimensions = 8
const wordsMax = 100_000

/** Null for a path that it does not know. */
export function answerTo(path: string, asked: Fields, text: string): StubAnswer | null {
  const id = createHash('sha256').update(text).digest('hex').slice(0, 24)
  switch (path) {
    case '/v1/chat/completions':
      return answerChat(asked, id)
    case '/v1/completions':
      return answerCompletion(asked, id)
    case '/v1/embeddings':
      return answerEmbedding(asked)
    case '/v1/responses':
      return answerResponse(asked, id)
    default:
      return null
  }
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}

/** The prompt, and behind it as many words as were allowed: one is one token. */
function echo(asked: Fields, prompt: string): string {
  const allowed = asked['max_completion_tokens'] ?? asked['max_tokens'] ?? asked['max_output_tokens']
  const text = `You said: ${prompt}`
  const wanted = typeof allowed === 'number' ? Math.min(allowed, wordsMax) : 0
  return text + ' .'.repeat(Math.max(0, wanted - countWords(text)))
}

function answerChat(asked: Fields, id: string): StubAnswer {
  const prompt = readPrompt(asked['messages'])
  const content = echo(asked, prompt)
  const reasoning = asked['reasoning_effort'] === undefined ? null : `One asks for ${prompt}`
  const hasTools = Array.isArray(asked['tools']) && asked['tools'].length > 0
  const message = {
    role: 'assistant',
    content: hasTools ? null : content,
    refusal: null,
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(hasTools ? { tool_calls: [callTool(0, prompt), callTool(1, prompt)] } : {}),
  }
  const finish_reason = hasTools ? 'tool_calls' : 'stop'
  const logprobs = asked['logprobs'] === true && !hasTools ? { content: weighWords(content), refusal: null } : null
  const choices = listChoices(asked).map((index) => ({ index, message, logprobs, finish_reason }))
  const answer = { ...begin(asked, 'chat.completion', `chatcmpl-${id}`), choices }
  const tokens = (countWords(content) + countWords(reasoning ?? '')) * choices.length
  return withUsage({ prompt, tokens, promptTokens: countWords(prompt), answer })
}

function answerCompletion(asked: Fields, id: string): StubAnswer {
  const prompt = readPrompt(asked['prompt'])
  const text = echo(asked, prompt)
  const choices = listChoices(asked).map((index) => ({ index, text, logprobs: null, finish_reason: 'stop' }))
  const answer = { ...begin(asked, 'text_completion', `cmpl-${id}`), choices }
  const tokens = countWords(text) * choices.length
  return withUsage({ prompt, tokens, promptTokens: countWords(prompt), answer })
}

function answerEmbedding(asked: Fields): StubAnswer {
  const prompt = readPrompt(asked['input'])
  const digest = createHash('sha256').update(prompt).digest()
  const embedding = Array.from({ length: dimensions }, (_, at) => (digest[at] ?? 0) / 255)
  const promptTokens = countWords(prompt)
  const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens }
  const data = [{ object: 'embedding', index: 0, embedding }]
  return { prompt, tokens: 0, promptTokens, answer: { object: 'list', data, model: asked['model'], usage } }
}

function answerResponse(asked: Fields, id: string): StubAnswer {
  const prompt = readPrompt(asked['input'])
  const text = echo(asked, prompt)
  const [input_tokens, output_tokens] = [countWords(prompt), countWords(text)]
  const content = [{ type: 'output_text', text, annotations: [] }]
  const output = [{ type: 'message', id: `msg_${id}`, status: 'completed', role: 'assistant', content }]
  const usage = {
    input_tokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input_tokens + output_tokens,
  }
  const named = { id: `resp_${id}`, object: 'response', created_at: createdSeconds, status: 'completed' }
  const answer = { ...named, model: asked['model'], output, usage }
  return { prompt, tokens: output_tokens, promptTokens: input_tokens, answer }
}

function begin(asked: Fields, object: string, id: string): Fields {
  return {
    id,
    object,
    created: createdSeconds,
    model: asked['model'],
    system_fingerprint: 'fp_stub',
    service_tier: null,
  }
}

function listChoices({ n }: Fields): number[] {
  return Array.from({ length: typeof n === 'number' ? n : 1 }, (_, index) => index)
}

function callTool(at: number, prompt: string): Fields {
  return { id: `call_${at}`, type: 'function', function: { name: `tool_${at}`, arguments: JSON.stringify({ prompt }) } }
}

function weighWords(text: string): Fields[] {
  return text.split(/(?<= )/).map((token) => ({ token, logprob: -0.5, bytes: null, top_logprobs: [] }))
}

function withUsage(made: StubAnswer): StubAnswer {
  const { tokens, promptTokens, answer } = made
  const usage = {
    prompt_tokens: promptTokens,
    completion_tokens: tokens,
    total_tokens: promptTokens + tokens,
    prompt_tokens_details: { cached_tokens: 0 },
  }
  return { ...made, answer: { ...answer, usage } }
}

/** The text of a prompt: itself, or the last of its messages or parts that has one. */
function readPrompt(given: unknown): string {
  if (typeof given === 'string') return given
  if (Array.isArray(given)) return given.every(isText) ? given.join(' ') : readPrompt(given.at(-1))
  if (!isFields(given)) return ''
  return isText(given['text']) ? given['text'] : readPrompt(given['content'])
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
