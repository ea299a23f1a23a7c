/**
 * Notes are written by everybody who may manage jobs, on any job: they are a conversation. Each changes and deletes one's
 * own; an admin those of others, too, which nobody else finds.
 *
 *   written ──delete──▶ deleted ──an hour──▶ gone
 *      ▲                   │
 *      └─────restore───────┘
 */
import { type Note, type NoteSubject, type noteCreate, PilothouseError, limits } from '@pilothouse/contract'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { findCheckpoint } from '../checkpoints/read-checkpoints.ts'
import { findJob } from '../jobs/find-job.ts'
import { jobNotFound, mayTouch } from '../jobs/job-access.ts'
import type { JobRow } from '../jobs/read-job.ts'
import { noteSteering } from '../storage/note-steering.ts'
import type { Actor, Operation, StorageContext } from '../storage/operation.ts'
import type { Tables } from '../storage/tables.ts'
import { findPoint } from './find-point.ts'
import { type NoteRow, countNotes, selectNotes, toNote } from './read-notes.ts'

/** How long a deleted note can be brought back, ms. */
const restorableMs = 3_600_000

type NewNote = z.output<typeof noteCreate>
type OneNote = { uid: string; id: number; actor: Actor }

/**
 * Writes a note.
 * @throws PilothouseError `notFound` when there is no such point, `conflict` when the job has all the notes it may have.
 */
export const createNote: Operation<{ uid: string; actor: Actor } & NewNote, Note> = async (
  context,
  { uid, actor, text, subject },
) => {
  const job = await findTouchable(context.db, uid, actor)
  if ((await countNotes(context.db, job.id)) >= limits.jobNotesMax) {
    throw new PilothouseError('conflict', `This job has ${limits.jobNotesMax} notes, and may have no more.`, {
      hint: 'Delete some that are not needed any more, or add to one that is there.',
    })
  }
  const about = await placeSubject(context, job, subject)
  const values = {
    job_id: job.id,
    author_id: actor.memberId,
    created_ms: context.now(),
    text,
    subject_kind: about.kind,
    subject_id: about.kind === 'checkpoint' ? about.id : null,
    subject: JSON.stringify(about),
  }
  const { id } = await context.db.insertInto('note').values(values).returning('id').executeTakeFirstOrThrow()
  return tell(context, job, id)
}

/** Changes the text of a note. */
export const editNote: Operation<OneNote & { text: string }, Note> = async (context, { text, ...one }) => {
  const { job, row } = await findWritable(context.db, one)
  if (row.deleted_ms !== null) throw noteNotFound(one.id)
  if (row.text === text) return toNote(row)
  const patch = { text, edited_ms: context.now(), editor_id: one.actor.memberId }
  await context.db.updateTable('note').set(patch).where('id', '=', row.id).execute()
  return tell(context, job, row.id)
}

/** Takes a note out of sight; those that were deleted long ago go for good. */
export const deleteNote: Operation<OneNote, null> = async ({ db, now, changes }, one) => {
  const { job, row } = await findWritable(db, one)
  if (row.deleted_ms !== null) throw noteNotFound(one.id)
  await db
    .deleteFrom('note')
    .where('deleted_ms', '<', now() - restorableMs)
    .execute()
  await db.updateTable('note').set({ deleted_ms: now() }).where('id', '=', row.id).execute()
  const total = await countNotes(db, job.id)
  if (row.subject_kind === 'checkpoint') noteSteering(changes, job.uid, 'checkpoints')
  changes.notes.push({ uid: job.uid, event: { notes: [], removed: [row.id], total } })
  return null
}

/** Brings a deleted note back as it was; one that is there stays as it is. */
export const restoreNote: Operation<OneNote, Note> = async (context, one) => {
  const { job, row } = await findWritable(context.db, one)
  await context.db.updateTable('note').set({ deleted_ms: null }).where('id', '=', row.id).execute()
  return tell(context, job, row.id)
}

/** The note as it stands now, told to whoever watches. */
async function tell({ db, changes }: StorageContext, job: JobRow, id: number): Promise<Note> {
  const note = toNote(await selectNotes(db).where('note.id', '=', id).executeTakeFirstOrThrow())
  const event = { notes: [note], removed: [], total: await countNotes(db, job.id) }
  if (note.subject.kind === 'checkpoint') noteSteering(changes, job.uid, 'checkpoints')
  changes.notes.push({ uid: job.uid, event })
  return note
}

async function placeSubject(context: StorageContext, job: JobRow, subject: NewNote['subject']): Promise<NoteSubject> {
  switch (subject.kind) {
    case 'job':
      return { kind: 'job' }
    case 'checkpoint': {
      const { id, name, step } = await findCheckpoint(context.db, job, subject.id)
      return { kind: 'checkpoint', id, name, step }
    }
    case 'point':
      return { kind: 'point', ...(await findPoint(context, job, subject)) }
    default:
      return subject satisfies never
  }
}

async function findTouchable(db: Kysely<Tables>, uid: string, actor: Actor): Promise<JobRow> {
  if (!mayTouch(actor, uid)) throw jobNotFound(uid)
  return findJob(db, uid)
}

async function findWritable(db: Kysely<Tables>, { uid, id, actor }: OneNote): Promise<{ job: JobRow; row: NoteRow }> {
  const job = await findTouchable(db, uid, actor)
  const row = await selectNotes(db).where('note.id', '=', id).where('note.job_id', '=', job.id).executeTakeFirst()
  if (!row || !(actor.all || row.author_id === actor.memberId)) throw noteNotFound(id)
  return { job, row }
}

/** What is said of a note that is not there, and of one that somebody else wrote. */
function noteNotFound(id: number): PilothouseError {
  return new PilothouseError('notFound', `There is no note ${id} of yours on this job.`, { field: 'id' })
}
