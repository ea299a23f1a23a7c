import type { Note, NotePage, NoteSubject, noteQuery } from '@pilothouse/contract'
import type { Kysely, Selectable } from 'kysely'
import type { z } from 'zod'
import { findJob } from '../jobs/find-job.ts'
import { parseJson } from '../jobs/parse-json.ts'
import type { Operation } from '../storage/operation.ts'
import type { NoteTable, Tables } from '../storage/tables.ts'

type Query = z.output<typeof noteQuery>
export type NoteRow = Selectable<NoteTable> & { author_name: string | null; editor_name: string | null }

/** A page of a job's notes, newest first. */
export const listNotes: Operation<{ uid: string; query: Query }, NotePage> = async ({ db }, { uid, query }) => {
  const { id } = await findJob(db, uid)
  const rows = await selectNotes(db)
    .where('note.job_id', '=', id)
    .where('note.deleted_ms', 'is', null)
    .$if(query.kind !== undefined, (builder) => builder.where('note.subject_kind', '=', query.kind ?? 'job'))
    .$if(query.checkpoint !== undefined, (builder) => builder.where('note.subject_id', '=', query.checkpoint ?? 0))
    .$if(query.cursor !== undefined, (builder) => builder.where('note.id', '<', query.cursor ?? 0))
    .orderBy('note.id', 'desc')
    .limit(query.limit + 1)
    .execute()
  const page = rows.slice(0, query.limit)
  return {
    notes: page.map(toNote),
    total: await countNotes(db, id),
    next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null,
  }
}

/** How many notes the job with this id has. */
export async function countNotes(db: Kysely<Tables>, jobId: number): Promise<number> {
  const { count } = await db
    .selectFrom('note')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .where('deleted_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** Notes, deleted ones too, with the names of who wrote and changed them. */
export function selectNotes(db: Kysely<Tables>) {
  return db
    .selectFrom('note')
    .leftJoin('member as author', 'author.id', 'note.author_id')
    .leftJoin('member as editor', 'editor.id', 'note.editor_id')
    .selectAll('note')
    .select(['author.name as author_name', 'editor.name as editor_name'])
}

export function toNote(row: NoteRow): Note {
  const { edited_ms, editor_id } = row
  return {
    id: row.id,
    author: { id: row.author_id, name: row.author_name ?? 'unknown' },
    created: row.created_ms,
    edited:
      edited_ms === null || editor_id === null
        ? null
        : { at: edited_ms, by: { id: editor_id, name: row.editor_name ?? 'unknown' } },
    text: row.text,
    subject: parseJson<NoteSubject>(row.subject),
  }
}
