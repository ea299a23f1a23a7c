/**
 * Rented machines: looks at every account, tells what was last seen of each machine and since when no more is known, and does to
 * them what admins ask for. What jobs on a machine have not sent yet is fetched before it is stopped or destroyed.
 */
import {
  type HostSettings,
  type InstanceActionOrder,
  type InstanceDetail,
  type InstancePatch,
  isEnded,
  PilothouseError,
  type ProviderAccount,
  type RentedInstance,
} from '@pilothouse/contract'
import {
  type InstanceOrder,
  InstanceShells,
  openRunpod,
  openVast,
  type Provider,
  type ProviderAbility,
  ProviderError,
} from '@pilothouse/fleet'
import type { Logger } from 'pino'
import type { Author } from '../access/access-operations.ts'
import type { Seal } from '../channels/seal.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import type { KeptAccount } from './account-operations.ts'
import { AccountWatch, calmInstanceTimes, type InstanceTimes } from './account-watch.ts'
import type { KeptInstance, KeptListed } from './instance-operations.ts'
import { calmLogTimes, LogFollower, type LogTimes } from './log-follower.ts'
import { describeWays, isReachable, prepareRentedHost } from './rented-hosts.ts'

type Parts = {
  storage: Pick<StorageClient, 'call'>
  seal: Seal
  now: () => number
  logger: Pick<Logger, 'error'>
  dataFolder: string
  /** Patterns of logs on machines; null: where they usually are. */
  logPatterns: readonly string[] | null
  times?: Partial<InstanceTimes> | undefined
  logTimes?: Partial<LogTimes> | undefined
}

type Account = { watch: AccountWatch; logs: LogFollower; shells: InstanceShells }

/** Fetches what launched jobs of a target have not sent. @throws PilothouseError `conflict` when something is left */
export type CollectReports = (target: string) => Promise<void>

export class Instances {
  readonly #parts: Parts
  readonly #accounts = new Map<number, Account>()
  #collect: CollectReports = () => Promise.resolve()
  #isClosed = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Begins to look at all accounts. @param collect launches know targets, and targets know these machines */
  start(collect: CollectReports): void {
    this.#collect = collect
    this.refresh().catch((error: unknown) => this.#complain(error))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#accounts.values()].map(closeAccount))
  }

  /** Takes on which accounts there are. */
  async refresh(): Promise<void> {
    const accounts = await this.#parts.storage.call('providers.list', null)
    for (const [id, account] of this.#accounts) {
      if (accounts.some((one) => one.id === id)) continue
      this.#accounts.delete(id)
      await closeAccount(account)
    }
    for (const account of accounts) if (!this.#accounts.has(account.id) && !this.#isClosed) this.#take(account)
  }

  async listAccounts(): Promise<ProviderAccount[]> {
    const accounts = await this.#parts.storage.call('providers.list', null)
    return accounts.map((one) => describeAccount(one, this.#accounts.get(one.id)?.watch))
  }

  /** Looks at an account now. @throws PilothouseError `notFound` */
  async check(id: number): Promise<ProviderAccount> {
    const account = await this.#parts.storage.call('providers.get', { id })
    await this.refresh()
    const watch = this.#accounts.get(id)?.watch
    await watch?.look()
    return describeAccount(account, watch)
  }

  async list(): Promise<RentedInstance[]> {
    const all = await this.#parts.storage.call('instances.list', { at: this.#parts.now() })
    return all.map((one) => this.#describe(one))
  }

  /** @throws PilothouseError `notFound` */
  async get(id: number): Promise<InstanceDetail> {
    const kept = await this.#parts.storage.call('instances.get', { id })
    return { ...this.#describe(kept), days: kept.days }
  }

  /** @throws PilothouseError; see `explain` for what its provider says */
  async edit(id: number, patch: InstancePatch, by: Author): Promise<InstanceDetail> {
    const kept = await this.#parts.storage.call('instances.get', { id })
    const { label, stopWhenDone } = patch
    if (stopWhenDone === true && (kept.job === null || isEnded(kept.job.state)))
      throw new PilothouseError('conflict', 'No job runs on this machine.', {
        field: 'stopWhenDone',
        hint: 'It can be stopped at the end of a job once one runs on it.',
      })
    if (label !== undefined) await this.#ask(kept, 'label', (provider) => provider.label(kept.facts.id, label))
    const change = {
      ...(label === undefined ? {} : { label }),
      ...(stopWhenDone === undefined ? {} : { stopWhenDone }),
    }
    await this.#parts.storage.call('instances.note-change', { id, change, action: 'instances.edit', detail: patch, by })
    return this.get(id)
  }

  /** @throws PilothouseError `conflict` while reports lie on the machine, unless it is forced */
  async order(id: number, { action, force = false }: InstanceActionOrder, by: Author): Promise<InstanceDetail> {
    const kept = await this.#parts.storage.call('instances.get', { id })
    if (action !== 'start' && !force) await this.#collect(kept.target)
    await this.#ask(kept, action, (provider) => provider[action](kept.facts.id))
    const detail = { action, force }
    await this.#parts.storage.call('instances.note-change', {
      id,
      change: action === 'start' ? {} : { stopWhenDone: false },
      action: `instances.${action}`,
      detail,
      by,
    })
    await this.#accounts.get(kept.account.id)?.watch.look()
    return this.get(id)
  }

  /** @throws PilothouseError */
  async readLog(id: number, lines: number): Promise<string[]> {
    const kept = await this.#parts.storage.call('instances.get', { id })
    return this.#ask(kept, 'logs', (provider) => provider.readLog(kept.facts.id, lines))
  }

  /** Runs a question to the provider of an account. @throws PilothouseError */
  async askAccount<Answer>(
    id: number,
    ability: ProviderAbility,
    ask: (provider: Provider) => Promise<Answer>,
  ): Promise<Answer> {
    await this.#parts.storage.call('providers.get', { id })
    const provider = this.#accounts.get(id)?.watch.provider
    if (!provider) throw new PilothouseError('unavailable', 'Nothing is known of this account yet.', { hint: 'Wait.' })
    if (!provider.can.has(ability))
      throw new PilothouseError('conflict', `This provider cannot do that (${ability}).`, {
        hint: 'Its own page may offer it.',
      })
    return ask(provider).catch((error: unknown) => {
      throw explain(error)
    })
  }

  /** @returns the provider's id of the machine @throws PilothouseError */
  async rent(accountId: number, order: InstanceOrder, by: Author): Promise<string> {
    const id = await this.askAccount(accountId, 'create', (provider) => provider.create(order))
    const { offerId, image, diskGb } = order
    await this.#parts.storage.call('providers.note-rent', { id: accountId, detail: { offerId, image, diskGb, id }, by })
    // It may take a while until it is listed; the looks go on.
    await this.#accounts.get(accountId)?.watch.look()
    return id
  }

  /** Machines that run and can be reached, as targets of launches; what `names` has is somebody else's. */
  async listHosts(names: ReadonlySet<string>): Promise<HostSettings[]> {
    if (this.#accounts.size === 0) return []
    const all = await this.#parts.storage.call('instances.list', { at: this.#parts.now() })
    const reachable = all.filter(
      ({ target, facts, goneSince }) => goneSince === null && isReachable(facts) && !names.has(target),
    )
    return Promise.all(
      reachable.map(({ target, account: { id: accountId }, facts }) => {
        const trustsNewHosts = this.#accounts.get(accountId)?.watch.account.trustsNewHosts ?? false
        return prepareRentedHost(this.#parts.dataFolder, { target, accountId, facts, trustsNewHosts })
      }),
    )
  }

  #take(account: KeptAccount): void {
    const provider = this.#openProvider(account)
    const { id, trustsNewHosts } = account
    const shells = new InstanceShells(describeWays(this.#parts.dataFolder, { accountId: id, trustsNewHosts }))
    const note = (error: unknown): void => this.#complain(error)
    const watch = new AccountWatch({
      account,
      provider,
      storage: this.#parts.storage,
      now: this.#parts.now,
      times: { ...calmInstanceTimes, ...this.#parts.times },
      onSeen: () => this.#stopDone(account.id),
      note,
    })
    const logs = new LogFollower({
      accountId: id,
      storage: this.#parts.storage,
      provider,
      look: (facts, ask) => shells.look(facts, { ...ask, logPatterns: this.#parts.logPatterns ?? undefined }),
      now: this.#parts.now,
      times: { ...calmLogTimes, ...this.#parts.logTimes },
      note,
    })
    this.#accounts.set(id, { watch, logs, shells })
    void watch.look()
    logs.start()
  }

  #openProvider({ provider, sealedKey, url }: KeptAccount): Provider | null {
    try {
      const given = { key: this.#parts.seal.open(sealedKey), ...(url === null ? {} : { url }) }
      return openProvider(provider, given)
    } catch (error) {
      this.#complain(error)
      return null
    }
  }

  /** Machines whose job has ended and that were to be stopped then. One whose reports cannot be fetched goes on. */
  async #stopDone(accountId: number): Promise<void> {
    const done = await this.#parts.storage.call('instances.done', { accountId })
    for (const one of done) await this.#stopOne(one).catch((error: unknown) => this.#complain(error))
  }

  async #stopOne({ id, account, target, facts }: KeptListed): Promise<void> {
    await this.#collect(target)
    await this.#accounts.get(account.id)?.watch.provider?.stop(facts.id)
    const detail = { action: 'stop', reason: 'its job has ended' }
    const change = { stopWhenDone: false }
    await this.#parts.storage.call('instances.note-change', { id, change, action: 'instances.stop', detail, by: null })
  }

  async #ask<Answer>(
    { account, goneSince }: KeptInstance,
    ability: ProviderAbility,
    ask: (provider: Provider) => Promise<Answer>,
  ): Promise<Answer> {
    if (goneSince !== null)
      throw new PilothouseError('conflict', 'Its provider does not list this machine any more.', {
        hint: 'It was destroyed, or its contract has ended.',
      })
    return this.askAccount(account.id, ability, ask)
  }

  #describe(kept: KeptListed): RentedInstance {
    const { watch, logs } = this.#accounts.get(kept.account.id) ?? {}
    const { target, facts, ...rest } = kept
    return {
      ...rest,
      facts: logs?.complete(kept.id, facts) ?? facts,
      log: logs?.read(kept.id) ?? null,
      can: [...(watch?.provider?.can ?? [])],
      trouble: watch?.trouble ?? null,
      target: kept.goneSince === null && isReachable(facts) ? target : null,
    }
  }

  #complain(error: unknown): void {
    if (this.#isClosed || (error instanceof PilothouseError && error.code === 'unavailable')) return
    this.#parts.logger.error({ err: error }, 'looking after rented machines failed')
  }
}

/** Looks under way end first: they use the shells. */
async function closeAccount({ watch, logs, shells }: Account): Promise<void> {
  await Promise.all([watch.close(), logs.close()])
  await shells.close()
}

function openProvider(kind: KeptAccount['provider'], given: { key: string; url?: string }): Provider {
  switch (kind) {
    case 'vast':
      return openVast(given)
    case 'runpod':
      return openRunpod(given)
    default:
      return kind satisfies never
  }
}

function describeAccount({ sealedKey: _sealed, ...account }: KeptAccount, watch: AccountWatch | undefined) {
  return {
    ...account,
    can: [...(watch?.provider?.can ?? [])],
    readAt: watch?.readAt ?? null,
    trouble: watch?.trouble ?? null,
  }
}

/** What a provider says, as an answer of the control room. */
function explain(error: unknown): unknown {
  if (!(error instanceof ProviderError)) return error
  const { kind, message, hint } = error
  const given = { hint, cause: error }
  switch (kind) {
    case 'notFound':
      return new PilothouseError('notFound', message, given)
    case 'denied':
    case 'refused':
    case 'unable':
      return new PilothouseError('conflict', message, given)
    case 'unreachable':
    case 'busy':
    case 'broken':
      return new PilothouseError('unavailable', message, given)
    default:
      return kind satisfies never
  }
}
