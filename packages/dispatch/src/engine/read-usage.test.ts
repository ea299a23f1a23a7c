import { expect, it } from 'vitest'
import { readUsage } from './read-usage.ts'

it('tokens of a chat are read with what was cached and what was thought', () => {
  const usage = {
    prompt_tokens: 20,
    completion_tokens: 7,
    total_tokens: 27,
    prompt_tokens_details: { cached_tokens: 16, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 3 },
  }
  expect(readUsage({ usage })).toEqual({ inputTokens: 20, cachedTokens: 16, outputTokens: 7, reasoningTokens: 3 })
})

it('embeddings have no output, and details may be null as vLLM writes them', () => {
  const usage = { prompt_tokens: 5, total_tokens: 5, prompt_tokens_details: null }
  expect(readUsage({ usage })).toEqual({ inputTokens: 5, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 })
})

it('tokens of a response have other names', () => {
  const usage = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 1 },
  }
  expect(readUsage({ usage })).toEqual({ inputTokens: 9, cachedTokens: 2, outputTokens: 4, reasoningTokens: 1 })
})

it('without a count that makes sense there is no usage', () => {
  expect(readUsage({})).toBeNull()
  expect(readUsage({ usage: null })).toBeNull()
  expect(readUsage({ usage: { prompt_tokens: -1, completion_tokens: '4' } })).toBeNull()
  expect(readUsage({ usage: { prompt_tokens: 1.5, completion_tokens: 2 } })).toMatchObject({
    inputTokens: 0,
    outputTokens: 2,
  })
})
