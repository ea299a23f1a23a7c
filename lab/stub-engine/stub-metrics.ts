export type StubFigures = {
  running: number
  waiting: number
  preemptions: number
  promptTokens: number
  generatedTokens: number
}

/** Figures in the text format of Prometheus, under the names and labels that vLLM gives them. */
export function writeMetrics(figures: StubFigures, model: string): string {
  const { running, waiting, preemptions, promptTokens, generatedTokens } = figures
  const rows = [
    ['vllm:num_requests_running', 'gauge', 'Number of requests in model execution batches.', running],
    ['vllm:num_requests_waiting', 'gauge', 'Number of requests waiting to be processed.', waiting],
    ['vllm:num_preemptions_total', 'counter', 'Cumulative number of preemption from the engine.', preemptions],
    ['vllm:prompt_tokens_total', 'counter', 'Number of prefill tokens processed.', promptTokens],
    ['vllm:generation_tokens_total', 'counter', 'Number of generation tokens processed.', generatedTokens],
  ] as const
  return rows
    .map(([name, type, help, value]) => {
      const labels = `{engine="0",model_name="${model}"}`
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name}${labels} ${value.toFixed(1)}\n`
    })
    .join('')
}
