/** From messages to what came of sending them, by the kind of channel. */
import { type ChannelKind, PilothouseError } from '@pilothouse/contract'
import type { AlertMessage } from './alert-message.ts'
import { type LinkTo, formatDiscord, formatMail, formatSlack, formatWebhook } from './format-message.ts'
import type { SendMail } from './send-mail.ts'
import { type Outcome, isFinalStatus } from './plan-retry.ts'
import type { Posted, PostJson } from './post-json.ts'
import { signWebhook } from './sign-webhook.ts'

/** What is sealed of a channel. */
export type Secrets = { url: string; secret?: string } | { to: string[] }
export type Senders = { post: PostJson; mail: SendMail; linkTo: LinkTo; now: () => number }
export type Sending = {
  kind: ChannelKind
  secrets: Secrets
  deliveries: readonly { id: number; message: AlertMessage }[]
}

/** Programs take one message at a time; people would rather read many at once. */
export function takesMany(kind: ChannelKind): boolean {
  return kind !== 'webhook'
}

/** Sends; never throws. */
export async function sendDeliveries(senders: Senders, sending: Sending): Promise<Outcome> {
  try {
    return await send(senders, sending)
  } catch (error) {
    const isFinal = error instanceof PilothouseError && ['forbidden', 'internal'].includes(error.code)
    return {
      kind: 'failed',
      error: error instanceof Error ? error.message : String(error),
      isFinal,
      retryAfterMs: null,
    }
  }
}

async function send({ post, mail, linkTo, now }: Senders, { kind, secrets, deliveries }: Sending): Promise<Outcome> {
  const messages = deliveries.map(({ message }) => message)
  const [first] = deliveries
  if (!first) return { kind: 'delivered' }
  if ('to' in secrets) {
    await mail({ ...formatMail(messages, linkTo), to: secrets.to, id: first.id })
    return { kind: 'delivered' }
  }
  const { url, secret } = secrets
  switch (kind) {
    case 'webhook': {
      const body = formatWebhook(first.message, linkTo)
      const id = `delivery-${first.id}`
      return readAnswer(await post(url, body, secret === undefined ? {} : signWebhook(secret, { id, at: now(), body })))
    }
    case 'slack':
      return readAnswer(await post(url, formatSlack(messages, linkTo)))
    case 'discord':
      return readAnswer(await post(url, formatDiscord(messages, linkTo)))
    case 'email':
      throw new PilothouseError('internal', 'The channel has no addresses.')
    default:
      return kind satisfies never
  }
}

function readAnswer({ status, text, retryAfterMs }: Posted): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  const said = text.replace(/\s+/g, ' ').trim().slice(0, 200)
  const moved = status >= 300 && status < 400 ? ' It leads elsewhere, which is not followed.' : ''
  const error = `The other side answered ${status}${said === '' ? '' : `: ${said}`}.${moved}`
  return { kind: 'failed', error, isFinal: isFinalStatus(status), retryAfterMs }
}
