/** Below this, taking every occurrence out of a text would only make it unreadable. */
const secretLengthMin = 4

/** Makes what replaces secrets of requests in the words of an engine, which may repeat what it was sent. */
export function hideSecrets(
  apiKey: string | null,
  headers: Readonly<Record<string, string>>,
): (text: string) => string {
  const named = Object.entries(headers).filter(([name]) => /key|token|secret|auth|cookie/i.test(name))
  const secrets = [apiKey ?? '', ...named.flatMap(([, value]) => [value, value.split(/\s+/).at(-1) ?? ''])]
    .filter((secret) => secret.length >= secretLengthMin)
    .toSorted((a, b) => b.length - a.length)
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
}
