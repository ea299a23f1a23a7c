/** Members, tokens, sessions and the audit in the database. Every change writes its audit row in the same transaction. */
import { PilothouseError, type Role, type TokenInfo } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import { decodeKeyset, encodeKeyset } from '../storage/keyset.ts'
import type { Operation } from '../storage/operation.ts'
import type { Tables, TokenTable } from '../storage/tables.ts'

/** Who did it and from where; null = the server itself. */
export type Author = { memberId: number; tokenId: number; address: string } | null

export type AuditEntry = { action: string; subject: string | null; detail?: unknown; by: Author }

export type NewToken = {
  kind: 'token' | 'session'
  hash: string
  name: string
  memberId: number
  role: Role
  expiresAt: number | null
  /** The one job it is good for, and the one attempt of it. */
  job?: string | null
  attempt?: number | null
  by: Author
}

/** A token as it is looked up when somebody comes with it. */
export type FoundToken = {
  id: number
  kind: TokenTable['kind']
  memberId: number
  memberName: string
  role: Role
  jobUid: string | null
  expiresAt: number | null
  revoked: boolean
}

/** Tokens that ended so long ago are removed at the next start. */
const keepEndedMs = 90 * 24 * 3_600_000

/** The first member, made under `name` at the first start; the same one on every later start. */
export const ensureAdmin: Operation<{ name: string }, { id: number; name: string; created: boolean }> = async (
  { db, now },
  { name },
) => {
  const first = await db
    .selectFrom('member')
    .select(['id', 'name'])
    .where('role', '=', 'admin')
    .orderBy('id')
    .executeTakeFirst()
  if (first) return { ...first, created: false }
  const member = { name, role: 'admin' as const, created_ms: now(), disabled_ms: null }
  const made = await db.insertInto('member').values(member).returning('id').executeTakeFirstOrThrow()
  await writeAudit(db, now(), { action: 'access.create-member', subject: name, detail: { role: 'admin' }, by: null })
  return { id: made.id, name, created: true }
}

export const createToken: Operation<NewToken, TokenInfo> = async ({ db, now }, token) => {
  const row = {
    hash: token.hash,
    kind: token.kind,
    member_id: token.memberId,
    role: token.role,
    name: token.name,
    job_uid: token.job ?? null,
    attempt: token.attempt ?? null,
    created_ms: now(),
    expires_ms: token.expiresAt,
    revoked_ms: null,
    used_ms: null,
  }
  const { id } = await db.insertInto('token').values(row).returning('id').executeTakeFirstOrThrow()
  const action = token.kind === 'session' ? 'access.sign-in' : 'access.create-token'
  const detail = { name: token.name, role: token.role, job: row.job_uid, expiresAt: token.expiresAt }
  await writeAudit(db, now(), { action, subject: String(id), detail, by: token.by })
  return readToken(db, id)
}

/** The token with this hash, ended ones included; null when there is none. */
export const findToken: Operation<{ hash: string }, FoundToken | null> = async ({ db }, { hash }) => {
  const row = await db
    .selectFrom('token')
    .innerJoin('member', 'member.id', 'token.member_id')
    .select(['token.id', 'token.kind', 'token.role', 'token.job_uid', 'token.expires_ms', 'token.revoked_ms'])
    .select(['member.id as member_id', 'member.name as member_name', 'member.disabled_ms'])
    .where('token.hash', '=', hash)
    .executeTakeFirst()
  if (!row) return null
  return {
    id: row.id,
    kind: row.kind,
    memberId: row.member_id,
    memberName: row.member_name,
    role: row.role,
    jobUid: row.job_uid,
    expiresAt: row.expires_ms,
    revoked: row.revoked_ms !== null || row.disabled_ms !== null,
  }
}

export type TokenPage = { tokens: TokenInfo[]; next: string | null }

/** Tokens, newest first; sessions are not among them. */
export const listTokens: Operation<{ limit: number; cursor?: string | undefined }, TokenPage> = async (
  { db },
  { limit, cursor },
) => {
  const [before = Number.MAX_SAFE_INTEGER] = cursor === undefined ? [] : decodeKeyset(cursor, 'tokens', ['number'])
  const rows = await selectTokens(db)
    .where('token.kind', '=', 'token')
    .where('token.id', '<', Number(before))
    .orderBy('token.id', 'desc')
    .limit(limit + 1)
    .execute()
  const tokens = rows.slice(0, limit).map(shapeToken)
  const last = rows.length > limit ? tokens.at(-1) : undefined
  return { tokens, next: last ? encodeKeyset('tokens', [last.id]) : null }
}

/**
 * Ends a token or session now; ending it again changes nothing.
 * @throws PilothouseError `notFound`.
 */
export const revokeToken: Operation<{ id: number; by: Author; action: string }, { hash: string }> = async (
  { db, now },
  { id, by, action },
) => {
  const token = await db.selectFrom('token').select(['hash', 'revoked_ms']).where('id', '=', id).executeTakeFirst()
  if (!token) throw new PilothouseError('notFound', `There is no token ${id}.`)
  if (token.revoked_ms === null) {
    await db.updateTable('token').set({ revoked_ms: now() }).where('id', '=', id).execute()
    await writeAudit(db, now(), { action, subject: String(id), by })
  }
  return { hash: token.hash }
}

/** Removes what ended long ago, so that sessions do not pile up. */
export const sweepTokens: Operation<null, null> = async ({ db, now }) => {
  const before = now() - keepEndedMs
  await db
    .deleteFrom('token')
    .where((row) => row.or([row('expires_ms', '<', before), row('revoked_ms', '<', before)]))
    .execute()
  return null
}

/** Those who may come in. */
const countMembers: Operation<null, number> = async ({ db }) => {
  const rows = await db.selectFrom('member').select('id').where('disabled_ms', 'is', null).execute()
  return rows.length
}

/** Notes a change that was made elsewhere. */
export const recordAudit: Operation<AuditEntry, null> = async ({ db, now }, entry) => {
  await writeAudit(db, now(), entry)
  return null
}

export const accessOperations = {
  'access.ensure-admin': ensureAdmin,
  'access.count-members': countMembers,
  'access.create-token': createToken,
  'access.find-token': findToken,
  'access.list-tokens': listTokens,
  'access.revoke-token': revokeToken,
  'access.sweep-tokens': sweepTokens,
  'access.record-audit': recordAudit,
}

/** Notes a change in the same transaction. */
export async function writeAudit(
  db: Kysely<Tables>,
  at: number,
  { action, subject, detail, by }: AuditEntry,
): Promise<void> {
  const row = {
    at_ms: at,
    member_id: by?.memberId ?? null,
    token_id: by?.tokenId ?? null,
    action,
    subject,
    detail: detail === undefined ? null : JSON.stringify(detail),
    address: by?.address ?? null,
  }
  await db.insertInto('audit').values(row).execute()
}

function selectTokens(db: Kysely<Tables>) {
  return db
    .selectFrom('token')
    .innerJoin('member', 'member.id', 'token.member_id')
    .select(['token.id', 'token.name', 'token.role', 'token.job_uid', 'token.created_ms', 'token.expires_ms'])
    .select(['token.revoked_ms', 'member.id as member_id', 'member.name as member_name'])
}

async function readToken(db: Kysely<Tables>, id: number): Promise<TokenInfo> {
  return shapeToken(await selectTokens(db).where('token.id', '=', id).executeTakeFirstOrThrow())
}

type TokenRow = Awaited<ReturnType<ReturnType<typeof selectTokens>['executeTakeFirstOrThrow']>>

function shapeToken(row: TokenRow): TokenInfo {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    member: { id: row.member_id, name: row.member_name },
    job: row.job_uid,
    createdAt: row.created_ms,
    expiresAt: row.expires_ms,
    revokedAt: row.revoked_ms,
  }
}
