import { PilothouseError, type WandbKey } from '@pilothouse/contract'
import type { Caller, Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { KeptKey } from './wandb-keys.ts'

type WandbRoute = 'wandb.keys' | 'wandb.set-key' | 'wandb.test-key' | 'wandb.delete-key'

export const wandbHandlers: Handlers<WandbRoute> = {
  'wandb.keys': async ({ caller, resources }) => {
    const kept = await resources.storage.call('wandb.list-keys', { memberId: caller.memberId })
    const { baseUrl } = resources.wandb.keys
    const known = kept.some((one) => one.baseUrl === baseUrl)
    const server = known ? undefined : await findServerKey(caller, baseUrl, resources)
    return { keys: [...kept.map(toKey), ...(server ? [server] : [])] }
  },
  'wandb.set-key': async ({ body: { baseUrl, key }, caller, resources }) => {
    const { user, fault, isRefused } = await resources.wandb.follower.check(baseUrl, key)
    if (isRefused) throw new PilothouseError('invalid', fault ?? 'W&B refused the key.', { field: 'key' })
    const { memberId } = caller
    const sealed = resources.seal.seal(key)
    await resources.storage.call('wandb.set-key', { memberId, baseUrl, sealed, user, fault })
    resources.wandb.follower.wake()
    return readKey(caller, baseUrl, resources)
  },
  'wandb.test-key': async ({ body: { baseUrl }, caller, resources }) => {
    const { memberId } = caller
    const { storage, wandb } = resources
    const kept = (await storage.call('wandb.list-keys', { memberId })).find((one) => one.baseUrl === baseUrl)
    const found = await wandb.follower.findKey(memberId, baseUrl, kept?.sealed ?? null)
    if (found === undefined) throw keyNotFound(baseUrl)
    const { user, fault } = 'fault' in found ? { user: null, ...found } : await wandb.follower.check(baseUrl, found.key)
    if (kept) {
      await storage.call('wandb.note-key', { memberId, baseUrl, user, fault })
      return readKey(caller, baseUrl, resources)
    }
    const server = await findServerKey(caller, baseUrl, resources)
    if (!server) throw keyNotFound(baseUrl)
    return { ...server, user, fault, checkedAt: resources.now() }
  },
  'wandb.delete-key': async ({ query: { baseUrl }, caller, resources }) => {
    const { memberId } = caller
    await readKey(caller, baseUrl, resources)
    await resources.storage.call('wandb.delete-key', { memberId, baseUrl })
    resources.wandb.follower.wake()
  },
}

/** @throws PilothouseError `notFound`. */
async function readKey({ memberId }: Caller, baseUrl: string, { storage }: Resources): Promise<WandbKey> {
  const kept = (await storage.call('wandb.list-keys', { memberId })).find((one) => one.baseUrl === baseUrl)
  if (kept) return toKey(kept)
  throw keyNotFound(baseUrl)
}

async function findServerKey(
  { memberId }: Caller,
  baseUrl: string,
  { wandb }: Resources,
): Promise<WandbKey | undefined> {
  const found = memberId === wandb.adminId ? await wandb.keys.find(baseUrl) : undefined
  return found && { baseUrl, source: found.source, user: null, createdAt: null, checkedAt: null, fault: null }
}

function toKey({ baseUrl, user, createdMs, checkedMs, fault }: KeptKey): WandbKey {
  return { baseUrl, source: 'member', user, createdAt: createdMs, checkedAt: checkedMs, fault }
}

function keyNotFound(baseUrl: string): PilothouseError {
  return new PilothouseError('notFound', `There is no key for ${baseUrl}.`, { field: 'baseUrl' })
}
