/** How many tokens an answer says that it took. The shapes are those of the OpenAI API, which engines follow. */
import type { TokenUsage } from '../request.ts'
import { isRecord, type JsonRecord } from './json-record.ts'

/**
 * Reads `usage` of an answer: `prompt_tokens` and `completion_tokens` of completions and embeddings, `input_tokens` and
 * `output_tokens` of responses. What an engine leaves out counts as 0; without any count at all there is no usage.
 */
export function readUsage(answer: JsonRecord): TokenUsage | null {
  const { usage } = answer
  if (!isRecord(usage)) return null
  const input = readCount(usage, 'prompt_tokens') ?? readCount(usage, 'input_tokens')
  const output = readCount(usage, 'completion_tokens') ?? readCount(usage, 'output_tokens')
  if (input === null && output === null) return null
  return {
    inputTokens: input ?? 0,
    cachedTokens: readDetail(usage, ['prompt_tokens_details', 'input_tokens_details'], 'cached_tokens'),
    outputTokens: output ?? 0,
    reasoningTokens: readDetail(usage, ['completion_tokens_details', 'output_tokens_details'], 'reasoning_tokens'),
  }
}

function readDetail(usage: JsonRecord, groups: readonly string[], name: string): number {
  for (const group of groups) {
    const details = usage[group]
    const count = isRecord(details) ? readCount(details, name) : null
    if (count !== null) return count
  }
  return 0
}

function readCount(from: JsonRecord, name: string): number | null {
  const count = from[name]
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : null
}
