/** Notes: what people write about a job, a point of one of its curves, or one of its checkpoints. */
import { z } from 'zod'
import { cleanText } from './clean-text.ts'
import { limits } from './limits.ts'
import { jobSource } from './resource-key.ts'

const key = cleanText(limits.keyBytesMax, 1)
const source = cleanText(limits.nameLengthMax, 1)

/** Markdown. */
const text = cleanText(limits.noteLengthMax, 1).refine((words) => words.trim() !== '', 'more than blanks')

/** What a note is about. Kinds are added here; a reader passes over those that it does not know. */
export const noteSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job') }),
  /** A point as it was logged. */
  z.object({
    kind: z.literal('point'),
    key: z.string(),
    source: z.string(),
    branch: z.int(),
    step: z.number(),
    epoch: z.number().nullable(),
    /** Server's clock, ms. */
    time: z.number(),
    value: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]),
  }),
  z.object({ kind: z.literal('checkpoint'), id: z.int(), name: z.string(), step: z.number() }),
])
export type NoteSubject = z.infer<typeof noteSubject>

/** Axes on which a point can be named. */
export const noteAxes = ['step', 'epoch', 'relative', 'wall'] as const

/** What a new note is about. A point is the last one at or before the place that is named, else the first of its series. */
export const newNoteSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('job') }),
  z.object({
    kind: z.literal('point'),
    key,
    source: source.default(jobSource),
    x: z.enum(noteAxes).default('step'),
    /** Place on `x`: a step, an epoch, or ms since the start or since 1970. */
    at: z.number(),
  }),
  z.object({ kind: z.literal('checkpoint'), id: z.int().min(1) }),
])

export const noteCreate = z.object({ text, subject: newNoteSubject.default({ kind: 'job' }) })
export type NoteCreate = z.input<typeof noteCreate>
export const notePatch = z.object({ text })

const person = z.object({ id: z.int(), name: z.string() })

export const note = z.object({
  id: z.int(),
  author: person,
  /** Server's clock, ms. */
  created: z.number(),
  /** Who changed the text last and when; null for one that stands as it was written. */
  edited: z.object({ at: z.number(), by: person }).nullable(),
  text: z.string(),
  subject: noteSubject,
})
export type Note = z.infer<typeof note>

export const noteQuery = z.object({
  kind: z.enum(['job', 'point', 'checkpoint']).optional(),
  /** Those on this checkpoint alone. */
  checkpoint: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(limits.notePageMax).default(100),
  /** From `next` of the page before. */
  cursor: z.coerce.number().int().min(1).optional(),
})
export type NoteQuery = z.input<typeof noteQuery>

/** Newest first. */
export const notePage = z.object({
  notes: z.array(note),
  /** All of the job, whatever was asked for. */
  total: z.int(),
  next: z.int().nullable(),
})
export type NotePage = z.infer<typeof notePage>
