/** The definition that counts for `key`: the exact one, else the first pattern that matches. */
export function findDefinition<Definition extends { key: string }>(
  definitions: readonly Definition[],
  key: string,
): Definition | undefined {
  return (
    definitions.find((one) => one.key === key) ??
    definitions.find((one) => one.key.includes('*') && matchesPattern(one.key, key))
  )
}

/** Walks through the parts between the stars: no regular expression that a strange pattern could make slow. */
function matchesPattern(pattern: string, key: string): boolean {
  const [head = '', ...parts] = pattern.split('*')
  const tail = parts.pop() ?? ''
  if (!key.startsWith(head) || !key.endsWith(tail) || key.length < head.length + tail.length) return false
  const end = key.length - tail.length
  let at = head.length
  for (const part of parts) {
    const found = key.indexOf(part, at)
    if (found < 0 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}
