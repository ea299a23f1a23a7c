/** What is known of requests before any is sent; one entry a request. */
export type RequestTraits = {
  /** Tokens that the answer may have at most; 0 where the request does not say. */
  maxTokens: ArrayLike<number>
  /** Hash of how the prompt begins: requests that share it share work in an engine with a prefix cache. */
  prefix: ArrayLike<number>
}

/**
 * In which order requests are sent: those whose prompts begin alike one after another, so that the engine finds the beginning in
 * its cache; first the groups, and within a group first the requests, whose answers may be longest, so that no long one runs
 * alone at the end. Equals stay in their order.
 * @returns indexes, each once.
 */
export function orderRequests({ maxTokens, prefix }: RequestTraits): Uint32Array {
  const count = maxTokens.length
  const longest = new Map<number, number>()
  const first = new Map<number, number>()
  for (let at = 0; at < count; at += 1) {
    const group = prefix[at] ?? 0
    longest.set(group, Math.max(longest.get(group) ?? 0, maxTokens[at] ?? 0))
    if (!first.has(group)) first.set(group, at)
  }
  const rank = (at: number): [number, number] => {
    const group = prefix[at] ?? 0
    return [longest.get(group) ?? 0, first.get(group) ?? 0]
  }
  return Uint32Array.from({ length: count }, (_, at) => at).sort((a, b) => {
    const [longA, firstA] = rank(a)
    const [longB, firstB] = rank(b)
    return longB - longA || firstA - firstB || (maxTokens[b] ?? 0) - (maxTokens[a] ?? 0) || a - b
  })
}
