import { type ChannelCreate, type ChannelPatch, PilothouseError, type channelCreate } from '@pilothouse/contract'
import type { z } from 'zod'
import type { Handlers } from '../http/route.ts'
import type { SealedTarget } from './channels.ts'
import type { Seal } from './seal.ts'
import type { Secrets } from './send-delivery.ts'
import { makeSecret } from './sign-webhook.ts'

type ChannelRoute =
  | 'channels.list'
  | 'channels.create'
  | 'channels.edit'
  | 'channels.delete'
  | 'channels.test'
  | 'deliveries.list'
  | 'deliveries.repeat'

export const channelHandlers: Handlers<ChannelRoute> = {
  'channels.list': async ({ resources }) => ({
    ...(await resources.storage.call('channels.list', null)),
    canMail: resources.config.smtpUrl !== null,
  }),
  'channels.create': async ({ body, caller, resources }) => {
    const secrets = secretsOf(body)
    const { kind, name, enabled } = body
    const to = sealTarget(resources.seal, secrets)
    const made = await resources.storage.call('channels.create', {
      ...to,
      kind,
      name,
      enabled,
      memberId: caller.memberId,
    })
    return { ...made, secret: 'secret' in secrets ? (secrets.secret ?? null) : null }
  },
  'channels.edit': async ({ params, body, resources }) => {
    const { id } = params
    const { name, enabled } = body
    const { kind, sealed } = await resources.storage.call('channels.get', { id })
    const to = changeTarget(resources.seal, { kind, sealed }, body)
    const changed = await resources.storage.call('channels.edit', { id, name, enabled, to })
    resources.courier.wake()
    return changed
  },
  'channels.delete': async ({ params, resources }) => {
    await resources.storage.call('channels.delete', { id: params.id })
  },
  'channels.test': async ({ params, resources }) => {
    const queued = await resources.storage.call('deliveries.queue-test', { channelId: params.id })
    await resources.courier.send(queued)
    return resources.storage.call('deliveries.get', { id: queued.id })
  },
  'deliveries.list': ({ query, resources }) => resources.storage.call('deliveries.list', { query }),
  'deliveries.repeat': async ({ params, resources }) => {
    const repeated = await resources.storage.call('deliveries.repeat', { id: params.id })
    resources.courier.wake()
    return repeated
  },
}

function secretsOf(body: z.output<typeof channelCreate>): Secrets {
  switch (body.kind) {
    case 'webhook':
      return { url: body.url, secret: body.secret ?? makeSecret() }
    case 'slack':
    case 'discord':
      return { url: body.url }
    case 'email':
      return { to: body.to }
    default:
      return body satisfies never
  }
}

/** undefined: it leads where it did. @throws PilothouseError `invalid` for what does not belong to the kind. */
function changeTarget(
  seal: Seal,
  { kind, sealed }: { kind: ChannelCreate['kind']; sealed: string },
  { url, to }: ChannelPatch,
): SealedTarget | undefined {
  const other = kind === 'email' ? url && 'url' : to && 'to'
  if (other !== undefined) {
    throw new PilothouseError('invalid', `A channel of the kind ${kind} has no «${other}».`, {
      field: other,
      expected: kind === 'email' ? 'to' : 'url',
    })
  }
  if (to) return sealTarget(seal, { to })
  if (url === undefined) return undefined
  if (kind !== 'webhook') return sealTarget(seal, { url })
  return sealTarget(seal, { url, secret: keepSecret(seal, sealed) })
}

/** Its receivers know the key; one that cannot be read any more is replaced. */
function keepSecret(seal: Seal, sealed: string): string {
  const known = JSON.parse(seal.open(sealed)) as Secrets // sealed here
  return ('secret' in known ? known.secret : undefined) ?? makeSecret()
}

function sealTarget(seal: Seal, secrets: Secrets): SealedTarget {
  return { target: describeTarget(secrets), sealed: seal.seal(JSON.stringify(secrets)) }
}

/** Enough to tell one from another: of an address the host and its last characters, which give no access. */
function describeTarget(secrets: Secrets): string {
  if ('to' in secrets) return secrets.to.join(', ')
  const { host, pathname, search } = new URL(secrets.url)
  const rest = `${pathname}${search}`
  return rest.length < 12 ? `${host}/…` : `${host}/…${rest.slice(-4)}`
}
