import { expect, test } from 'vitest'
import { parseEngineMetrics } from './parse-engine-metrics.ts'

const vllm = `# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="llama"} 12.0
vllm:num_requests_running{engine="1",model_name="llama"} 9.0
vllm:num_requests_waiting{engine="0",model_name="llama"} 3.0
vllm:num_requests_waiting{engine="0",model_name="other \\"one\\""} 40.0
vllm:kv_cache_usage_perc{engine="0",model_name="llama"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="llama"} 0.75
vllm:prompt_tokens_total{engine="0",model_name="llama"} 1.2e+06 1700000000000
vllm:generation_tokens_total{model_name="llama"} NaN
vllm:num_preemptions_total{model_name="llama"} 4
`

test('figures of vLLM are summed over its engines, the fullest cache counts', () => {
  expect(parseEngineMetrics(vllm, 'llama')).toEqual({
    kind: 'vllm',
    running: 21,
    waiting: 3,
    cacheUse: 0.75,
    promptTokens: 1_200_000,
    outputTokens: null,
    preemptions: 4,
    prefixQueries: null,
    prefixHits: null,
  })
  expect(parseEngineMetrics(vllm)?.waiting).toBe(43)
  expect(parseEngineMetrics(vllm, 'other "one"')?.waiting).toBe(40)
})

test('older names, llama.cpp and SGLang are read', () => {
  expect(parseEngineMetrics('vllm:gpu_cache_usage_perc 0.5\n')?.cacheUse).toBe(0.5)
  const llama = 'llamacpp:requests_processing 2\nllamacpp:requests_deferred 5\r\nllamacpp:tokens_predicted_total 77\n'
  expect(parseEngineMetrics(llama)).toMatchObject({ kind: 'llama.cpp', running: 2, waiting: 5, outputTokens: 77 })
  const sglang = 'sglang:num_running_reqs{model_name="m"} 7\nsglang:num_queue_reqs{model_name="m"} 0\n'
  expect(parseEngineMetrics(sglang, 'm')).toMatchObject({ kind: 'sglang', running: 7, waiting: 0, preemptions: null })
})

test('what is no such text tells nothing', () => {
  for (const text of ['', '<html>vllm:num_requests_running</html>', '{"error":"no metrics"}', 'go_goroutines 12\n'])
    expect(parseEngineMetrics(text)).toBeNull()
})
