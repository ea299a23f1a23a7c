/** Accounts at providers as they are kept. Their keys arrive sealed and leave sealed: the storage never sees them. */
import { PilothouseError, type ProviderAccount, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { type Author, writeAudit } from '../access/access-operations.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

/** An account without what is only known of it now. */
export type KeptAccount = Omit<ProviderAccount, 'can' | 'readAt' | 'trouble'> & { sealedKey: string }

type NewAccount = Pick<KeptAccount, 'name' | 'provider' | 'sealedKey' | 'url' | 'trustsNewHosts'> & {
  memberId: number
  by: Author
}

const listAccounts: Operation<null, KeptAccount[]> = async ({ db }) => {
  const rows = await selectAccounts(db).orderBy('provider_account.name').execute()
  return rows.map(toAccount)
}

/** @throws PilothouseError `conflict` at the bound, or for a name that another has. */
const createAccount: Operation<NewAccount, KeptAccount> = async ({ db, now }, input) => {
  const { name, provider, sealedKey, url, trustsNewHosts, memberId, by } = input
  const all = await db.selectFrom('provider_account').select('name').execute()
  if (all.length >= limits.providerAccountsMax)
    throw new PilothouseError('conflict', `There are ${all.length} accounts, more are not kept.`, {
      hint: 'Delete one that nobody needs.',
    })
  if (all.some((one) => one.name === name))
    throw new PilothouseError('conflict', `Another account is called «${name}».`, {
      field: 'name',
      hint: 'Choose another name.',
    })
  const row = { name, provider, sealed_key: sealedKey, url, trusts_new_hosts: trustsNewHosts ? 1 : 0 }
  const { id } = await db
    .insertInto('provider_account')
    .values({ ...row, owner_id: memberId, created_ms: now() })
    .returning('id')
    .executeTakeFirstOrThrow()
  await writeAudit(db, now(), { action: 'providers.create', subject: name, detail: { provider }, by })
  return readAccount(db, id)
}

/** With its machines and what they cost. @throws PilothouseError `notFound` */
const deleteAccount: Operation<{ id: number; by: Author }, null> = async ({ db, now }, { id, by }) => {
  const { name } = await readAccount(db, id)
  const own = db.selectFrom('instance').select('id').where('account_id', '=', id)
  await db.deleteFrom('instance_cost').where('instance_id', 'in', own).execute()
  await db.deleteFrom('instance_log').where('instance_id', 'in', own).execute()
  await db.deleteFrom('instance').where('account_id', '=', id).execute()
  await db.deleteFrom('provider_account').where('id', '=', id).execute()
  await writeAudit(db, now(), { action: 'providers.delete', subject: name, by })
  return null
}

/** @throws PilothouseError `notFound` */
const getAccount: Operation<{ id: number }, KeptAccount> = async ({ db }, { id }) => readAccount(db, id)

/** That a machine was rented. @throws PilothouseError `notFound` */
const noteRent: Operation<{ id: number; detail: unknown; by: Author }, null> = async (
  { db, now },
  { id, detail, by },
) => {
  const { name } = await readAccount(db, id)
  await writeAudit(db, now(), { action: 'providers.rent', subject: name, detail, by })
  return null
}

export const accountOperations = {
  'providers.list': listAccounts,
  'providers.get': getAccount,
  'providers.create': createAccount,
  'providers.delete': deleteAccount,
  'providers.note-rent': noteRent,
}
export const accountReads = ['providers.list', 'providers.get'] as const

async function readAccount(db: Kysely<Tables>, id: number): Promise<KeptAccount> {
  const row = await selectAccounts(db).where('provider_account.id', '=', id).executeTakeFirst()
  if (row) return toAccount(row)
  throw new PilothouseError('notFound', `There is no account ${id}.`, { field: 'id' })
}

function selectAccounts(db: Kysely<Tables>) {
  return db
    .selectFrom('provider_account')
    .leftJoin('member', 'member.id', 'provider_account.owner_id')
    .selectAll('provider_account')
    .select('member.name as owner_name')
}

type Row = Awaited<ReturnType<ReturnType<typeof selectAccounts>['execute']>>[number]

function toAccount(row: Row): KeptAccount {
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    sealedKey: row.sealed_key,
    url: row.url,
    trustsNewHosts: row.trusts_new_hosts === 1,
    owner: { id: row.owner_id, name: row.owner_name ?? '' },
    createdAt: row.created_ms,
  }
}
