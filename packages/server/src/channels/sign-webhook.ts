/**
 * Signatures of webhooks as in the Standard Webhooks specification (www.standardwebhooks.com), so that its libraries check
 * them: HMAC-SHA256 over `id.timestamp.body`, the key being what follows `whsec_` in base64.
 */
import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'

export function makeSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64')}`
}

/** `at`: ms since 1970. The id is that of the delivery: the same when it is tried again. */
export function signWebhook(secret: string, { id, at, body }: { id: string; at: number; body: string }) {
  const timestamp = String(Math.floor(at / 1_000))
  const key = Buffer.from(secret.slice(prefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
