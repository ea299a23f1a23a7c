/**
 * What engines tell of themselves at `/metrics`, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/): lines `name{label="value",…} number`. The names of vLLM,
 * llama.cpp's server and SGLang are known; sums over all their labels but the model.
 */

export type EngineKind = 'vllm' | 'llama.cpp' | 'sglang'

/** Null where the engine does not tell. Totals count from the start of the engine. */
export type EngineMetrics = {
  kind: EngineKind
  /** Requests it computes now. */
  running: number | null
  /** Requests that it has taken and not begun. */
  waiting: number | null
  /** Share of its key-value cache in use, 0 … 1. */
  cacheUse: number | null
  promptTokens: number | null
  outputTokens: number | null
  /** Requests whose work it threw away for want of cache. */
  preemptions: number | null
  /** Prompt tokens that were looked up in the prefix cache, and those found there. */
  prefixQueries: number | null
  prefixHits: number | null
}

type Figure = Exclude<keyof EngineMetrics, 'kind'>

/** Of several names the first that the engine has counts: names change with its versions. */
const names: Record<EngineKind, Partial<Record<Figure, readonly string[]>>> = {
  vllm: {
    running: ['vllm:num_requests_running'],
    waiting: ['vllm:num_requests_waiting'],
    cacheUse: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc'],
    promptTokens: ['vllm:prompt_tokens_total'],
    outputTokens: ['vllm:generation_tokens_total'],
    preemptions: ['vllm:num_preemptions_total'],
    prefixQueries: ['vllm:prefix_cache_queries_total', 'vllm:gpu_prefix_cache_queries_total'],
    prefixHits: ['vllm:prefix_cache_hits_total', 'vllm:gpu_prefix_cache_hits_total'],
  },
  'llama.cpp': {
    running: ['llamacpp:requests_processing'],
    waiting: ['llamacpp:requests_deferred'],
    cacheUse: ['llamacpp:kv_cache_usage_ratio'],
    promptTokens: ['llamacpp:prompt_tokens_total'],
    outputTokens: ['llamacpp:tokens_predicted_total'],
  },
  sglang: {
    running: ['sglang:num_running_reqs'],
    waiting: ['sglang:num_queue_reqs'],
    cacheUse: ['sglang:token_usage'],
    promptTokens: ['sglang:prompt_tokens_total'],
    outputTokens: ['sglang:generation_tokens_total'],
  },
}
const kinds = ['vllm', 'llama.cpp', 'sglang'] as const

/** A share is that of the fullest cache; everything else is summed. */
const shares: ReadonlySet<string> = new Set<Figure>(['cacheUse'])

/**
 * Reads such a text. `model`: lines that name another model are left out.
 * @returns null where no engine is recognised.
 */
export function parseEngineMetrics(text: string, model?: string): EngineMetrics | null {
  const samples = readSamples(text, model)
  const kind = kinds.find((one) => listNames(one).some((name) => samples.has(name)))
  if (!kind) return null
  const read = (figure: Figure): number | null => {
    const values = names[kind][figure]?.map((name) => samples.get(name)).find((found) => found !== undefined)
    if (values === undefined) return null
    return shares.has(figure) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0)
  }
  return {
    kind,
    running: read('running'),
    waiting: read('waiting'),
    cacheUse: read('cacheUse'),
    promptTokens: read('promptTokens'),
    outputTokens: read('outputTokens'),
    preemptions: read('preemptions'),
    prefixQueries: read('prefixQueries'),
    prefixHits: read('prefixHits'),
  }
}

function listNames(kind: EngineKind): string[] {
  return Object.values(names[kind]).flat()
}

const known = new Set(kinds.flatMap(listNames))
const sampleLine = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/
const modelLabel = /(?:^|,)\s*model_name="((?:[^"\\]|\\.)*)"/

function readSamples(text: string, model: string | undefined): Map<string, number[]> {
  const samples = new Map<string, number[]>()
  for (const line of text.split('\n')) {
    const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? []
    if (!known.has(name)) continue
    const about = modelLabel.exec(labels)?.[1]?.replace(/\\(.)/g, '$1')
    const number = Number(value)
    if (!Number.isFinite(number) || (model !== undefined && about !== undefined && about !== model)) continue
    samples.set(name, [...(samples.get(name) ?? []), number])
  }
  return samples
}
