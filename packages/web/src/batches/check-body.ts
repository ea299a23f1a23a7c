/** The body of a request that somebody has changed by hand. Pure. */

/** What is wrong with it; undefined: it can be sent. It must be a JSON object, and must not ask for a stream. */
export function checkBody(text: string, bytesMax: number): string | undefined {
  if (text.trim() === '') return 'The body is empty.'
  if (new TextEncoder().encode(text).length > bytesMax) return `The body is longer than ${bytesMax / 1024} KiB.`
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (fault) {
    return `It is not JSON: ${fault instanceof Error ? fault.message : String(fault)}`
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'The body has to be an object: { … }.'
  if ('stream' in body && body.stream === true) return 'A batch takes whole answers: leave «stream» out.'
  return undefined
}

/** Spread over lines, to be read; what is no JSON stays as it is. */
export function spreadBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text // shown as it came: somebody may want to see just that
  }
}
