/**
 * In which order requests are sent. Of a million requests it holds 28 bytes each, in typed arrays: sorting by comparing made
 * garbage that took longer, and a hundred megabytes more.
 */

/** What is known of requests before any is sent; one entry a request, each a whole number below 2^32. */
export type RequestTraits = {
  /** Tokens that the answer may have at most; 0 where the request does not say. */
  maxTokens: ArrayLike<number>
  /** Hash of how the prompt begins: requests that share it share work in an engine with a prefix cache. */
  prefix: ArrayLike<number>
}

const uint32Max = 2 ** 32 - 1
const digitBits = 16
const digits = 2 ** digitBits

/**
 * In which order requests are sent: those whose prompts begin alike one after another, so that the engine finds the beginning in
 * its cache; first the groups, and within a group first the requests, whose answers may be longest, so that no long one runs
 * alone at the end. Equals stay in their order.
 * @returns indexes, each once.
 */
export function orderRequests({ maxTokens, prefix }: RequestTraits): Uint32Array {
  const count = maxTokens.length
  const ranks = rankGroups({ maxTokens, prefix })
  const byLength = sortStably(listPlaces(count), (at) => uint32Max - (maxTokens[at] ?? 0))
  return sortStably(byLength, (at) => ranks[at] ?? 0)
}

/** Of each request the place of its group among the groups. */
function rankGroups({ maxTokens, prefix }: RequestTraits): Uint32Array {
  const count = prefix.length
  const together = sortStably(listPlaces(count), (at) => prefix[at] ?? 0)
  const isNew = (n: number): boolean => n === 0 || prefix[together[n] ?? 0] !== prefix[together[n - 1] ?? 0]
  let groupCount = 0
  for (let n = 0; n < count; n += 1) if (isNew(n)) groupCount += 1
  const first = new Uint32Array(groupCount)
  const longest = new Uint32Array(groupCount)
  const groups = new Uint32Array(count)
  for (let n = 0, group = -1; n < count; n += 1) {
    const at = together[n] ?? 0
    if (isNew(n)) first[(group += 1)] = at
    groups[at] = group
    longest[group] = Math.max(longest[group] ?? 0, maxTokens[at] ?? 0)
  }
  const byFirst = sortStably(listPlaces(groupCount), (group) => first[group] ?? 0)
  const order = sortStably(byFirst, (group) => uint32Max - (longest[group] ?? 0))
  const ranks = first // not needed any more
  for (const [rank, group] of order.entries()) ranks[group] = rank
  for (const [at, group] of groups.entries()) groups[at] = ranks[group] ?? 0
  return groups
}

function listPlaces(count: number): Uint32Array {
  const places = new Uint32Array(count)
  for (let at = 0; at < count; at += 1) places[at] = at
  return places
}

/** By a key below 2^32, smallest first, equals as they stood: two passes over 16 bits each. Changes what it is given, and returns it. */
function sortStably(places: Uint32Array, key: (place: number) => number): Uint32Array {
  const aside = new Uint32Array(places.length)
  moveByDigit(places, aside, (place) => key(place) % digits)
  moveByDigit(aside, places, (place) => Math.floor(key(place) / digits))
  return places
}

function moveByDigit(from: Uint32Array, to: Uint32Array, digit: (place: number) => number): void {
  const starts = new Uint32Array(digits + 1)
  for (const place of from) starts[digit(place) + 1] = (starts[digit(place) + 1] ?? 0) + 1
  for (let at = 1; at <= digits; at += 1) starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0)
  for (const place of from) {
    const mine = digit(place)
    const target = starts[mine] ?? 0
    to[target] = place
    starts[mine] = target + 1
  }
}
