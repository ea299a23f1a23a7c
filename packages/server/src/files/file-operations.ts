/** Files as the storage knows them. One that has expired is not found, whether its row is removed yet or not. */
import { type FileList, type FileObject, type FilePurpose, PilothouseError, type fileQuery } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { z } from 'zod'
import type { FileTable } from '../storage/batch-tables.ts'
import type { Actor, Operation } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'

/** A file, its bytes apart. Times are ms since 1970. */
export type FileRow = {
  id: string
  ownerId: number
  name: string
  purpose: FilePurpose
  bytes: number
  createdMs: number
  expiresMs: number | null
}

/** Whose files are looked through: of one member, or all of them. */
export type FileReader = Pick<Actor, 'memberId' | 'all'>

/**
 * Names a file that is on disk.
 * @throws PilothouseError `conflict` when its owner has `filesMax` already.
 */
const insertFile: Operation<{ row: FileRow; filesMax: number | null }, null> = async (context, { row, filesMax }) => {
  if (filesMax !== null) await refuseMany(context.db, row.ownerId, filesMax)
  await context.db
    .insertInto('file')
    .values({
      id: row.id,
      owner_id: row.ownerId,
      name: row.name,
      purpose: row.purpose,
      bytes: row.bytes,
      created_ms: row.createdMs,
      expires_ms: row.expiresMs,
    })
    .execute()
  return null
}

/** Before anything is sent. @throws PilothouseError as `insertFile`. */
const checkFiles: Operation<{ ownerId: number; filesMax: number }, null> = async ({ db }, { ownerId, filesMax }) => {
  await refuseMany(db, ownerId, filesMax)
  return null
}

/** null: there is none, or none for `reader`. Without a reader for the server itself. */
const findFile: Operation<{ id: string; nowMs: number; reader?: FileReader }, FileRow | null> = async (
  { db },
  { id, nowMs, reader },
) => {
  const row = await selectFiles(db, { nowMs, reader }).where('id', '=', id).executeTakeFirst()
  return row ? toFileRow(row) : null
}

type ListInput = { query: z.output<typeof fileQuery>; nowMs: number; reader: FileReader }

const listFiles: Operation<ListInput, FileList> = async ({ db }, { query, nowMs, reader }) => {
  const { purpose, limit, order, after } = query
  const rows = await selectFiles(db, { nowMs, reader })
    .$if(after !== undefined, (builder) => builder.where('id', order === 'asc' ? '>' : '<', after ?? ''))
    // What is no purpose is that of no file.
    .$if(purpose !== undefined, (builder) => builder.where('purpose', '=', purpose as FilePurpose))
    .orderBy('id', order)
    .limit(limit + 1)
    .execute()
  const data = rows.slice(0, limit).map((row) => toFileObject(toFileRow(row)))
  return {
    object: 'list',
    data,
    has_more: rows.length > limit,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  }
}

/** False: there was none for `reader`. */
const deleteFile: Operation<{ id: string; nowMs: number; reader?: FileReader }, boolean> = async (
  { db },
  { id, nowMs, reader },
) => {
  const found = await selectFiles(db, { nowMs, reader }).where('id', '=', id).executeTakeFirst()
  if (!found) return false
  await db.deleteFrom('file').where('id', '=', id).execute()
  return true
}

/** Forgets files whose time is over, the longest over first, and tells their ids. */
const expireFiles: Operation<{ nowMs: number; limit: number }, string[]> = async ({ db }, { nowMs, limit }) => {
  const due = await db
    .selectFrom('file')
    .select('id')
    .where('expires_ms', '<=', nowMs)
    .orderBy('expires_ms')
    .limit(limit)
    .execute()
  const ids = due.map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('file').where('id', 'in', ids).execute()
  return ids
}

/** Which of these are files, expired ones included. */
const findKnown: Operation<{ ids: readonly string[] }, string[]> = async ({ db }, { ids }) => {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('file').select('id').where('id', 'in', ids).execute()
  return rows.map(({ id }) => id)
}

export const fileOperations = {
  'files.insert': insertFile,
  'files.check': checkFiles,
  'files.find': findFile,
  'files.list': listFiles,
  'files.delete': deleteFile,
  'files.expire': expireFiles,
  'files.known': findKnown,
}
export const fileReads = ['files.check', 'files.find', 'files.list', 'files.known'] as const

/** A file as OpenAI's clients know it. */
export function toFileObject({ id, bytes, createdMs, expiresMs, name, purpose }: FileRow): FileObject {
  return {
    id,
    object: 'file',
    bytes,
    created_at: Math.floor(createdMs / 1000),
    expires_at: expiresMs === null ? null : Math.floor(expiresMs / 1000),
    filename: name,
    purpose,
    status: 'processed',
    status_details: null,
  }
}

function selectFiles(db: Kysely<Tables>, { nowMs, reader }: { nowMs: number; reader: FileReader | undefined }) {
  return db
    .selectFrom('file')
    .selectAll()
    .where((eb) => eb.or([eb('expires_ms', 'is', null), eb('expires_ms', '>', nowMs)]))
    .$if(reader?.all === false, (builder) => builder.where('owner_id', '=', reader?.memberId ?? 0))
}

function toFileRow(row: Selectable<FileTable>): FileRow {
  return {
    id: row.id,
    ownerId: row.owner_id,
    name: row.name,
    purpose: row.purpose,
    bytes: row.bytes,
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
  }
}

async function refuseMany(db: Kysely<Tables>, ownerId: number, filesMax: number): Promise<void> {
  const { count } = await db
    .selectFrom('file')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow()
  if (Number(count) < filesMax) return
  throw new PilothouseError('conflict', `You have ${filesMax} files, and more are not kept.`, {
    hint: 'Delete files that nobody needs.',
  })
}
